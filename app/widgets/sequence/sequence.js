// One network as the model writes it: tokens that say the shape, then a token for every patch. A scrubber goes
// over its stages. `sequence.py` says what `data` holds.

const STAGE_MS = 900;
const TILE = 48; // CSS pixels of a patch

// Chances as bars under a token.
const drawChances = (parent, chances, values, what) => {
  const width = Math.max(66, 3 * chances.length), height = 24, step = width / chances.length;
  const most = Math.max(...chances), best = chances.indexOf(most);
  const label = `Chances of ${what} from ${values[0]} to ${values.at(-1)}, most likely ${values[best]}`;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label }, parent);
  chances.forEach((chance, i) => {
    const tall = Math.max(0.7, (chance / most) * (height - 2));
    shape("rect", { x: i * step + 0.4, y: height - tall, width: Math.max(1, step - 0.8), height: tall }, svg);
  });
  element("span", "", parent, `${values[0]} to ${values.at(-1)}`);
};

const build = (root) => {
  const scrubber = makeScrubber(root, { label: "Stage of writing", milliseconds: STAGE_MS, onGo: (stage) => go(stage) });
  const said = element("p", "said", root);
  said.setAttribute("role", "status");
  const words = element("div", "words", root);
  const patches = element("div", "patches", root);
  element("p", "legend", root, "One sequence, read by one transformer: framed tokens are words about task and " +
    "shape, squares are patches of weights, strips are biases; hatched parts lie beyond a matrix.");
  const view = { data: null, stage: 0, theme: null, pixels: null };
  addSaveButtons(root, () => ({ name: `${view.data.file}_${view.stage + 1}`, title: view.data.title }));

  const token = (title, value, open) => {
    const made = element("div", open ? "word open" : "word", words);
    element("span", "", made, title);
    element("b", "", made, value);
    return made;
  };

  const drawWords = (stage) => {
    const { data } = view;
    words.replaceChildren();
    token("task", data.task, false);
    const depth = token("depth", stage.depth ?? "?", stage.depth === null);
    if (stage.depth === null) drawChances(depth, stage.depthChances, data.depths, "depths");
    stage.hidden.forEach((width, layer) => {
      const made = token(`width ${layer + 1}`, width ?? "?", width === null);
      if (width === null) drawChances(made, stage.widthChances[layer], data.widths, `widths of layer ${layer + 1}`);
    });
  };

  // A canvas of one patch's height, so many cells wide, with part of a matrix in its corner.
  const drawPart = (parent, matrix, columns, limit, patch, part, label) => {
    const canvas = element("canvas", "", parent);
    const ratio = window.devicePixelRatio || 1, size = Math.max(1, Math.floor((TILE * ratio) / patch));
    canvas.width = size * columns.length;
    canvas.height = size * patch;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
    const order = { rows: identity(matrix.rows), columns };
    paintMatrix(canvas.getContext("2d"), matrix, order, limit, view.pixels, size, { ...part, column: 0, x: 0, y: 0 });
  };

  const drawTile = (parent, layer, now, row, column) => {
    const { patch } = layer, first = column * patch;
    const columns = Uint16Array.from({ length: patch }, (_, i) => first + i);
    const part = { row: row * patch, rows: Math.min(patch, layer.rows - row * patch), columns: Math.min(patch, layer.columns - first) };
    drawPart(parent, { ...layer, ...now }, columns, layer.limit, patch, part, `${layer.name}, patch (${row}, ${column})`);
  };

  // Two cells wide, which a single column of weights is not.
  const drawBiases = (parent, layer, now, row) => {
    const { patch, rows, scale } = layer;
    const part = { row: row * patch, rows: Math.min(patch, rows - row * patch), columns: 2 };
    const matrix = { cells: now.biases, rows, columns: 1, scale };
    drawPart(parent, matrix, Uint16Array.of(0, 0), layer.biasLimit, patch, part, `Biases of ${layer.name}, part ${row}`);
  };

  const drawPatches = (stage) => {
    patches.replaceChildren();
    if (stage.step === null) {
      element("p", "later", patches, "The patches follow as soon as the shape is known: it says how many there are.");
      return;
    }
    view.data.layers.forEach((layer) => {
      const group = element("div", "group", patches);
      const across = Math.ceil(layer.columns / layer.patch), down = Math.ceil(layer.rows / layer.patch);
      element("span", "", group, `${layer.name} ${layer.rows}\u00d7${layer.columns}`);
      const tiles = element("div", "tiles", group);
      const now = layer.steps[stage.step];
      for (let row = 0; row < down; row++)
        for (let column = 0; column < across; column++) drawTile(tiles, layer, now, row, column);
      for (let row = 0; row < down; row++) drawBiases(tiles, layer, now, row);
    });
  };

  const draw = () => {
    if (!view.data || !root.clientWidth) return;
    view.theme = themeOf(root);
    view.pixels = pixelsOf(view.theme.colours);
    const stage = view.data.stages[view.stage];
    said.textContent = stage.text;
    scrubber.describe(`stage ${view.stage + 1} of ${view.data.stages.length}`);
    drawWords(stage);
    drawPatches(stage);
    root.dataset.stage = view.stage;
    root.dataset.drawn = "true";
  };
  const go = (stage) => { view.stage = stage; draw(); };

  view.show = (data) => {
    if (view.data && view.data.key === data.key) return;
    const decoded = (steps) => steps.map((s) => ({ cells: decodeAs(Int16Array, s.cells), biases: decodeAs(Int16Array, s.biases) }));
    view.data = { ...data, layers: data.layers.map((layer) => ({ ...layer, steps: decoded(layer.steps) })) };
    scrubber.set(data.stages.length, 0);
    go(0);
  };
  let width = 0;
  const resized = new ResizeObserver(() => { if (root.clientWidth !== width) { width = root.clientWidth; draw(); } });
  // A change of theme changes the text colour; the transition tells of it.
  root.style.transition = "color 1ms";
  view.open = () => { resized.observe(root); root.addEventListener("transitionend", draw); };
  view.close = () => { scrubber.stop(); resized.disconnect(); root.removeEventListener("transitionend", draw); };
  return view;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".sequence");
  if (!root.view) root.view = build(root);
  root.view.open();
  root.view.show(data);
  return root.view.close;
}
