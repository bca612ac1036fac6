// One network as the model writes it: tokens that say the shape, then a token for every patch. A scrubber goes
// over its stages. `sequence.py` says what `data` holds.
import { element, picture, shape } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { asItIs, biasMatrix, cutPatch, decodeParts } from "../matrix/cells.js";
import { Matrix } from "../matrix/matrix.js";
import { themeOf } from "../palette/palette.js";
import { addSaveButtons } from "../save_figure/save_figure.js";
import { makeScrubber } from "../scrubber/scrubber.js";

const STAGE_MS = 900;
const TILE = 48; // CSS pixels of a patch
const BIAS_CELLS = 2; // that a strip of biases is wide: a patch's single column of weights is one

// Chances as bars under a token.
const drawChances = (parent, chances, values, what) => {
  const width = Math.max(66, 3 * chances.length);
  const height = 24;
  const step = width / chances.length;
  const most = Math.max(...chances);
  const best = values[chances.indexOf(most)];
  const label = `Chances of ${what} from ${values[0]} to ${values.at(-1)}, most likely ${best}`;
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  const svg = shape("svg", { ...size, role: "img", "aria-label": label }, parent);
  chances.forEach((chance, i) => {
    const tall = Math.max(0.7, (chance / most) * (height - 2));
    const bar = {
      x: i * step + 0.4,
      y: height - tall,
      width: Math.max(1, step - 0.8),
      height: tall,
    };
    shape("rect", bar, svg);
  });
  element("span", "", parent, `${values[0]} to ${values.at(-1)}`);
};

const build = (root) => {
  let data = null;
  let at = 0;
  let theme = null;
  const scrubber = makeScrubber(root, {
    label: "Stage of writing",
    milliseconds: STAGE_MS,
    onGo: (stage) => {
      at = stage;
      draw();
    },
  });
  const said = element("p", "said", root);
  said.setAttribute("role", "status");
  const words = element("div", "words", root);
  const patches = element("div", "patches", root);
  const legend =
    "One sequence, read by one transformer: framed tokens are words about task and shape, squares are patches of " +
    "weights, strips are biases; hatched parts lie beyond a matrix.";
  element("p", "legend", root, legend);
  addSaveButtons(root, () => ({ name: `${data.file}_${at + 1}`, title: data.title }));

  const token = (title, value, open) => {
    const made = element("div", open ? "word open" : "word", words);
    element("span", "", made, title);
    element("b", "", made, value);
    return made;
  };

  const drawWords = (stage) => {
    words.replaceChildren();
    token("task", data.task, false);
    const depth = token("depth", stage.depth ?? "?", stage.depth === null);
    if (stage.depth === null) drawChances(depth, stage.depthChances, data.depths, "depths");
    stage.hidden.forEach((width, layer) => {
      const made = token(`width ${layer + 1}`, width ?? "?", width === null);
      const what = `widths of layer ${layer + 1}`;
      if (width === null) drawChances(made, stage.widthChances[layer], data.widths, what);
    });
  };

  // A token's canvas has the size of a whole patch, whatever lies in it.
  const drawTile = (parent, cut, columns, limit, patch, label) => {
    const tile = new Matrix(picture(parent, label), {
      shape: { rows: patch, columns },
      bias: false,
      outline: false,
    });
    tile.place(Math.max(1, Math.floor((TILE * (window.devicePixelRatio || 1)) / patch)));
    tile.paint(cut, theme, { limit });
    tile.draw();
  };

  const drawLayer = (layer, step) => {
    const { name, rows, columns, patch, limit, biasLimit } = layer;
    const now = { ...layer, ...layer.steps[step] };
    const biases = biasMatrix(now, BIAS_CELLS);
    const group = element("div", "group", patches);
    element("span", "", group, `${name} ${rows}\u00d7${columns}`);
    const tiles = element("div", "tiles", group);
    const across = Math.ceil(columns / patch);
    const down = Math.ceil(rows / patch);
    for (let row = 0; row < down; row++)
      for (let column = 0; column < across; column++) {
        const cut = cutPatch(now, asItIs(now), patch, { row, column });
        drawTile(tiles, cut, patch, limit, patch, `${name}, patch (${row}, ${column})`);
      }
    for (let row = 0; row < down; row++) {
      const cut = cutPatch(biases, asItIs(biases), patch, { row, column: 0 });
      drawTile(tiles, cut, BIAS_CELLS, biasLimit, patch, `Biases of ${name}, part ${row}`);
    }
  };

  const drawPatches = (stage) => {
    patches.replaceChildren();
    const later = "The patches follow as soon as the shape is known: it says how many there are.";
    if (stage.step === null) element("p", "later", patches, later);
    else for (const layer of data.layers) drawLayer(layer, stage.step);
  };

  const draw = () => {
    if (!theme) return;
    const stage = data.stages[at];
    said.textContent = stage.text;
    scrubber.describe(`stage ${at + 1} of ${data.stages.length}`);
    drawWords(stage);
    drawPatches(stage);
    root.dataset.stage = at;
    root.dataset.drawn = "true";
  };

  return {
    show: (sent, _call, same) => {
      if (same) return;
      const layers = sent.layers.map((layer) => ({
        ...layer,
        steps: layer.steps.map(decodeParts),
      }));
      data = { ...sent, layers };
      at = 0;
      scrubber.set(data.stages.length, at);
    },
    layOut: () => {
      theme = themeOf(root);
      draw();
    },
    close: scrubber.stop,
  };
};

export default livingPart("sequence", build);
