// The matrices of a pair, layer by layer: the reference, the other as it is, aligned, and the difference that is left.
import { element, picture } from "../../widgets/dom.js";
import { BIAS } from "../../widgets/matrix/geometry.js";
import { makeInspector } from "../../widgets/matrix/inspector.js";
import { Matrix } from "../../widgets/matrix/matrix.js";
import { endOf, makeScale, signed } from "../../widgets/matrix/words.js";

const SHOWN = [
  ["mine", "Reference"],
  ["theirs", "As it is"],
  ["aligned", "Aligned"],
  ["residual", "Difference left"],
];
const LARGEST = 5; // CSS pixels of a cell
const TALLEST = 360; // CSS pixels of a matrix
const GAP = 16;
const HINT = "Point at a cell for its weight; click for its neuron.";

export const makeLayers = (parent, mark) => {
  const root = element("section", "layers", parent);
  const grid = element("div", "", root);
  const scale = makeScale(root);
  scale.readout.textContent = HINT;
  const note = element("p", "legend", root);
  const inspector = makeInspector(root);
  let views = [];

  const say = (data, view, cell) => {
    const { l, matrix, title, layer } = view;
    const [up, across] = layer.steps;
    const row = cell.row * up;
    const from =
      cell.column === BIAS ? "bias" : `${l ? "neuron" : "input"} ${cell.column * across}`;
    const to = l < data.pair.layers.length - 1 ? `neuron ${row}` : `output ${row}`;
    const gone = cell.column !== BIAS && view.part.missing[cell.row * layer.columns + cell.column];
    const value = gone ? "nothing here" : signed(matrix.valueAt(cell));
    scale.readout.textContent = `${title}, W${l + 1}, ${to}, ${from}: ${value}`;
    inspector.say(`${value}\n${to}, ${from}`, matrix.boxOf(cell));
  };

  const listen = (data, view) => {
    const { matrix, l, layer } = view;
    matrix.canvas.addEventListener("pointermove", (event) => {
      const cell = matrix.at(event);
      if (cell) say(data, view, cell);
    });
    matrix.canvas.addEventListener("pointerleave", () => {
      scale.readout.textContent = HINT;
      inspector.hush();
    });
    matrix.canvas.addEventListener("click", (event) => {
      const cell = matrix.at(event);
      if (!cell) return;
      // Of the last matrix the neuron is the one that is read.
      if (l < data.pair.layers.length - 1) mark(l, cell.row * layer.steps[0]);
      else if (cell.column !== BIAS) mark(l - 1, cell.column * layer.steps[1]);
    });
  };

  return {
    root,
    build: (data) => {
      grid.replaceChildren();
      views = [];
      scale.setLayers();
      data.pair.layers.forEach((layer, l) => {
        const row = element("div", "layer", grid);
        const heading = element("h4", "", row, `W${l + 1} `);
        element("span", "end", heading, `colours to ${endOf(data.pair.limits[l])}`);
        const pictures = element("div", "row", row);
        for (const [name, title] of SHOWN) {
          if (!layer[name]) continue;
          const figure = element("figure", "", pictures);
          element("figcaption", "", figure, title);
          const label = `${title}: W${l + 1}, ${layer.rows} rows, ${layer.columns} columns`;
          const matrix = new Matrix(picture(figure, label), { shape: layer });
          const view = { l, layer, matrix, name, title, part: layer[name] };
          listen(data, view);
          views.push(view);
        }
      });
      const step = Math.max(...data.pair.layers.flatMap(({ steps }) => steps));
      note.textContent =
        "Rows are neurons, columns what they read, the strip beside is biases. In the difference that is left, " +
        "background means the same weight. Each layer has a colour scale of its own, the same in all its pictures." +
        (step > 1 ? ` Of large layers every ${step}th neuron is drawn.` : "") +
        (data.pair.whole ? "" : " Only the layers that both networks have are compared.");
    },
    layOut: () => {
      const ratio = window.devicePixelRatio || 1;
      const phone = root.clientWidth < 600;
      const across = phone ? 2 : 4;
      const room = (root.clientWidth - across * GAP) / across;
      for (const { matrix, layer } of views) {
        const fit = Math.min(LARGEST, room / (layer.columns + 3), TALLEST / layer.rows);
        matrix.place(Math.max(1, Math.floor(fit * ratio)));
        // One that is wider than its place is made smaller.
        matrix.canvas.style.maxWidth = "100%";
      }
    },
    draw: (data, state, theme) => {
      scale.paint(theme);
      for (const { l, layer, matrix, part, name } of views) {
        matrix.paint(part, theme, { limit: data.pair.limits[l] });
        const place = (step) => Math.floor(state.neuron / step);
        // What is as it is has an order of its own.
        const none = state.neuron === null || name === "theirs";
        const row = !none && l === state.layer ? place(layer.steps[0]) : null;
        const line = !none && l === state.layer + 1 ? place(layer.steps[1]) : null;
        const own =
          name === "theirs" && state.neuron !== null ? ownPlace(data, state, l, layer) : {};
        matrix.draw({ row, line, ...own });
      }
    },
  };
};

// Where the marked neuron's partner stands in the network as it is.
const ownPlace = (data, state, l, layer) => {
  const hidden = data.pair.hidden[state.layer];
  const partner = hidden ? hidden.partner[state.neuron] : state.neuron;
  if (partner < 0) return {};
  if (l === state.layer && partner / layer.steps[0] < layer.rows)
    return { row: Math.floor(partner / layer.steps[0]) };
  if (l === state.layer + 1 && partner / layer.steps[1] < layer.columns)
    return { line: Math.floor(partner / layer.steps[1]) };
  return {};
};
