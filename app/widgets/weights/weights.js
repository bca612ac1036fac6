// Networks side by side as pictures of their matrices, and a pointer that marks the same neurons in every panel.
// `weights.py` says what `data` holds.
import { decode } from "../arrays.js";
import { element, picture } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { BIAS, BIAS_GAP, cellByKey, patchAt } from "../matrix/geometry.js";
import { makeInspector } from "../matrix/inspector.js";
import { Matrix } from "../matrix/matrix.js";
import { inverse } from "../matrix/orders.js";
import { groupOf, groupsText, makeScale, signed } from "../matrix/words.js";
import { themeOf } from "../palette/palette.js";
import { addSaveButtons } from "../save_figure/save_figure.js";
import { makeSlider } from "./slider.js";

const LARGEST_CELL = 8;
const SMALLEST_CELL = 1;
const TALLEST = 460; // pixels of a panel's matrices, where cells can be made that small
const TEXT = 60; // pixels of the lines above a matrix
const NAME_WIDTH = 84; // pixels that the text above a narrow matrix takes

// How large figures may be here: a page may allow more, for a screen that is seen from afar.
const limitsOf = (root) => {
  const style = getComputedStyle(root);
  const share = Number.parseFloat(style.getPropertyValue("--figure-share"));
  return {
    largest: Number.parseFloat(style.getPropertyValue("--largest-cell")) || LARGEST_CELL,
    tallest: share ? share * window.innerHeight : TALLEST,
    text: share
      ? 1.7 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
      : TEXT,
  };
};

// The largest cell, in device pixels, with which a panel's matrices fit its width and a fair height.
const cellSize = (layers, width, ratio, { largest, tallest, text }) => {
  for (let pixels = Math.floor(largest * ratio); ; pixels--) {
    const cell = pixels / ratio;
    let x = 0;
    let line = 0;
    let height = 0;
    let tooWide = false;
    for (const layer of layers) {
      const w = Math.max(NAME_WIDTH, (layer.columns + BIAS_GAP + 1) * cell);
      const h = layer.rows * cell + text;
      if (w > width) tooWide = true;
      if (x > 0 && x + w > width) {
        height += line + 14;
        x = 0;
        line = 0;
      }
      x += w + 16;
      line = Math.max(line, h);
    }
    if ((!tooWide && height + line <= tallest) || pixels <= SMALLEST_CELL * ratio) return pixels;
    // Nothing gets smaller than two pixels only to save height: it may grow taller instead.
    if (!tooWide && cell <= 2) return pixels;
  }
};

const sourceOf = (data, l, column) => {
  if (l > 0) return `neuron ${column}`;
  const group = groupOf(data.groups, column);
  return `observation ${column} (${group ? group[0] : "?"})`;
};

const targetOf = (data, panel, l, row) =>
  l === panel.layers.length - 1 ? `action ${data.actions[row]}` : `neuron ${row}`;

const describe = (data, { panel, matrix, l }, cell) => {
  const { row, column } = cell;
  const to = targetOf(data, panel, l, row);
  const place = `${panel.title}. ${panel.layers[l].name}, row ${row}`;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${place}, bias of ${to}: ${value}`;
  const patch = patchAt(data.patch, cell);
  const from = sourceOf(data, l, column);
  return `${place}, column ${column}: ${value}, patch (${patch.row}, ${patch.column}), from ${from} to ${to}`;
};

// The same in few words, for beside the pointer.
const inShort = (data, { panel, matrix, l }, cell) => {
  const { row, column } = cell;
  const to = targetOf(data, panel, l, row);
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${value}\nbias of ${to}`;
  return `${value}\n${sourceOf(data, l, column)} \u2192 ${to}`;
};

// The place of the number that is furthest from zero.
const strongest = (count, at) => {
  let best = 0;
  for (let i = 1; i < count; i++) if (Math.abs(at(i)) > Math.abs(at(best))) best = i;
  return best;
};

// What the card says of a weight and of its neuron, name and text of each line.
const inspect = (data, views, view, cell) => {
  const { panel, l, matrix } = view;
  const { row, column } = cell;
  const lines = [["value", signed(matrix.valueAt(cell))]];
  for (const other of views) {
    if (other.panel === panel || other.l !== l || !data.linked) continue;
    const there = elsewhere(panel, other.panel, l, cell);
    const what = there ? signed(other.matrix.valueAt(there)) : "no such neuron";
    lines.push([other.panel.title || "beside", what]);
  }
  if (column !== BIAS) {
    const patch = patchAt(data.patch, cell);
    lines.push(["patch", `(${patch.row}, ${patch.column})`], ["from", sourceOf(data, l, column)]);
  }
  const to = targetOf(data, panel, l, row);
  lines.push(["to", to]);
  const reads = strongest(panel.layers[l].columns, (c) => matrix.valueAt({ row, column: c }));
  const read = signed(matrix.valueAt({ row, column: reads }));
  lines.push([`${to} reads most`, `${sourceOf(data, l, reads)}: ${read}`]);
  if (column !== BIAS) lines.push(["its bias", signed(matrix.valueAt({ row, column: BIAS }))]);
  const next = views.find((one) => one.panel === panel && one.l === l + 1);
  if (next) {
    const goes = strongest(panel.layers[l + 1].rows, (r) =>
      next.matrix.valueAt({ row: r, column: row }),
    );
    const gone = signed(next.matrix.valueAt({ row: goes, column: row }));
    lines.push(["is read most by", `${targetOf(data, panel, l + 1, goes)}: ${gone}`]);
  }
  return lines;
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
  let pinned = null; // the same, once it is to stay
  let inspector = null;
  let slider = null; // shuffles the first panel

  const draw = () => {
    const now = marked || pinned;
    for (const view of views) {
      let cell = null;
      let line = null;
      if (now) {
        const at = (l, here) => {
          if (now.view.panel === view.panel) return here;
          return data.linked ? elsewhere(now.view.panel, view.panel, l, here) : null;
        };
        if (now.view.l === view.l) cell = at(view.l, now.cell);
        // The neuron of a row is read by a column of the next layer.
        if (now.view.l === view.l - 1)
          line = at(view.l - 1, { row: now.cell.row, column: BIAS })?.row ?? null;
      }
      view.matrix.draw({ cell, line });
    }
  };

  const say = () => {
    const now = marked || pinned;
    scale.readout.textContent = now ? describe(data, now.view, now.cell) : data.hint;
    if (marked) {
      const { view, cell } = marked;
      inspector.say(inShort(data, view, cell), view.matrix.boxOf(cell));
    } else inspector.hush();
    draw();
  };

  const pin = (to) => {
    pinned = to;
    marked = null;
    if (to) {
      const { view, cell } = to;
      const { name } = view.panel.layers[view.l];
      const which = cell.column === BIAS ? "bias" : `column ${cell.column}`;
      const heading = `${name}, row ${cell.row}, ${which}`;
      const close = () => {
        pin(null);
        view.matrix.canvas.focus({ preventScroll: true });
      };
      const lines = inspect(data, views, view, cell);
      // Beside the matrix, so that the cell's neighbours are still seen.
      const box = { ...view.matrix.boxOf(cell) };
      const bounds = view.matrix.canvas.getBoundingClientRect();
      Object.assign(box, { left: bounds.left, width: bounds.width });
      inspector.pin(heading, lines, box, close);
    } else inspector.unpin();
    say();
  };

  const listen = (view) => {
    const { canvas } = view.matrix;
    const point = (event) => {
      const cell = view.matrix.at(event);
      if (!cell) return;
      marked = { view, cell };
      say();
    };
    const leave = () => {
      marked = null;
      say();
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", leave);
    canvas.addEventListener("click", (event) => {
      const cell = view.matrix.at(event);
      if (cell) pin({ view, cell });
    });
    canvas.addEventListener("focus", () => {
      if (!canvas.matches(":focus-visible")) return;
      marked = pinned?.view === view ? pinned : { view, cell: { row: 0, column: 0 } };
      say();
    });
    canvas.addEventListener("blur", leave);
    canvas.addEventListener("keydown", (event) => {
      const from = marked || (pinned?.view === view ? pinned : null);
      if (event.key === "Escape" && pinned) pin(null);
      else if (event.key === "Enter" && from) pin(from);
      else {
        const cell = cellByKey(
          view.matrix.geometry,
          from?.cell || { row: 0, column: 0 },
          event.key,
        );
        if (!cell) return;
        marked = { view, cell };
        say();
      }
      event.preventDefault();
    });
  };

  const addMatrix = (list, panel, layer, l) => {
    const figure = element("figure", "matrix", list);
    const caption = element("figcaption", "", figure);
    element("b", "", caption, `${layer.name} ${layer.rows}\u00d7${layer.columns}`);
    element("span", "", caption, layer.role);
    const label =
      `${panel.title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns. ` +
      "Arrow keys go from weight to weight, Enter pins one.";
    const groups = l === 0 ? data.groups : [];
    const matrix = new Matrix(picture(figure, label), { shape: layer, patch: data.patch, groups });
    matrix.canvas.tabIndex = 0;
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
    if (panel.caption) element("p", "", section, panel.caption);
    else element("span", "", section);
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
      if (pinned) pin(pinned); // another neuron stands there now
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
      pinned = null;
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
      inspector = makeInspector(root);
    },
    layOut: () => {
      const theme = themeOf(root);
      const width = box.querySelector(".panel").clientWidth - 2;
      const limits = limitsOf(root);
      for (const { panel, matrix } of views)
        matrix.place(cellSize(panel.layers, width, window.devicePixelRatio || 1, limits));
      paint(theme);
      scale.paint(theme);
      if (pinned) pin(pinned);
      draw();
      root.dataset.drawn = "true";
    },
  };
};

export default livingPart("weights", build);
