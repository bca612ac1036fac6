// Networks side by side as pictures of their matrices, and a pointer that marks the same neurons in every panel.
// `weights.py` says what `data` holds.
import { decode } from "../arrays.js";
import { element, picture } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { BIAS, BIAS_GAP, patchAt } from "../matrix/geometry.js";
import { Matrix } from "../matrix/matrix.js";
import { inverse } from "../matrix/orders.js";
import { groupOf, groupsText, makeScale, signed } from "../matrix/words.js";
import { themeOf } from "../palette/palette.js";
import { addSaveButtons } from "../save_figure/save_figure.js";
import { makeSlider } from "./slider.js";

const LARGEST_CELL = 8;
const SMALLEST_CELL = 1;
const TALLEST = 460; // pixels of a panel's matrices, where cells can be made that small

// The largest cell, in device pixels, with which a panel's matrices fit its width and a fair height.
const cellSize = (layers, width, ratio) => {
  for (let pixels = Math.floor(LARGEST_CELL * ratio); ; pixels--) {
    const cell = pixels / ratio;
    let x = 0;
    let line = 0;
    let height = 0;
    let tooWide = false;
    for (const layer of layers) {
      const w = (layer.columns + BIAS_GAP + 1) * cell;
      const h = layer.rows * cell + 60;
      if (w > width) tooWide = true;
      if (x > 0 && x + w > width) {
        height += line + 14;
        x = 0;
        line = 0;
      }
      x += w + 16;
      line = Math.max(line, h);
    }
    if ((!tooWide && height + line <= TALLEST) || pixels <= SMALLEST_CELL * ratio) return pixels;
    // Nothing gets smaller than two pixels only to save height: it may grow taller instead.
    if (!tooWide && cell <= 2) return pixels;
  }
};

const describe = (data, { panel, matrix, l }, cell) => {
  const { row, column } = cell;
  const last = l === panel.layers.length - 1;
  const to = last ? `action ${data.actions[row]}` : `neuron ${row}`;
  const place = `${panel.title}. ${panel.layers[l].name}, row ${row}`;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${place}, bias of ${to}: ${value}`;
  const group = groupOf(data.groups, column);
  const from = l > 0 ? `neuron ${column}` : `observation ${column} (${group ? group[0] : "?"})`;
  const patch = patchAt(data.patch, cell);
  return `${place}, column ${column}: ${value}, patch (${patch.row}, ${patch.column}), from ${from} to ${to}`;
};

// Where a cell of one panel is in another: its neurons have other places there. null where a network
// of other widths has no such neuron.
const elsewhere = (from, to, l, { row, column }) => {
  const last = from.layers.length - 1;
  if ((l === last) !== (l === to.layers.length - 1)) return null;
  const place = (layer, index) => {
    if (layer < 0 || layer >= last || index === BIAS) return index;
    return to.places[layer][from.layers[layer].neurons[index]];
  };
  const there = { row: place(l, row), column: place(l - 1, column) };
  return there.row === undefined || there.column === undefined ? null : there;
};

const build = (root) => {
  let data = null;
  let box = null;
  let scale = null;
  let views = []; // of one matrix each
  let marked = null; // {view, cell}
  let slider = null; // shuffles the first panel

  const draw = () => {
    for (const view of views) {
      let cell = null;
      if (marked?.view.panel === view.panel && marked.view.l === view.l) cell = marked.cell;
      else if (marked?.view.l === view.l && data.linked)
        cell = elsewhere(marked.view.panel, view.panel, view.l, marked.cell);
      view.matrix.draw({ cell });
    }
  };

  const listen = (view) => {
    const { canvas } = view.matrix;
    const point = (event) => {
      const cell = view.matrix.at(event);
      if (!cell) return;
      marked = { view, cell };
      scale.readout.textContent = describe(data, view, cell);
      draw();
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", () => {
      marked = null;
      scale.readout.textContent = data.hint;
      draw();
    });
  };

  const addMatrix = (list, panel, layer, l) => {
    const figure = element("figure", "matrix", list);
    const caption = element("figcaption", "", figure);
    element("b", "", caption, `${layer.name} ${layer.rows}\u00d7${layer.columns}`);
    element("span", "", caption, layer.role);
    const label = `${panel.title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns`;
    const groups = l === 0 ? data.groups : [];
    const matrix = new Matrix(picture(figure, label), { shape: layer, patch: data.patch, groups });
    const view = { panel, l, matrix };
    listen(view);
    views.push(view);
  };

  const addPanel = (sent) => {
    const panel = {
      ...sent,
      layers: sent.layers.map((layer) => ({
        ...layer,
        cells: decode(layer.weights, "<f4"),
        biases: decode(layer.biases, "<f4"),
        scale: 1,
      })),
      places: sent.layers.map(({ neurons }) => inverse(neurons)),
    };
    const section = element("section", "panel", box);
    element("h3", "", section, panel.title);
    element("p", "", section, panel.caption);
    const list = element("div", "matrices", section);
    panel.layers.forEach((layer, l) => {
      addMatrix(list, panel, layer, l);
    });
  };

  const paint = (theme) => {
    for (const { panel, l, matrix } of views) {
      const order = slider && panel === views[0].panel ? { order: slider.orders()[l] } : {};
      matrix.paint(panel.layers[l], theme, { limit: data.limit, ...order });
    }
  };

  const addSlider = () => {
    const { layers } = views[0].panel;
    slider = makeSlider(box, data.shuffle, layers, () => {
      paint(themeOf(root));
      draw();
      root.dataset.shuffled = slider.percent();
    });
    box.prepend(slider.bar);
    root.dataset.shuffled = 0;
  };

  return {
    show: (sent, _call, same) => {
      if (same) return;
      const percent = slider?.percent() ?? 0;
      data = sent;
      views = [];
      marked = null;
      slider = null;
      root.dataset.of = data.of;
      root.replaceChildren();
      delete root.dataset.drawn;
      delete root.dataset.shuffled;
      box = element("div", "panels", root);
      data.panels.forEach(addPanel);
      if (data.shuffle) {
        addSlider();
        // Who shuffles and then asks for another network still looks at shuffled neurons.
        slider.set(percent);
      }
      scale = makeScale(root);
      scale.setLimit(data.limit);
      scale.readout.textContent = data.hint;
      const legend =
        "Rows are neurons, columns what they read; the strip beside a matrix is its biases. Lines mark the patches " +
        `of ${data.patch}\u00d7${data.patch}. Bars under W1, left to right: ${groupsText(data.groups)}.`;
      element("p", "legend", root, legend);
      addSaveButtons(root, () => ({ name: data.file, title: data.title }));
    },
    layOut: () => {
      const theme = themeOf(root);
      const width = box.querySelector(".panel").clientWidth - 2;
      for (const { panel, matrix } of views)
        matrix.place(cellSize(panel.layers, width, window.devicePixelRatio || 1));
      paint(theme);
      scale.paint(theme);
      draw();
      root.dataset.drawn = "true";
    },
  };
};

export default livingPart("weights", build);
