// A network's matrices that are cut into patches, which line up as one sequence. A scrubber goes over the moments.
// `cutting.py` says what `data` holds.
import { decode } from "../../widgets/arrays.js";
import { picture } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { asItIs, paintBiases, paintCells } from "../../widgets/matrix/cells.js";
import { BIAS } from "../../widgets/matrix/geometry.js";
import { themeOf } from "../../widgets/palette/palette.js";
import { makeScrubber } from "../../widgets/scrubber/scrubber.js";
import { piecesOf, placeAt } from "./pieces.js";

const MOMENTS = 80;
const MOMENT_MS = 45;
const MOST_CELL = 7; // CSS pixels
const GAP = 8; // CSS pixels

// The cells of a layer as a canvas with a pixel for each.
const canvasOf = (pixels, columns, rows) => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  new Uint32Array(image.data.buffer).set(pixels);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
};

const build = (root) => {
  let data = null;
  let at = 0;
  let drawing = null; // {pieces, heads, pictures, ...} for the width and theme of the moment
  const scrubber = makeScrubber(root, {
    label: "From matrices to a sequence",
    milliseconds: MOMENT_MS,
    onGo: (moment) => {
      at = moment;
      draw();
    },
  });
  const canvas = picture(root);

  const draw = () => {
    if (!drawing) return;
    const { pieces, heads, pictures, cell, ratio, theme, type } = drawing;
    const moment = at / (MOMENTS - 1);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = false;
    context.font = `${type}px ${getComputedStyle(root).fontFamily}`;
    context.textBaseline = "top";
    const ink = (opacity) => `rgba(${theme.ink}, ${opacity})`;
    context.fillStyle = ink(Math.max(0, 1 - 4 * moment) * 0.8);
    heads.forEach(({ l, x, y }) => {
      const { name, rows, columns } = data.layers[l];
      context.fillText(`${name} ${rows}\u00d7${columns}`, x, y);
    });
    const numbers = Math.max(0, (moment - 0.85) / 0.15);
    pieces.forEach((piece, i) => {
      const { l, row, column } = piece;
      const { x, y } = placeAt(piece, moment, i, pieces.length);
      const source = column === BIAS ? pictures[l].biases : pictures[l].cells;
      const from = column === BIAS ? 0 : column * data.patch;
      const [width, height] = [piece.columns * cell, piece.rows * cell];
      context.drawImage(
        ...[source, from, row * data.patch, piece.columns, piece.rows],
        ...[x, y, width, height],
      );
      context.lineWidth = 1;
      context.strokeStyle = ink(0.3);
      context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
      if (numbers > 0) {
        context.fillStyle = ink(0.8 * numbers);
        context.fillText(String(i + 1), x, y - type * 1.25);
      }
    });
    scrubber.describe(moment < 0.3 ? "matrices" : moment < 1 ? "patches on their way" : "sequence");
    root.dataset.moment = moment.toFixed(2);
    root.dataset.drawn = "true";
  };

  return {
    show: (sent, _call, same) => {
      if (same) return;
      data = {
        ...sent,
        layers: sent.layers.map((layer) => ({
          ...layer,
          cells: decode(layer.weights, "<f4"),
          biases: decode(layer.biases, "<f4"),
          scale: 1,
        })),
      };
      at = 0;
      scrubber.set(MOMENTS, at);
      canvas.setAttribute("aria-label", data.label);
    },
    layOut: () => {
      const theme = themeOf(root);
      const ratio = window.devicePixelRatio || 1;
      const width = root.clientWidth;
      const style = getComputedStyle(root);
      const type = Number.parseFloat(style.fontSize);
      const share = Number.parseFloat(style.getPropertyValue("--figure-share")) || 0.7;
      const most = Number.parseFloat(style.getPropertyValue("--largest-cell")) || MOST_CELL;
      let cell = most;
      let laid;
      // As large as fits the height of the window; on a phone the figure may be taller.
      for (; ; cell -= 0.5) {
        laid = piecesOf(data.layers, data.patch, { cell, width, gap: GAP, head: type * 1.5 });
        if (laid.height <= 0.85 * share * window.innerHeight || cell <= 2.5) break;
      }
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(laid.height * ratio);
      canvas.style.width = `${width}px`;
      const pictures = data.layers.map((layer) => ({
        cells: canvasOf(
          paintCells(layer, asItIs(layer), data.limit, theme.pixels),
          layer.columns,
          layer.rows,
        ),
        biases: canvasOf(
          paintBiases(layer, asItIs(layer), data.limit, theme.pixels),
          1,
          layer.rows,
        ),
      }));
      const first = !drawing;
      drawing = { ...laid, pictures, cell, ratio, theme, type };
      draw();
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (first && still) scrubber.go(MOMENTS - 1);
      else if (first) scrubber.play();
    },
    close: scrubber.stop,
  };
};

export default livingPart("cutting", build);
