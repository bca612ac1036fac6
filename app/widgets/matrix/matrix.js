// A weight matrix as a picture, cell for cell: one colour scale, the patch grid as hairlines, the biases as a strip,
// bars under the parts of the input, the neurons in any order, and a mark.
import { asItIs, paintBiases, paintCells, valueAt } from "./cells.js";
import { BIAS, cellAt, cornerOf, geometryOf } from "./geometry.js";

// A small canvas with a pixel for each cell.
const canvasOf = (pixels, columns, rows) => {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  new Uint32Array(image.data.buffer).set(pixels);
  context.putImageData(image, 0, 0);
  return canvas;
};

export class Matrix {
  /**
   * @param {HTMLCanvasElement} canvas to draw on
   * @param {object} how
   * @param {{rows: number, columns: number}} how.shape of the picture; a layer may be smaller, its rest stays clear
   * @param {number} how.patch cells of a patch's side; 0 draws no grid
   * @param {Array<[string, number, number]>} how.groups name and half-open range of columns of the input's parts
   * @param {boolean} how.bias whether there is a strip of biases
   * @param {boolean} how.outline whether there is a line around
   */
  constructor(canvas, { shape, patch = 0, groups = [], bias = true, outline = true }) {
    Object.assign(this, { canvas, shape, patch, groups, bias, outline });
  }

  // Sets the canvas for cells of so many device pixels.
  place(size) {
    const { canvas, shape, bias, outline } = this;
    const ratio = window.devicePixelRatio || 1;
    this.geometry = geometryOf(shape, { size, ratio, bias, outline, bars: this.groups.length > 0 });
    const { width, height } = this.geometry.whole;
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${width / ratio}px`;
  }

  // Takes a layer's numbers, in the colours of a theme; `draw` shows them.
  paint(layer, theme, { limit, biasLimit = limit, order = asItIs(layer) }) {
    const { rows, columns } = layer;
    Object.assign(this, { layer, order, theme });
    this.cells =
      rows && columns
        ? canvasOf(paintCells(layer, order, limit, theme.pixels), columns, rows)
        : null;
    this.biases = this.bias
      ? canvasOf(paintBiases(layer, order, biasLimit, theme.pixels), 1, rows)
      : null;
  }

  // mark: {cell: {row, column}} with its row and column, {patch: {row, column}}, {line}, a column alone, or {row}.
  draw(mark = {}) {
    if (!this.theme || !this.geometry) return;
    const { layer, geometry } = this;
    const { width, height, strip, size, whole } = geometry;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, whole.width, whole.height);
    context.imageSmoothingEnabled = false;
    if (this.cells) context.drawImage(this.cells, 0, 0, layer.columns * size, layer.rows * size);
    if (this.biases) context.drawImage(this.biases, strip, 0, size, height);
    // Lines would hide cells that are no larger than they are.
    if (this.patch && size > 1) this.#drawGrid(context);
    if (this.outline) {
      context.lineWidth = 1;
      context.strokeStyle = this.#ink(0.35);
      context.strokeRect(0.5, 0.5, width, height);
      if (this.biases) context.strokeRect(strip + 0.5, 0.5, size, height);
    }
    if (geometry.bars) this.#drawBars(context);
    if (mark.line !== undefined && mark.line !== null) this.#markLine(context, mark.line);
    if (mark.row !== undefined && mark.row !== null) this.#markRow(context, mark.row);
    if (mark.cell) this.#markCell(context, mark.cell);
    if (mark.patch) this.#markPatch(context, mark.patch);
  }

  // The cell under a pointer, or null.
  at(event) {
    if (!this.geometry) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / bounds.width;
    return cellAt(
      this.geometry,
      (event.clientX - bounds.left) * scale,
      (event.clientY - bounds.top) * scale,
    );
  }

  // Where a cell is in the window, in CSS pixels.
  boxOf({ row, column }) {
    const bounds = this.canvas.getBoundingClientRect();
    const scale = bounds.width / this.canvas.width;
    const { x, y } = cornerOf(this.geometry, row, column);
    const side = this.geometry.size * scale;
    return {
      left: bounds.left + x * scale,
      top: bounds.top + y * scale,
      width: side,
      height: side,
    };
  }

  valueAt({ row, column }) {
    return valueAt(this.layer, this.order, row, column);
  }

  #ink(opacity) {
    return `rgba(${this.theme.ink}, ${opacity})`;
  }

  #drawGrid(context) {
    const { rows, columns, width, height, size } = this.geometry;
    context.fillStyle = this.#ink(0.2);
    for (let column = 0; column <= columns; column += this.patch)
      context.fillRect(column * size, 0, 1, height);
    for (let row = 0; row <= rows; row += this.patch) context.fillRect(0, row * size, width, 1);
  }

  // In two shades, so that neighbours are told apart.
  #drawBars(context) {
    const { size, bars } = this.geometry;
    this.groups.forEach(([, start, end], i) => {
      context.fillStyle = this.#ink(i % 2 ? 0.25 : 0.6);
      context.fillRect(start * size + 1, bars.top, (end - start) * size - 1, bars.height);
    });
  }

  #markCell(context, { row, column }) {
    const { width, height, size, ratio } = this.geometry;
    const { x, y } = cornerOf(this.geometry, row, column);
    context.fillStyle = this.#ink(0.14);
    context.fillRect(0, y, width, size);
    if (column !== BIAS) context.fillRect(x, 0, size, height);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.strokeStyle = this.#ink(1);
    context.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
  }

  // What the next layer reads of a neuron.
  #markLine(context, column) {
    const { height, size, ratio } = this.geometry;
    context.fillStyle = this.#ink(0.14);
    context.fillRect(column * size, 0, size, height);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.strokeStyle = this.#ink(0.6);
    context.strokeRect(column * size - 0.5, -0.5, size + 1, height + 1);
  }

  // What a neuron reads.
  #markRow(context, row) {
    const { width, size, ratio } = this.geometry;
    context.fillStyle = this.#ink(0.14);
    context.fillRect(0, row * size, width, size);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.strokeStyle = this.#ink(0.6);
    context.strokeRect(-0.5, row * size - 0.5, width + 1, size + 1);
  }

  #markPatch(context, { row, column }) {
    const { width, height, size, ratio } = this.geometry;
    const side = this.patch * size;
    const [left, top] = [column * side, row * side];
    if (left >= width || top >= height) return;
    const thick = Math.max(2, Math.round(2 * ratio));
    context.lineWidth = thick;
    context.strokeStyle = this.theme.accent;
    context.strokeRect(
      left + thick / 2,
      top + thick / 2,
      Math.min(width, left + side) - left - thick + 1,
      Math.min(height, top + side) - top - thick + 1,
    );
  }
}
