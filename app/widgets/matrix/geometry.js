// Where the cells of a drawn matrix are, in the canvas's own pixels; a row and a column say which cell.

export const BIAS_GAP = 2; // cells between a matrix and its strip of biases
export const BIAS = -1; // the strip, as a column

/**
 * @param {{rows: number, columns: number}} shape of the matrix
 * @param {{size: number, ratio: number, bias: boolean, bars: boolean, outline: boolean}} how pixels of a cell, device
 *   pixels of a CSS pixel, whether there is a strip of biases, bars below, and a line around
 */
export const geometryOf = ({ rows, columns }, { size, ratio, bias, bars, outline }) => {
  const width = columns * size;
  const height = rows * size;
  const strip = bias ? width + BIAS_GAP * size : null;
  const edge = outline ? 1 : 0;
  const thin = Math.round(2 * ratio);
  return {
    rows,
    columns,
    size,
    ratio,
    width,
    height,
    strip,
    bars: bars ? { top: height + edge + thin, height: Math.max(2, thin) } : null,
    whole: {
      width: (bias ? strip + size : width) + edge,
      height: height + edge + (bars ? Math.round(5 * ratio) : 0),
    },
  };
};

// The corner of a cell.
export const cornerOf = ({ size, strip }, row, column) => ({
  x: column === BIAS ? strip : column * size,
  y: row * size,
});

// The cell at a point, or null.
export const cellAt = ({ rows, columns, size, strip }, x, y) => {
  const row = Math.floor(y / size);
  const column = Math.floor(x / size);
  if (row < 0 || row >= rows || column < 0) return null;
  if (column < columns) return { row, column };
  // Half of the gap counts as biases: a strip of one cell is hard to hit.
  return strip !== null && column >= columns + BIAS_GAP - 1 ? { row, column: BIAS } : null;
};

// The patch, by its own row and column, in which a cell lies.
export const patchAt = (patch, { row, column }) => ({
  row: Math.floor(row / patch),
  column: Math.floor(column / patch),
});

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// The cell to which a key leads from another, or null where the key leads nowhere. The strip of biases comes after the
// last column; at an edge the cell stays.
export const cellByKey = ({ rows, columns, strip }, { row, column }, key) => {
  const last = strip === null ? columns - 1 : columns;
  const at = column === BIAS ? columns : column;
  const cell = (r, c) => ({ row: r, column: c === columns ? BIAS : c });
  if (key === "Home") return cell(row, 0);
  if (key === "End") return cell(row, last);
  const step = STEPS[key];
  if (!step) return null;
  const within = (value, most) => Math.max(0, Math.min(most, value));
  return cell(within(row + step[0], rows - 1), within(at + step[1], last));
};

/**
 * Where a box stands that says something about a cell: right of it, left of it where the right has no room, else below.
 *
 * @param {{left: number, top: number, width: number, height: number}} cell in the figure
 * @param {{width: number, height: number}} box that is placed
 * @param {{width: number}} room of the figure
 * @param {number} gap between both
 */
export const placeBeside = (cell, box, room, gap) => {
  const right = cell.left + cell.width + gap;
  if (right + box.width <= room.width) return { left: right, top: Math.max(0, cell.top) };
  const left = cell.left - gap - box.width;
  if (left >= 0) return { left, top: Math.max(0, cell.top) };
  return {
    left: Math.max(0, Math.min(cell.left, room.width - box.width)),
    top: cell.top + cell.height + gap,
  };
};
