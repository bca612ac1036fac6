// One flow: a scrubber over its steps, the matrices on the way and where the model would end, success by
// step. `figure.py` says what `data` holds. All steps are here; the server hears only where the scrubber rests.
import { element, picture } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { LineChart } from "../../widgets/line_chart/line_chart.js";
import { decodeParts } from "../../widgets/matrix/cells.js";
import { BIAS_GAP } from "../../widgets/matrix/geometry.js";
import { Matrix } from "../../widgets/matrix/matrix.js";
import { themeOf } from "../../widgets/palette/palette.js";
import { addSaveButtons } from "../../widgets/save_figure/save_figure.js";
import { makeScrubber } from "../../widgets/scrubber/scrubber.js";

const REST_MS = 350;
const PLAY_MS = 800;
const LARGEST_CELL = 7;
const PANELS = [
  ["noisy", "On the way", "The flow starts in noise. Look for bands that rise out of it."],
  [
    "predicted",
    "Where it would end from here",
    "What the model predicts at this step. Look at step 1: out of pure noise it sees nearly the whole network.",
  ],
];

const percent = (value) => `${Math.round(100 * value)} %`;

// Success against step, with intervals; the steps lie under the stops of the scrubber.
const successPlot = ({ times, trials }, step, width) => {
  const last = times.length - 1;
  const stops = times.map((_, i) => (last ? i / last : 0));
  const every = Math.ceil(times.length / 10);
  const words = PANELS.map(([name, title]) => {
    const known = trials[name].flatMap((trial, i) => (trial ? `step ${i + 1}, ${trial.text}` : []));
    return `${title}: ${known.join("; ") || "not tried yet"}`;
  });
  const told = (name, i) => trials[name][i]?.text ?? "not tried yet";
  return {
    frame: { width, height: 118, left: 40, right: 12, top: 10, bottom: 22 },
    label: `Success by step. ${words.join(". ")}`,
    range: [0, 1],
    stops,
    levels: [0, 0.5, 1].map((at) => ({ at, text: percent(at) })),
    ticks: stops.flatMap((at, i) =>
      i % every === 0 || i === last ? { at, text: String(i + 1), anchor: "middle" } : [],
    ),
    // Filled and solid: the prediction. Hollow and dashed: the network on the way.
    series: PANELS.map(([name]) => ({
      look: name,
      values: trials[name].map((trial) => trial?.rate ?? null),
      bounds: trials[name].map((trial) => trial && [trial.low, trial.high]),
      dots: true,
    })),
    marker: { stop: step, look: "line" },
    tell: (i) => `step ${i + 1}: ${told("noisy", i)}, predicted ${told("predicted", i)}`,
  };
};

const build = (root) => {
  let data = null;
  let at = 0;
  let send = () => {};
  let theme = null;
  let rest = null;
  let views = []; // of one matrix each
  const scrubber = makeScrubber(root, {
    label: "Step of the flow",
    milliseconds: PLAY_MS,
    onGo: (step, playing) => {
      at = step;
      paint();
      say();
      clearTimeout(rest);
      if (!playing) rest = setTimeout(() => send(step), REST_MS);
    },
  });
  const said = element("p", "said", root);
  said.setAttribute("role", "status");
  const line = element("div", "success", root);
  const chart = new LineChart(line);
  const panels = element("div", "panels", root);
  const legend = element("p", "legend", root);
  addSaveButtons(root, () => ({
    name: `${data.file}_step${at + 1}`,
    title: `${data.title}: from noise to weights`,
  }));

  const paint = () => {
    for (const { matrix, name, l } of views) {
      const layer = data.layers[l];
      const { limit, biasLimit } = layer;
      matrix.paint({ ...layer, ...layer.steps[name][at] }, theme, { limit, biasLimit });
      matrix.draw();
    }
    root.dataset.step = at;
  };

  const say = () => {
    const count = data.times.length;
    const [now, end] = PANELS.map(([name]) => data.trials[name][at]?.text ?? "\u2026");
    const noise = percent(1 - data.times[at]);
    const far =
      at === count - 1
        ? "The prediction is the result."
        : `The prediction differs from the result by ${percent(data.distances[at])}.`;
    said.replaceChildren();
    element("b", "", said, `Step ${at + 1} of ${count}. `);
    said.append(
      `${noise} of it is noise. On the way, success is ${now} (hollow); of the prediction, ${end} (filled). ${far}`,
    );
    scrubber.describe(`step ${at + 1} of ${count}`);
    chart.draw(successPlot(data, at, line.clientWidth || 600));
  };

  const buildPanels = () => {
    panels.replaceChildren();
    views = [];
    for (const [, title, caption] of PANELS) {
      const head = element("div", "", panels);
      element("h4", "", head, title);
      element("p", "", head, caption);
    }
    data.layers.forEach((layer, l) => {
      for (const [name, title] of PANELS) {
        const figure = element("figure", "", panels);
        element("figcaption", "", figure, `${layer.name} ${layer.rows}\u00d7${layer.columns}`);
        const label = `${title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns`;
        const matrix = new Matrix(picture(figure, label), { shape: layer, patch: layer.patch });
        views.push({ matrix, name, l });
      }
    });
    const { patch } = data.layers[0];
    legend.textContent =
      "Each matrix has one scale for all steps, noise and weights alike. Lines mark the patches of " +
      `${patch}\u00d7${patch}; the strip beside a matrix is its biases.`;
  };

  // The largest cell, in device pixels, with which a matrix fits its column.
  const sizeOf = ({ matrix: { canvas, shape } }) => {
    const ratio = window.devicePixelRatio || 1;
    const fits = (canvas.parentElement.clientWidth * ratio) / (shape.columns + BIAS_GAP + 1);
    return Math.max(1, Math.min(Math.floor(LARGEST_CELL * ratio), Math.floor(fits)));
  };

  return {
    show: (sent, { setStateValue }, same) => {
      send = (step) => setStateValue("rest", { flow: sent.key, step });
      if (same) {
        data = { ...data, trials: sent.trials };
        say();
        return;
      }
      clearTimeout(rest); // of the flow before
      const decoded = (steps) =>
        Object.fromEntries(
          Object.entries(steps).map(([name, all]) => [name, all.map(decodeParts)]),
        );
      const layers = sent.layers.map((layer) => ({ ...layer, steps: decoded(layer.steps) }));
      data = { ...sent, layers };
      at = data.times.length - 1;
      scrubber.set(data.times.length, at);
      buildPanels();
    },
    layOut: () => {
      theme = themeOf(root);
      for (const view of views) view.matrix.place(sizeOf(view));
      paint();
      say();
      root.dataset.drawn = "true";
    },
    close: () => {
      scrubber.stop();
      clearTimeout(rest);
    },
  };
};

export default livingPart("noise", build);
