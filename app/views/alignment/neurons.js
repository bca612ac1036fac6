// The neurons of one hidden layer: who belongs to whom, how well, how like all are to all, and the numbers.
import { element, picture } from "../../widgets/dom.js";
import { LineChart } from "../../widgets/line_chart/line_chart.js";
import { rangeOf, short } from "../../widgets/line_chart/scales.js";

const RIBBONS = { width: 210, height: 360 };
const BARS = { height: 120 };
const SIMILAR = 250; // CSS pixels of a matrix of similarities
const ROWS = 200; // of the table, around the marked neuron
const FRAME = { width: 250, height: 110, left: 36, right: 8, top: 8, bottom: 18 };
const SAID = {
  ribbons:
    "Left the reference's neurons, right this network's in its own order. Faint: without a partner.",
  bars: "Residual of every neuron: 0 the same weights, 1 unrelated. Below the dashed line noise hardly ever comes.",
};

const evenly = (count) => Array.from({ length: count }, (_, i) => i / Math.max(1, count - 1));
const number = (value) => (value < 0 ? "\u2013" : value.toFixed(3));
const least = ({ incoming, whole }, i) => (whole[i] < 0 ? 1 : Math.min(incoming[i], whole[i]));

const sized = (canvas, width, height) => {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};

const within = (canvas, event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};

const conditionsOf = (hidden, neuron) => {
  const words = [];
  const [mine, theirs] = hidden.health;
  const partner = hidden.partner[neuron];
  for (const [whose, health, which] of [
    ["in the reference", mine, neuron],
    ["in this network", theirs, partner],
  ]) {
    if (health.dead.includes(which)) words.push(`dead ${whose}`);
    if (health.constant.includes(which)) words.push(`hardly varies ${whose}`);
    const pair = health.duplicates.find((both) => both.includes(which));
    if (pair) words.push(`takes the same as ${pair.find((one) => one !== which)} ${whose}`);
  }
  return words.join("; ");
};

// Round ends of a chart for these numbers, and names at its sides.
export const axesOf = (numbers, ends) => {
  const [low, high] = rangeOf(numbers);
  return {
    range: [low, high],
    levels: [
      { at: low, text: short(low) },
      { at: high, text: short(high), look: "bare" },
    ],
    ticks: [
      { at: 0, text: ends[0], anchor: "start" },
      { at: 1, text: ends[1], anchor: "end" },
    ],
  };
};

export const makeNeurons = (parent, mark) => {
  const root = element("section", "neurons", parent);
  const tabs = element("div", "tabs", root);
  tabs.dataset.control = "";
  tabs.setAttribute("role", "radiogroup");
  tabs.setAttribute("aria-label", "Hidden layer");
  const body = element("div", "neurons-body", root);
  const figure = (name, title, said) => {
    const made = element("figure", name, body);
    element("figcaption", "", made, title);
    const canvas = picture(made, title);
    canvas.tabIndex = 0;
    if (said) element("p", "", made, said);
    return canvas;
  };
  const ribbons = figure("ribbons", "Who belongs to whom", SAID.ribbons);
  const middle = element("div", "middle", body);
  const card = element("section", "card", middle);
  card.dataset.control = "";
  card.setAttribute("aria-live", "polite");
  const barsFigure = element("figure", "bars", middle);
  element("figcaption", "", barsFigure, "How well");
  const bars = picture(barsFigure, "Residual of every neuron");
  element("p", "", barsFigure, SAID.bars);
  const charts = element("div", "small-charts", middle);
  const chart = (title) => {
    const made = element("figure", "", charts);
    element("figcaption", "", made, title);
    return new LineChart(made);
  };
  const spectrum = chart("Singular values of the matrix");
  const histogram = chart("Weights");
  const similarPlace = element("div", "similar", body);
  const details = element("details", "numbers", root);
  details.dataset.control = "";
  element("summary", "", details, "The permutation as a table");
  const tableBox = element("div", "table", details);
  let data = null;
  let similar = [];
  let layer = 0;

  const hiddenNow = () => data?.pair.hidden[layer];
  const step = (by) => (event) => {
    const moves = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    mark(layer, (by() ?? -1) + move);
  };
  let marked = null;
  for (const canvas of [ribbons, bars])
    canvas.addEventListener(
      "keydown",
      step(() => marked),
    );
  bars.tabIndex = 0;
  ribbons.addEventListener("click", (event) => {
    const hidden = hiddenNow();
    if (!hidden) return;
    const [x, y] = within(ribbons, event);
    if (x < 0.5) mark(layer, Math.min(hidden.width - 1, Math.floor(y * hidden.width)));
    else {
      const own = Math.floor(y * hidden.ownWidth);
      const at = hidden.partner.indexOf(own);
      if (at >= 0) mark(layer, at);
    }
  });
  bars.addEventListener("click", (event) => {
    const hidden = hiddenNow();
    if (hidden) mark(layer, Math.floor(within(bars, event)[0] * hidden.width));
  });

  const drawRibbons = (hidden, { ink, accent }) => {
    const { width, height } = RIBBONS;
    const context = sized(ribbons, width, height);
    const colour = (alpha) => `rgba(${ink}, ${alpha})`;
    const left = (i) => ((i + 0.5) / hidden.width) * height;
    const right = (i) => ((i + 0.5) / hidden.ownWidth) * height;
    const line = (i, look, thick) => {
      const to = hidden.partner[i];
      if (to < 0) return;
      context.strokeStyle = look;
      context.lineWidth = thick;
      context.setLineDash(hidden.found[i] ? [] : [2, 4]);
      context.beginPath();
      context.moveTo(12, left(i));
      context.bezierCurveTo(width / 2, left(i), width / 2, right(to), width - 12, right(to));
      context.stroke();
    };
    for (let i = 0; i < hidden.width; i++) {
      const near = 1 - Math.min(1, least(hidden, i));
      line(i, colour(hidden.found[i] ? 0.25 + 0.55 * near : 0.12), hidden.found[i] ? 1.2 : 0.8);
    }
    context.setLineDash([]);
    context.fillStyle = colour(0.75);
    const tall = (count) => Math.max(1, Math.min(4, height / count - 1));
    for (let i = 0; i < hidden.width; i++) {
      context.fillStyle = colour(hidden.found[i] ? 0.75 : 0.25);
      context.fillRect(4, left(i) - tall(hidden.width) / 2, 8, tall(hidden.width));
    }
    context.fillStyle = colour(0.75);
    for (let i = 0; i < hidden.ownWidth; i++)
      context.fillRect(width - 12, right(i) - tall(hidden.ownWidth) / 2, 8, tall(hidden.ownWidth));
    if (marked !== null) line(marked, accent, 3);
  };

  const drawBars = (hidden, { ink, accent }) => {
    const width = Math.max(160, middle.clientWidth);
    const { height } = BARS;
    const context = sized(bars, width, height);
    const one = width / hidden.width;
    const y = (value) => height - 4 - Math.min(1.2, value) * ((height - 10) / 1.2);
    for (let i = 0; i < hidden.width; i++) {
      context.fillStyle = i === marked ? accent : `rgba(${ink}, ${hidden.found[i] ? 0.75 : 0.3})`;
      const top = y(Math.max(0.012, least(hidden, i)));
      context.fillRect(i * one, top, Math.max(1, one - (one > 3 ? 1 : 0)), height - 4 - top);
    }
    context.strokeStyle = `rgba(${ink}, 0.6)`;
    context.setLineDash([4, 3]);
    const limit = y(Math.min(...hidden.limits));
    context.beginPath();
    context.moveTo(0, limit);
    context.lineTo(width, limit);
    context.stroke();
  };

  const drawSimilar = (hidden, { pixels, accent }) => {
    similar.forEach(({ canvas }, index) => {
      const { rows, columns, cells, steps } = hidden.similar[index];
      const small = document.createElement("canvas");
      [small.width, small.height] = [columns, rows];
      const inner = small.getContext("2d");
      const image = inner.createImageData(columns, rows);
      const half = (pixels.length - 1) / 2;
      new Uint32Array(image.data.buffer).set(
        Uint32Array.from(cells, (value) => pixels[Math.round(half + (half * value) / 127)]),
      );
      inner.putImageData(image, 0, 0);
      const height = Math.round((SIMILAR * rows) / Math.max(rows, columns));
      const width = Math.round((SIMILAR * columns) / Math.max(rows, columns));
      const context = sized(canvas, width, height);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, width, height);
      if (marked === null) return;
      context.strokeStyle = accent;
      const [tall, wide] = [height / rows, width / columns];
      context.strokeRect(0, Math.floor(marked / steps[0]) * tall, width, Math.max(2, tall));
      const partner = hidden.partner[marked];
      if (partner >= 0)
        context.strokeRect(Math.floor(partner / steps[1]) * wide, 0, Math.max(2, wide), height);
    });
  };

  const drawCharts = (hidden) => {
    const [mine, theirs] = hidden.spectra;
    if (mine && theirs) {
      const long = mine.length >= theirs.length ? mine : theirs;
      const filled = (values) => long.map((_, i) => values[i] ?? null);
      spectrum.draw({
        frame: FRAME,
        label: `Singular values, the largest ${short(mine[0])} in the reference, ${short(theirs[0])} in this network`,
        ...axesOf([...mine, ...theirs], ["1", `${long.length}`]),
        stops: evenly(long.length),
        series: [
          { look: "ghost", values: filled(mine) },
          { look: "main", values: filled(theirs) },
        ],
        tell: (i) =>
          `${i + 1}: ${short(mine[i] ?? 0)} in the reference, ${short(theirs[i] ?? 0)} here`,
      });
    } else spectrum.clear("Singular values of a matrix this large are not computed.");
    const { edge, mine: ours, theirs: other } = hidden.histogram;
    histogram.draw({
      frame: FRAME,
      label: "Share of weights by their size",
      ...axesOf([...ours, ...other], [`\u2212${short(edge)}`, short(edge)]),
      stops: evenly(ours.length),
      series: [
        { look: "ghost", values: ours },
        { look: "main", values: other },
      ],
      tell: (i) =>
        `${(100 * ours[i]).toFixed(1)} % in the reference, ${(100 * other[i]).toFixed(1)} % here`,
    });
  };

  const drawCard = (hidden) => {
    card.replaceChildren();
    if (marked === null) {
      const without = hidden.found.reduce((count, one) => count + !one, 0);
      const extra = hidden.extra.length;
      element(
        "b",
        "",
        card,
        `Layer ${layer + 1}: ${hidden.width - without} of ${hidden.width} neurons have a partner`,
      );
      const more = extra
        ? ` ${extra} of this network's neurons have no place in the reference.`
        : "";
      element(
        "p",
        "",
        card,
        `Click a neuron anywhere to mark it everywhere; arrow keys go on from it.${more}`,
      );
      return;
    }
    const head = element("div", "head", card);
    element("b", "", head, `Neuron ${marked} of layer ${layer + 1}`);
    const close = element("button", "", head, "Close");
    close.type = "button";
    close.addEventListener("click", () => mark(layer, null));
    const list = element("dl", "", card);
    const add = (name, text) => {
      element("dt", "", list, name);
      element("dd", "", list, text);
    };
    const partner = hidden.partner[marked];
    add(
      "Partner",
      partner < 0
        ? "none: the layer is smaller"
        : `neuron ${partner}${hidden.found[marked] ? "" : ", no closer than noise"}`,
    );
    const factor = hidden.factor[marked];
    if (Math.abs(factor - 1) > 1e-4)
      add("Undone", factor === -1 ? "opposite sign" : `factor ${factor.toPrecision(3)}`);
    add(
      "Incoming",
      `${number(hidden.incoming[marked])}, noise from ${hidden.limits[0].toFixed(3)}`,
    );
    add("Outgoing", number(hidden.outgoing[marked]));
    add("Both", `${number(hidden.whole[marked])}, noise from ${hidden.limits[1].toFixed(3)}`);
    const condition = conditionsOf(hidden, marked);
    if (condition) add("Note", condition);
  };

  const drawTable = (hidden) => {
    tableBox.replaceChildren();
    if (!details.open) return;
    const start = Math.max(0, Math.min((marked ?? 0) - ROWS / 2, hidden.width - ROWS));
    const table = element("table", "", tableBox);
    const head = element("tr", "", element("thead", "", table));
    for (const name of [
      "neuron",
      "partner",
      "factor",
      "incoming",
      "outgoing",
      "both",
      "has a partner",
    ])
      element("th", "", head, name);
    const rows = element("tbody", "", table);
    for (let i = start; i < Math.min(hidden.width, start + ROWS); i++) {
      const row = element("tr", i === marked ? "marked" : "", rows);
      const partner = hidden.partner[i] < 0 ? "\u2013" : hidden.partner[i];
      const cells = [i, partner, Number(hidden.factor[i].toPrecision(4))];
      cells.push(
        ...[hidden.incoming, hidden.outgoing, hidden.whole].map((values) => number(values[i])),
      );
      cells.push(hidden.found[i] ? "yes" : "no");
      for (const cell of cells) element("td", "", row, String(cell));
      row.addEventListener("click", () => mark(layer, i));
    }
    if (hidden.width > ROWS)
      element(
        "p",
        "",
        tableBox,
        `Rows ${start} to ${start + ROWS - 1}; neurons.csv has all ${hidden.width}.`,
      );
  };
  details.addEventListener("toggle", () => hiddenNow() && drawTable(hiddenNow()));

  return {
    root,
    build: (next) => {
      data = next;
      const { hidden } = data.pair;
      root.hidden = hidden.length === 0;
      tabs.replaceChildren();
      hidden.forEach((_, l) => {
        const label = element("label", "", tabs);
        const input = element("input", "", label);
        Object.assign(input, { type: "radio", name: "hidden-layer", value: l });
        input.addEventListener("change", () => mark(l, null));
        element("span", "", label, `Layer ${l + 1}`);
      });
      similarPlace.replaceChildren();
      similar = (hidden[0]?.similar ?? []).map(({ by }, index) => {
        const made = element("figure", "", similarPlace);
        const title = by === "weights" ? "How like all are to all, by weights" : "By activations";
        element("figcaption", "", made, title);
        const canvas = picture(made, title);
        element(
          "p",
          "",
          made,
          "Rows the reference's neurons, columns this network's in its own order.",
        );
        canvas.addEventListener("click", (event) => {
          const { rows, steps } = hiddenNow().similar[index];
          mark(layer, Math.floor(within(canvas, event)[1] * rows) * steps[0]);
        });
        return { canvas };
      });
    },
    draw: (next, state, theme) => {
      data = next;
      if (!data.pair.hidden.length) return;
      layer = Math.min(state.layer, data.pair.hidden.length - 1);
      marked = state.layer === layer ? state.neuron : null;
      tabs.querySelectorAll("input").forEach((input, l) => {
        input.checked = l === layer;
      });
      const hidden = hiddenNow();
      drawRibbons(hidden, theme);
      drawBars(hidden, theme);
      drawSimilar(hidden, theme);
      drawCharts(hidden);
      drawCard(hidden);
      drawTable(hidden);
    },
  };
};
