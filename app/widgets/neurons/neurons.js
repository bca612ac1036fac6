// The first layer's neurons of several networks as pictures: one row a network, one column a place. A pointer marks the
// same place in every row. `neurons.py` says what `data` holds.
import { decode } from "../arrays.js";
import { element, picture } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { paintCells } from "../matrix/cells.js";
import { identity } from "../matrix/orders.js";
import { makeScale } from "../matrix/words.js";
import { themeOf } from "../palette/palette.js";
import { addSaveButtons } from "../save_figure/save_figure.js";

const build = (root) => {
  let data = null;
  let rows = [];
  let scale = null;

  const mark = (place) => {
    for (const { tiles } of rows)
      tiles.forEach(({ cell }, i) => {
        cell.dataset.marked = i === place;
      });
    scale.readout.textContent = place === null ? data.hint : `Neuron ${place} of each network`;
  };

  const addRow = (parent, sent) => {
    const [height, width] = data.picture;
    const weights = decode(sent.weights, "<f4");
    const section = element("section", "row", parent);
    const head = element("div", "head", section);
    element("b", "", head, sent.title);
    if (sent.caption) element("span", "", head, sent.caption);
    const list = element("div", "tiles", section);
    const tiles = Array.from({ length: weights.length / (height * width) }, (_, i) => {
      const cell = element("figure", "", list);
      const label = `${sent.title}: what neuron ${i} of the first layer looks for`;
      const canvas = picture(cell, label);
      canvas.height = height;
      canvas.width = width;
      cell.addEventListener("pointerenter", () => mark(i));
      cell.addEventListener("pointerdown", () => mark(i));
      cell.addEventListener("pointerleave", () => mark(null));
      const cells = weights.subarray(i * height * width, (i + 1) * height * width);
      return { cell, canvas, layer: { rows: height, columns: width, cells } };
    });
    return { tiles };
  };

  return {
    show: (sent, _call, same) => {
      if (same) return;
      data = sent;
      root.dataset.of = data.of;
      delete root.dataset.drawn;
      root.replaceChildren();
      const box = element("div", "rows", root);
      box.style.setProperty("--tiles", data.tiles);
      rows = data.rows.map((row) => addRow(box, row));
      scale = makeScale(root);
      scale.setLimit(data.limit);
      scale.readout.textContent = data.hint;
      addSaveButtons(root, () => ({ name: data.file, title: data.title }));
    },
    layOut: () => {
      const theme = themeOf(root);
      const [height, width] = data.picture;
      const order = { rows: identity(height), columns: identity(width) };
      for (const { tiles } of rows)
        for (const { canvas, layer } of tiles) {
          const context = canvas.getContext("2d");
          const image = context.createImageData(width, height);
          const pixels = paintCells({ ...layer, scale: 1 }, order, data.limit, theme.pixels);
          new Uint32Array(image.data.buffer).set(pixels);
          context.putImageData(image, 0, 0);
        }
      scale.paint(theme);
      root.dataset.drawn = "true";
    },
  };
};

export default livingPart("neurons", build);
