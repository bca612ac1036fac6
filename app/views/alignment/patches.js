// One patch of all networks side by side.
import { element, picture } from "../../widgets/dom.js";
import { cutPatch } from "../../widgets/matrix/cells.js";
import { Matrix } from "../../widgets/matrix/matrix.js";

const SIDE = 136; // CSS pixels of a patch
const SAID =
  "A model of patches sees only squares like these. Aligned, one place holds one shape, in any width. " +
  "Shuffled, it holds anything.";

export const makePatches = (parent) => {
  const strip = element("section", "patches", parent);
  const heading = element("h4", "", strip);
  element("p", "", strip, SAID);
  const row = element("div", "row", strip);
  let kind = null;
  let pictures = [];

  const drawPatch = (matrix, n, order, theme, { l, ...place }) => {
    const cut = cutPatch(kind.networks[n].layers[l], order, kind.patch, place);
    matrix.paint(cut, theme, { limit: kind.limits[l] });
    matrix.draw();
    const gone = !cut.rows || !cut.columns;
    const label = `Patch (${place.row}, ${place.column}) of W${l + 1} in network ${n + 1}`;
    matrix.canvas.setAttribute("aria-label", gone ? `${label}: beyond its size` : label);
    matrix.canvas.classList.toggle("gone", gone);
  };

  return {
    build: (next) => {
      kind = next;
      row.replaceChildren();
      const shape = { rows: kind.patch, columns: kind.patch };
      pictures = kind.networks.map(({ label }, n) => {
        const figure = element("figure", "", row);
        const matrix = new Matrix(picture(figure), { shape, bias: false });
        element("figcaption", "", figure, `${n + 1} \u00b7 ${label}`);
        return matrix;
      });
    },
    layOut: () => {
      const size = Math.max(1, Math.floor((SIDE * (window.devicePixelRatio || 1)) / kind.patch));
      for (const matrix of pictures) matrix.place(size);
    },
    // `orders` of all layers of all networks; `selected` is a patch {l, row, column}.
    draw: (orders, theme, selected) => {
      const { l, row: r, column: c } = selected;
      heading.textContent = `Patch (${r}, ${c}) of W${l + 1} in every network`;
      pictures.forEach((matrix, n) => {
        drawPatch(matrix, n, orders[n][l], theme, selected);
      });
    },
  };
};
