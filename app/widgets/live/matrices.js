// The weights that a live robot uses at the moment, and along each matrix what it reads, above, and what comes out, at its
// right: a cell for each number.
import { element, picture } from "../dom.js";
import { indexOf } from "../palette/palette.js";

export const READ = 4; // an observation, as the network reads it, at which its colour is full
const LARGEST = 4; // pixels of a cell
const STRIP = 8; // pixels
const GAP = 14;

const paint = (canvas, values, columns, limit, pixels) => {
  const rows = values.length / columns;
  if (canvas.width !== columns || canvas.height !== rows)
    Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const to = new Uint32Array(image.data.buffer);
  for (let i = 0; i < to.length; i++) to[i] = pixels[indexOf(values[i], limit)];
  context.putImageData(image, 0, 0);
};
const setSize = (canvas, width, height) => {
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
};

// The side of a cell, so that the widest matrix fits.
export const cellOf = (shapes, width) =>
  Math.min(LARGEST, ...shapes.map(({ columns }) => (width - STRIP - 2) / columns));

export const createMatrices = (parent) => {
  const text = "The weights in use, above each matrix what goes in, at its right what comes out.";
  element("p", "", parent, text);
  const box = element("div", "matrices", parent);
  box.style.gap = `${GAP}px`;
  let shown = [];
  let limit = 1;
  let painted = null; // the theme that the weights are painted in

  const setWeights = (layers) => {
    const before = shown;
    shown = layers.map(({ weight, bias }, i) => {
      if (before[i]) return { ...before[i], weight, rows: bias.length };
      const figure = element("figure", "", box);
      element("figcaption", "", figure, `W${i + 1}`);
      const input = element("canvas", "", figure);
      const matrix = picture(figure, `Weights of layer ${i + 1}, as they are in use`);
      const output = element("canvas", "", figure);
      // What they show is said of the rows above.
      for (const strip of [input, output]) strip.setAttribute("aria-hidden", "true");
      return { input, matrix, output, weight, rows: bias.length };
    });
    for (const one of shown) one.columns = one.weight.length / one.rows;
    limit = 0.6 * Math.max(...shown.flatMap(({ weight }) => Array.from(weight, Math.abs)));
    painted = null;
  };
  // values: what went through each layer last; width: pixels that there are.
  const draw = (values, theme, width) => {
    if (!shown.length) return;
    const size = cellOf(shown, width);
    shown.forEach(({ input, matrix, output, weight, rows, columns }, i) => {
      if (painted !== theme) paint(matrix, weight, columns, limit, theme.pixels);
      paint(input, values[i], columns, i ? 1 : READ, theme.pixels);
      paint(output, values[i + 1], 1, 1, theme.pixels);
      setSize(input, columns * size, STRIP);
      setSize(matrix, columns * size, rows * size);
      setSize(output, STRIP, rows * size);
    });
    painted = theme;
  };
  return { setWeights, draw };
};
