// One flow: a scrubber over its steps, the matrices on the way and where the model would end, success by
// step. `figure.py` says what `data` holds. All steps are here; the server hears only where the scrubber rests.

const REST_MS = 350;
const PLAY_MS = 800;
const LARGEST_CELL = 7;
const PANELS = [
  ["noisy", "On the way", "The flow starts in noise. Look for bands that rise out of it."],
  ["predicted", "Where it would end from here",
    "What the model predicts at this step. Look at step 1: out of pure noise it sees nearly the whole network."],
];

const percent = (value) => `${Math.round(100 * value)} %`;

// Success against step, with intervals; the steps lie under the stops of the scrubber.
const drawLine = (box, data, step) => {
  const width = box.clientWidth || 600, height = 118, top = 10, bottom = 96, left = 40, right = 12;
  const count = data.times.length;
  const x = (i) => left + (count === 1 ? 0 : (i / (count - 1)) * (width - left - right));
  const y = (rate) => bottom - rate * (bottom - top);
  const svg = shape("svg", {}, null);
  const known = (name) => data.trials[name].map((t, i) => [t, i]).filter(([t]) => t);
  const words = PANELS.map(([name, title]) => `${title}: ` +
    (known(name).map(([t, i]) => `step ${i + 1}, ${t.text}`).join("; ") || "not tried yet")).join(". ");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Success by step. ${words}`);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  [0, 0.5, 1].forEach((rate) => {
    shape("line", { class: "axis", x1: left, x2: width - right, y1: y(rate), y2: y(rate) }, svg);
    shape("text", { x: left - 6, y: y(rate) + 4, "text-anchor": "end" }, svg, percent(rate));
  });
  shape("line", { class: "now", x1: x(step), x2: x(step), y1: top - 6, y2: bottom }, svg);
  const every = Math.ceil(count / 10);
  data.times.forEach((_, i) => {
    if (i % every === 0 || i === count - 1)
      shape("text", { x: x(i), y: 112, "text-anchor": "middle" }, svg, String(i + 1));
  });
  // Filled and solid: the prediction. Hollow and dashed: the network on the way.
  PANELS.forEach(([name]) => {
    const points = known(name).map(([t, i]) => `${x(i)},${y(t.rate)}`).join(" ");
    shape("polyline", { class: `curve ${name}`, points }, svg);
    data.trials[name].forEach((trial, i) => {
      if (!trial) { shape("circle", { class: "waiting", cx: x(i), cy: y(0), r: 4 }, svg); return; }
      shape("line", { class: "whisker", x1: x(i), x2: x(i), y1: y(trial.low), y2: y(trial.high) }, svg);
      shape("circle", { class: `dot ${name}`, cx: x(i), cy: y(trial.rate), r: 4 }, svg);
    });
  });
  box.replaceChildren(svg);
};

const build = (root) => {
  const scrubber = makeScrubber(root, { label: "Step of the flow", milliseconds: PLAY_MS, onGo: (step, playing) => go(step, playing) });
  const said = element("p", "said", root);
  said.setAttribute("role", "status");
  const line = element("div", "line", root);
  const panels = element("div", "panels", root);
  const legend = element("p", "legend", root);
  addSaveButtons(root, () => ({
    name: `${view.data.file}_step${view.step + 1}`, title: `${view.data.title}: from noise to weights`,
  }));
  const view = { data: null, step: 0, send: () => {}, canvases: [], theme: null, rest: null };

  const paint = () => {
    const { layers } = view.data;
    view.canvases.forEach(({ canvas, name, l }) => {
      const layer = layers[l], now = layer.steps[name][view.step];
      const ratio = window.devicePixelRatio || 1;
      const fits = (canvas.parentElement.clientWidth * ratio) / (layer.columns + 3);
      const size = Math.max(1, Math.min(Math.floor(LARGEST_CELL * ratio), Math.floor(fits)));
      const width = layer.columns * size, height = layer.rows * size, strip = width + 2 * size;
      canvas.width = strip + size + 1;
      canvas.height = height + 1;
      canvas.style.width = `${canvas.width / ratio}px`;
      const context = canvas.getContext("2d");
      const matrix = { ...layer, cells: now.cells, biases: now.biases };
      const order = { rows: identity(layer.rows), columns: identity(layer.columns) };
      const whole = { row: 0, column: 0, rows: layer.rows, columns: layer.columns, x: 0, y: 0 };
      paintMatrix(context, matrix, order, layer.limit, view.pixels, size, whole);
      paintBiases(context, matrix, order, layer.biasLimit, view.pixels, size, strip);
      context.fillStyle = `rgba(${view.theme.ink}, 0.2)`;
      for (let c = 0; c <= layer.columns; c += layer.patch) context.fillRect(c * size, 0, 1, height);
      for (let r = 0; r <= layer.rows; r += layer.patch) context.fillRect(0, r * size, width, 1);
      context.strokeStyle = `rgba(${view.theme.ink}, 0.35)`;
      context.strokeRect(0.5, 0.5, width, height);
      context.strokeRect(strip + 0.5, 0.5, size, height);
    });
    root.dataset.step = view.step;
  };

  const say = () => {
    const { data, step } = view;
    const count = data.times.length;
    const [now, end] = PANELS.map(([name]) => (data.trials[name][step] || { text: "\u2026" }).text);
    const noise = percent(1 - data.times[step]);
    const far = step === count - 1 ? "The prediction is the result." :
      `The prediction differs from the result by ${percent(data.distances[step])}.`;
    said.replaceChildren();
    element("b", "", said, `Step ${step + 1} of ${count}. `);
    said.append(`${noise} of it is noise. On the way, success is ${now} (hollow); of the prediction, ` +
      `${end} (filled). ${far}`);
    scrubber.describe(`step ${step + 1} of ${count}`);
    drawLine(line, data, step);
  };

  const go = (step, playing) => {
    view.step = step;
    paint();
    say();
    clearTimeout(view.rest);
    if (!playing) view.rest = setTimeout(() => view.send(step), REST_MS);
  };

  const layOut = () => {
    if (!root.clientWidth || !view.data) return;
    view.theme = themeOf(root);
    view.pixels = pixelsOf(view.theme.colours);
    paint();
    say();
    root.dataset.drawn = "true";
  };

  view.show = (data, send) => {
    view.send = send;
    const same = view.data && view.data.key === data.key;
    if (same) { view.data = { ...view.data, trials: data.trials }; say(); return; }
    view.data = {
      ...data,
      layers: data.layers.map((layer) => ({
        ...layer,
        steps: Object.fromEntries(Object.entries(layer.steps).map(([name, steps]) => [name,
          steps.map((s) => ({ cells: decodeAs(Int16Array, s.cells), biases: decodeAs(Int16Array, s.biases) }))])),
      })),
    };
    view.step = data.times.length - 1;
    scrubber.set(data.times.length, view.step);
    panels.replaceChildren();
    view.canvases = [];
    PANELS.forEach(([, title, caption]) => {
      const head = element("div", "", panels);
      element("h4", "", head, title);
      element("p", "", head, caption);
    });
    data.layers.forEach((layer, l) => PANELS.forEach(([name, title]) => {
      const figure = element("figure", "", panels);
      element("figcaption", "", figure, `${layer.name} ${layer.rows}\u00d7${layer.columns}`);
      const canvas = element("canvas", "", figure);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns`);
      view.canvases.push({ canvas, name, l });
    }));
    legend.textContent = `Each matrix has one scale for all steps, noise and weights alike. Lines mark the patches of ` +
      `${data.layers[0].patch}\u00d7${data.layers[0].patch}; the strip beside a matrix is its biases.`;
    layOut();
  };
  const resized = new ResizeObserver(layOut);
  // A change of theme changes the text colour; the transition tells of it.
  root.style.transition = "color 1ms";
  view.open = () => { resized.observe(root); root.addEventListener("transitionend", layOut); };
  view.close = () => {
    scrubber.stop();
    clearTimeout(view.rest);
    resized.disconnect();
    root.removeEventListener("transitionend", layOut);
  };
  return view;
};

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".noise");
  if (!root.view) root.view = build(root);
  root.view.open();
  root.view.show(data, (step) => setStateValue("step", step));
  return root.view.close;
}
