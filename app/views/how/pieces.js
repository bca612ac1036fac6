// Where the pieces of matrices are, whole, cut and in one row. Nothing here draws.
import { BIAS } from "../../widgets/matrix/geometry.js";

const between = (a, b, t) => a + (b - a) * t;
const eased = (t) => t * t * (3 - 2 * t);

/**
 * The patches of all matrices and the parts of their biases, in the order of the sequence, each with its place when the
 * matrices are whole (`whole`), when they are cut (`cut`) and in the sequence (`to`); what stands above each matrix; and the height of all of it.
 *
 * @param {Array<{rows: number, columns: number}>} layers of the network
 * @param {number} patch cells of a patch's side
 * @param {{cell: number, width: number, gap: number, head: number}} how pixels of a cell, of a line, between pieces, and
 *   above each matrix and each line of the sequence
 */
export const piecesOf = (layers, patch, { cell, width, gap, head }) => {
  const pieces = [];
  const heights = { matrices: 0, row: 0 };
  const heads = [];
  let x = 0;
  let y = head;
  let tallest = 0;
  layers.forEach(({ rows, columns }, l) => {
    const down = Math.ceil(rows / patch);
    const across = Math.ceil(columns / patch);
    const wide = (columns + 2) * cell + (across + 1) * gap;
    const tall = rows * cell + down * gap;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += tallest + head + gap;
      tallest = 0;
    }
    heads.push({ l, x, y: y - head });
    const add = (r, c) => {
      const bias = c === BIAS;
      const left = bias ? (columns + 1) * cell : c * patch * cell;
      const top = r * patch * cell;
      pieces.push({
        l,
        row: r,
        column: c,
        rows: Math.min(patch, rows - r * patch),
        columns: bias ? 1 : Math.min(patch, columns - c * patch),
        whole: { x: x + left, y: y + top },
        cut: { x: x + left + (bias ? across : c) * gap, y: y + top + r * gap },
      });
    };
    for (let r = 0; r < down; r++) for (let c = 0; c < across; c++) add(r, c);
    for (let r = 0; r < down; r++) add(r, BIAS);
    x += wide + 3 * gap;
    tallest = Math.max(tallest, tall);
  });
  heights.matrices = y + tallest;

  let left = 0;
  let line = 0;
  const tile = patch * cell;
  for (const piece of pieces) {
    const wide = Math.max(piece.columns * cell, head); // its number has room as well
    if (left > 0 && left + wide > width) {
      left = 0;
      line += 1;
    }
    piece.to = { x: left, y: head + line * (tile + gap + head) };
    left += wide + gap;
  }
  heights.row = head + (line + 1) * (tile + gap + head);
  return { pieces, heads, height: Math.max(heights.matrices, heights.row) };
};

// Where a piece is at a moment from 0, whole, to 1, in the sequence: first it is cut off, then it goes to its place,
// the first pieces first.
export const placeAt = ({ whole, cut, to }, moment, number, count) => {
  const CUT = 0.3;
  if (moment <= CUT) {
    const t = eased(moment / CUT);
    return { x: between(whole.x, cut.x, t), y: between(whole.y, cut.y, t) };
  }
  const late = (0.5 * number) / Math.max(1, count - 1);
  const t = eased(Math.max(0, Math.min(1, ((moment - CUT) / (1 - CUT) - late) / 0.5)));
  return { x: between(cut.x, to.x, t), y: between(cut.y, to.y, t) };
};
