// The grid of matrices, rows networks and columns layers, in which a patch is chosen.
import { element, picture } from "../../widgets/dom.js";
import { BIAS, BIAS_GAP, patchAt } from "../../widgets/matrix/geometry.js";
import { makeInspector } from "../../widgets/matrix/inspector.js";
import { Matrix } from "../../widgets/matrix/matrix.js";
import { endOf, groupOf, groupsText, makeScale, signed } from "../../widgets/matrix/words.js";
import { themeOf } from "../../widgets/palette/palette.js";
import { makePatches } from "./patches.js";

// CSS pixels of a cell, and of all rows together where they can be so low.
const ALL = { largest: 6, tallest: 900 };
const ALONE = { largest: 10, tallest: 1800 }; // where one layer is shown
const HINT = "Point at a cell for its weight; click for its patch and its neuron.";
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const clamp = (value, most) => Math.max(0, Math.min(most, value));

// How many patches a layer has at most, over all networks.
export const patchCount = ({ networks, patch }, l) => {
  const most = (side) =>
    Math.ceil(Math.max(...networks.map(({ layers }) => layers[l][side])) / patch);
  return { rows: most("rows"), columns: most("columns") };
};

// The patch beside one; at the end of a matrix that of the next.
export const patchBeside = (kind, { l, row, column }, [down, across]) => {
  let to = l;
  let at = column + across;
  if (at < 0 && l > 0) {
    to = l - 1;
    at = patchCount(kind, to).columns - 1;
  } else if (at >= patchCount(kind, l).columns && l < kind.networks[0].layers.length - 1) {
    to = l + 1;
    at = 0;
  }
  const count = patchCount(kind, to);
  return { l: to, row: clamp(row + down, count.rows - 1), column: clamp(at, count.columns - 1) };
};

// The same in few words, for beside the pointer.
const inShort = ({ groups }, { l, matrix }, cell) => {
  const { row, column } = cell;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${value}\nbias of row ${row}`;
  const group = l === 0 && groupOf(groups, column);
  return `${value}\nrow ${row}, column ${column}${group ? ` (${group[0]})` : ""}`;
};

const describe = (kind, { n, l, matrix }, cell) => {
  const { row, column } = cell;
  const was = matrix.order.rows[row];
  const moved = was === row ? "" : `; this neuron was number ${was}`;
  const place = `Network ${n + 1}, W${l + 1}, row ${row}`;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${place}, bias: ${value}${moved}`;
  const patch = patchAt(kind.patch, cell);
  const group = l === 0 && groupOf(kind.groups, column);
  const from = group ? `, from ${group[0]}` : "";
  return `${place}, column ${column}: ${value}, patch (${patch.row}, ${patch.column})${from}${moved}`;
};

// The largest of some numbers, by size, and where it is.
const largest = (count, numberAt) => {
  let best = 0;
  for (let i = 1; i < count; i++) if (Math.abs(numberAt(i)) > Math.abs(numberAt(best))) best = i;
  return [best, numberAt(best)];
};

const norm = (count, numberAt) =>
  Math.sqrt(Array.from({ length: count }, (_, i) => numberAt(i) ** 2).reduce((a, b) => a + b, 0));

// Name and text of each line of the card that stays: the weight, and the neuron of its row.
const inspect = (kind, views, { n, l, layer, matrix }, { row, column }) => {
  const incoming = (c) => matrix.valueAt({ row, column: c });
  const [from, most] = largest(layer.columns, incoming);
  const lines = [["value", signed(matrix.valueAt({ row, column }))]];
  if (column !== BIAS) lines.push(["bias of the row", signed(incoming(BIAS))]);
  const was = matrix.order.rows[row];
  if (was !== row) lines.push(["was number", String(was)]);
  const group = l === 0 && groupOf(kind.groups, from);
  lines.push(["reads most of", `column ${from}${group ? ` (${group[0]})` : ""}: ${signed(most)}`]);
  lines.push(["norm of what it reads", norm(layer.columns, incoming).toFixed(3)]);
  const next = views.find((view) => view.n === n && view.l === l + 1);
  if (!next) return lines;
  const outgoing = (r) => next.matrix.valueAt({ row: r, column: row });
  const [to, strongest] = largest(next.layer.rows, outgoing);
  lines.push(["is read most by", `row ${to} of W${l + 2}: ${signed(strongest)}`]);
  lines.push(["norm of what reads it", norm(next.layer.rows, outgoing).toFixed(3)]);
  return lines;
};

// How wide each layer's matrices may be, and of how many device pixels their cells are: one size for all, or, where that
// would leave no room for all, each its own. The widest are made smaller then than a pixel a cell.
export const widthsOf = ({ cells, rows, room, ratio, limits = ALL }) => {
  const sum = (numbers) => numbers.reduce((a, b) => a + b);
  const low = Math.max(2, limits.tallest / rows);
  const fit = Math.min(limits.largest, room / sum(cells), low);
  if (fit * ratio >= 1) {
    const size = Math.floor(fit * ratio);
    return cells.map((count) => ({ size, most: Math.ceil((count * size) / ratio) }));
  }
  const shares = cells.map(Math.sqrt);
  return cells.map((count, l) => {
    const most = Math.floor((room * shares[l]) / sum(shares));
    const size = Math.max(1, Math.floor(Math.min(limits.largest, most / count, low) * ratio));
    return { size, most: Math.min(most, Math.ceil((count * size) / ratio)) };
  });
};

export const makePictures = (parent, onPatch) => {
  const grid = element("div", "grid", parent);
  grid.tabIndex = 0;
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "Weight matrices. Arrow keys choose a patch.");
  const scale = makeScale(parent);
  scale.readout.textContent = HINT;
  const legend = element("p", "legend", parent);
  const patches = makePatches(parent);
  const inspector = makeInspector(parent);
  let kind = null;
  let views = []; // of one matrix each
  let theme = null;
  let chosen = null;
  let pinned = null; // {view, cell}, the card that stays
  let alone = null; // the layer that is shown without the others
  let heads = []; // of the layers

  const showAlone = (l) => {
    alone = l;
    if (pinned && l !== null && pinned.view.l !== l) unpin();
    layOut();
    drawMarks();
  };

  const addHeads = () => {
    const depth = kind.networks[0].layers.length;
    grid.style.setProperty("--layers", depth);
    element("span", "corner", grid);
    for (let l = 0; l < depth; l++) {
      const from = l ? `layer ${l}` : kind.groups.length ? "observation" : "input";
      const to = l < depth - 1 ? `layer ${l + 1}` : kind.outputs.length ? "action" : "output";
      const head = element("span", "head", grid);
      const name = element("button", "", head, `W${l + 1}`);
      name.type = "button";
      name.addEventListener("click", () => showAlone(alone === l ? null : l));
      heads.push({ head, name });
      element("span", "", head, `${from} \u2192 ${to}`);
      const end = element("span", "end", head);
      element("span", "words", end, "colours to ");
      end.append(endOf(kind.limits[l]));
    }
  };

  const addNetwork = (network, n) => {
    const label = element("span", "label", grid);
    element("b", "", label, `${n + 1}`);
    element("span", "", label, network.label);
    label.title = network.label;
    network.layers.forEach((layer, l) => {
      const name = `Network ${n + 1}, W${l + 1}, ${layer.rows} rows, ${layer.columns} columns`;
      const groups = l === 0 ? kind.groups : [];
      const matrix = new Matrix(picture(grid, name), { shape: layer, patch: kind.patch, groups });
      const view = { n, l, layer, matrix };
      listen(view);
      views.push(view);
    });
  };

  const listen = (view) => {
    const { matrix, l } = view;
    matrix.canvas.addEventListener("pointermove", (event) => {
      const cell = matrix.at(event);
      if (!cell) return;
      scale.readout.textContent = describe(kind, view, cell);
      inspector.say(inShort(kind, view, cell), matrix.boxOf(cell));
    });
    matrix.canvas.addEventListener("pointerleave", () => {
      scale.readout.textContent = HINT;
      inspector.hush();
    });
    matrix.canvas.addEventListener("click", (event) => {
      const cell = matrix.at(event);
      if (!cell) return;
      pinned = { view, cell };
      if (cell.column !== BIAS) onPatch({ l, ...patchAt(kind.patch, cell) });
      else drawMarks();
    });
  };

  grid.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !chosen) return;
    event.preventDefault();
    const beside = patchBeside(kind, chosen, move);
    if (alone !== null && beside.l !== alone) showAlone(beside.l);
    onPatch(beside);
  });

  const unpin = () => {
    pinned = null;
    inspector.unpin();
    drawMarks();
  };
  grid.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned) unpin();
  });

  // The chosen patch, and the pinned neuron with what reads it.
  const drawMarks = () => {
    for (const { n, l, matrix } of views) {
      const mine = pinned && pinned.view.n === n;
      const row = mine && pinned.view.l === l ? pinned.cell.row : null;
      const line = mine && pinned.view.l === l - 1 ? pinned.cell.row : null;
      matrix.draw({ patch: chosen.l === l ? chosen : null, row, line });
    }
    if (!pinned) return;
    const { view, cell } = pinned;
    const heading = `Network ${view.n + 1}, W${view.l + 1}, row ${cell.row}`;
    // Beside the matrix, so that the cell's neighbours are still seen.
    const bounds = view.matrix.canvas.getBoundingClientRect();
    const box = { ...view.matrix.boxOf(cell), left: bounds.left, width: bounds.width };
    inspector.pin(heading, inspect(kind, views, view, cell), box, () => {
      unpin();
      grid.focus({ preventScroll: true });
    });
  };

  const layOut = () => {
    const ratio = window.devicePixelRatio || 1;
    theme = themeOf(parent);
    const { networks } = kind;
    const shown = networks[0].layers.map((_, l) => l).filter((l) => alone === null || alone === l);
    const cells = shown.map(
      (l) => Math.max(...networks.map(({ layers }) => layers[l].columns)) + BIAS_GAP + 1,
    );
    const heights = networks.map(({ layers }) => Math.max(...shown.map((l) => layers[l].rows)));
    const rows = heights.reduce((a, b) => a + b);
    heads.forEach(({ head, name }, l) => {
      head.hidden = !shown.includes(l);
      name.setAttribute("aria-pressed", alone === l);
      name.textContent = alone === l ? `W${l + 1} \u00d7` : `W${l + 1}`;
      name.title = alone === l ? "See all layers again" : `See W${l + 1} alone, larger`;
    });
    const label = Number.parseFloat(getComputedStyle(grid).getPropertyValue("--label-width")) || 0;
    const room = parent.clientWidth - label - 14 * shown.length - 2;
    const limits = alone === null ? ALL : ALONE;
    const widths = widthsOf({ cells, rows, room, ratio, limits });
    grid.style.setProperty("--columns", widths.map(({ most }) => `${most + 2}px`).join(" "));
    for (const { l, matrix } of views) {
      matrix.canvas.hidden = !shown.includes(l);
      // Placed all the same: a patch's picture is made of it.
      matrix.place(widths[Math.max(0, shown.indexOf(l))].size);
      matrix.canvas.style.maxWidth = "100%";
    }
    const bars =
      kind.groups.length && shown.includes(0)
        ? ` Bars under W1, left to right: ${groupsText(kind.groups)}.`
        : "";
    // Among the smallest cells there are none.
    const lines = widths.some(({ size }) => size > 1)
      ? ` Lines mark the patches of ${kind.patch}\u00d7${kind.patch}.`
      : "";
    legend.textContent = `Rows of a matrix are neurons, columns what they read; the strip beside it is its biases. Each layer has a colour scale of its own, the same for all networks.${lines}${bars}`;
    patches.layOut();
    scale.paint(theme);
  };

  return {
    build: (next) => {
      kind = next;
      pinned = null;
      inspector.unpin();
      views = [];
      heads = [];
      if (alone !== null && alone >= kind.networks[0].layers.length) alone = null;
      grid.replaceChildren();
      addHeads();
      kind.networks.forEach(addNetwork);
      patches.build(kind);
      scale.setLayers();
    },
    layOut,
    // `orders` of all layers of all networks; `selected` is a patch {l, row, column}.
    draw: (orders, selected) => {
      chosen = selected;
      for (const { n, l, layer, matrix } of views) {
        matrix.paint(layer, theme, { limit: kind.limits[l], order: orders[n][l] });
      }
      drawMarks();
      patches.draw(orders, theme, selected);
    },
  };
};
