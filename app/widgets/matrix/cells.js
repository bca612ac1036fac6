// The numbers of a layer and their colours. A layer is {rows, columns, cells, biases, scale}: its numbers are whole
// parts, `scale` is the size of one.
import { decode } from "../arrays.js";
import { indexOf } from "../palette/palette.js";
import { BIAS } from "./geometry.js";
import { identity } from "./orders.js";

export const asItIs = ({ rows, columns }) => ({ rows: identity(rows), columns: identity(columns) });

// The matrix and the biases as `matrix.py` and the page of alignment send them.
export const decodeParts = (parts) => ({
  ...parts,
  cells: decode(parts.cells, "<i2"),
  biases: decode(parts.biases, "<i2"),
});

export const valueAt = ({ columns, cells, biases, scale }, order, row, column) => {
  const from = order.rows[row];
  return (column === BIAS ? biases[from] : cells[from * columns + order.columns[column]]) * scale;
};

const painted = (layer, order, limit, pixels, columns) => {
  const out = new Uint32Array(layer.rows * columns.length);
  for (let row = 0, i = 0; row < layer.rows; row++)
    for (const column of columns)
      out[i++] = pixels[indexOf(valueAt(layer, order, row, column), limit)];
  return out;
};

// A pixel for each cell, row by row.
export const paintCells = (layer, order, limit, pixels) =>
  painted(layer, order, limit, pixels, identity(layer.columns));

// A pixel for each bias.
export const paintBiases = (layer, order, limit, pixels) =>
  painted(layer, order, limit, pixels, [BIAS]);

// One patch as a layer of its own, smaller at the matrix's ends, empty beyond.
export const cutPatch = (layer, order, patch, { row, column }) => {
  const [top, left] = [row * patch, column * patch];
  const rows = Math.max(0, Math.min(patch, layer.rows - top));
  const columns = Math.max(0, Math.min(patch, layer.columns - left));
  const cells = new layer.cells.constructor(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      cells[r * columns + c] =
        layer.cells[order.rows[top + r] * layer.columns + order.columns[left + c]];
  return { rows, columns, cells, scale: layer.scale };
};

// A layer's biases as a matrix of equal columns.
export const biasMatrix = ({ rows, biases, scale }, columns) => ({
  rows,
  columns,
  cells: biases.constructor.from(
    { length: rows * columns },
    (_, i) => biases[Math.floor(i / columns)],
  ),
  scale,
});
