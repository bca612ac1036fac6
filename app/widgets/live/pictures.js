// The weights of a live robot's network as pictures, one a layer and one scale for all, where it stands outside the app.
import { element, picture } from "../dom.js";
import { Matrix } from "../matrix/matrix.js";
import { themeOf } from "../palette/palette.js";
import { networkOf } from "./network.js";

const CELL = 7; // pixels
const NARROW = 760; // pixels of the place: cells are half as large there

// Returns {draw, close}.
export const drawWeights = (place, data) => {
  const { layers } = networkOf(data.network);
  const limit = Math.max(...layers.flatMap(({ weight }) => Array.from(weight, Math.abs))) * 0.6;
  const made = layers.map(({ weight, bias }, i) => {
    const figure = element("figure", "", place);
    const [rows, columns] = [bias.length, weight.length / bias.length];
    element("figcaption", "", figure, `W${i + 1} ${rows}\u00d7${columns}`);
    const canvas = picture(figure, `Weights of layer ${i + 1}`);
    const shape = { rows, columns };
    const matrix = new Matrix(canvas, { shape, patch: data.patch });
    return { matrix, layer: { ...shape, cells: weight, biases: bias, scale: 1 } };
  });
  const draw = () => {
    if (!place.clientWidth) return;
    const theme = themeOf(place);
    const cell = place.clientWidth < NARROW ? CELL / 2 : CELL;
    for (const { matrix, layer } of made) {
      matrix.place(Math.round(cell * (window.devicePixelRatio || 1)));
      matrix.paint(layer, theme, { limit });
      matrix.draw();
    }
  };
  const resized = new ResizeObserver(draw);
  resized.observe(place);
  const ending = new AbortController();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, {
    signal: ending.signal,
  });
  return {
    draw,
    close: () => {
      resized.disconnect();
      ending.abort();
    },
  };
};
