// The grid of matrices, rows networks and columns layers, and one patch of all networks side by side.

const GAP = 2; // cells between a matrix and its strip of biases
const LARGEST = 6, TALLEST = 900; // CSS pixels of a cell, and of all rows together where they can be so low
const PATCH_SIDE = 136; // CSS pixels of a patch in the strip

const makePictures = (parent, onPatch) => {
  const grid = element("div", "grid", parent);
  grid.tabIndex = 0;
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "Weight matrices. Arrow keys choose a patch.");
  const foot = element("div", "scale", parent);
  const low = element("span", "", foot), bar = element("canvas", "", foot), high = element("span", "", foot);
  const readout = element("span", "readout", foot);
  readout.setAttribute("role", "status");
  readout.dataset.control = "";
  const legend = element("p", "legend", parent);
  const strip = element("section", "patches", parent);
  const heading = element("h4", "", strip);
  element("p", "", strip, "A model of patches sees only squares like these. Aligned, one place holds one shape, in any width. " +
    "Shuffled, it holds anything.");
  const row = element("div", "row", strip);
  let views = [], patches = [], kind = null, ratio = 1, theme = null, pixels = null;

  const build = (next) => {
    kind = next;
    views = []; patches = [];
    grid.replaceChildren(); row.replaceChildren();
    const depth = kind.networks[0].layers.length;
    grid.style.setProperty("--layers", depth);
    element("span", "corner", grid);
    for (let l = 0; l < depth; l++) {
      const from = l ? `layer ${l}` : kind.groups.length ? "observation" : "input";
      const to = l < depth - 1 ? `layer ${l + 1}` : kind.outputs.length ? "action" : "output";
      const head = element("span", "head", grid);
      element("b", "", head, `W${l + 1}`);
      element("span", "", head, `${from} \u2192 ${to}`);
    }
    kind.networks.forEach((network, n) => {
      const label = element("span", "label", grid);
      element("b", "", label, `${n + 1}`);
      element("span", "", label, network.label);
      network.layers.forEach((layer, l) => {
        const canvas = element("canvas", "", grid);
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", `Network ${n + 1}, W${l + 1}, ${layer.rows} rows, ${layer.columns} columns`);
        const view = { n, l, layer, canvas };
        listen(view);
        views.push(view);
      });
      const figure = element("figure", "", row);
      const canvas = element("canvas", "", figure);
      canvas.setAttribute("role", "img");
      patches.push({ n, canvas, caption: element("figcaption", "", figure, `${n + 1} \u00b7 ${network.label}`) });
    });
    low.textContent = `\u2212${kind.limit}`;
    high.textContent = `+${kind.limit}`;
    const groups = kind.groups.map(([name, start, end]) =>
      `${start === end - 1 ? start : `${start}\u2013${end - 1}`} ${name}`).join(", ");
    legend.textContent = "Rows of a matrix are neurons, columns what they read; the strip beside it is its biases. Lines mark " +
      `the patches of ${kind.patch}\u00d7${kind.patch}.` + (groups ? ` Bars under W1, left to right: ${groups}.` : "");
  };

  const cellAt = (view, event) => {
    const bounds = view.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - bounds.left) * ratio) / view.size);
    const rowAt = Math.floor(((event.clientY - bounds.top) * ratio) / view.size);
    const inside = rowAt >= 0 && rowAt < view.layer.rows && column >= 0 && column < view.layer.columns;
    return inside ? [rowAt, column] : null;
  };

  const describe = (view, r, c) => {
    const { layer, order } = view;
    const value = layer.cells[order.rows[r] * layer.columns + order.columns[c]] * layer.scale;
    const place = `Network ${view.n + 1}, W${view.l + 1}, row ${r}, column ${c}: ${signed(value)}, ` +
      `patch (${Math.floor(r / kind.patch)}, ${Math.floor(c / kind.patch)})`;
    const group = view.l === 0 && kind.groups.find(([, start, end]) => c >= start && c < end);
    return `${place}${group ? `, from ${group[0]}` : ""}${order.rows[r] !== r ? `; this neuron was number ${order.rows[r]}` : ""}`;
  };

  const listen = (view) => {
    view.canvas.addEventListener("pointermove", (event) => {
      const cell = cellAt(view, event);
      if (cell && view.order) readout.textContent = describe(view, ...cell);
    });
    view.canvas.addEventListener("pointerleave", () => { readout.textContent = "Point at a cell for its weight; click for its patch."; });
    view.canvas.addEventListener("click", (event) => {
      const cell = cellAt(view, event);
      if (cell) onPatch({ l: view.l, row: Math.floor(cell[0] / kind.patch), column: Math.floor(cell[1] / kind.patch) });
    });
  };
  readout.textContent = "Point at a cell for its weight; click for its patch.";

  // How many patches a layer has at most, over all networks.
  const patchCount = (l) => ["rows", "columns"].map((side) =>
    Math.ceil(Math.max(...kind.networks.map((network) => network.layers[l][side])) / kind.patch));

  grid.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || !kind || !grid.selected) return;
    event.preventDefault();
    let { l, row: r, column: c } = grid.selected;
    r = Math.max(0, Math.min(patchCount(l)[0] - 1, r + move[0]));
    c += move[1];
    if (c < 0 && l > 0) { l -= 1; c = patchCount(l)[1] - 1; }
    else if (c >= patchCount(l)[1] && l < kind.networks[0].layers.length - 1) { l += 1; c = 0; }
    c = Math.max(0, Math.min(patchCount(l)[1] - 1, c));
    onPatch({ l, row: Math.min(r, patchCount(l)[0] - 1), column: c });
  });

  const layOut = () => {
    ratio = window.devicePixelRatio || 1;
    theme = themeOf(parent);
    pixels = pixelsOf(theme.colours);
    const depth = kind.networks[0].layers.length;
    const widest = Array.from({ length: depth }, (_, l) =>
      Math.max(...kind.networks.map((network) => network.layers[l].columns)) + GAP + 1);
    const tallest = kind.networks.reduce((sum, network) => sum + Math.max(...network.layers.map((layer) => layer.rows)), 0);
    const style = getComputedStyle(grid);
    const label = parseFloat(style.getPropertyValue("--label-width")) || 0;
    const room = parent.clientWidth - label - 14 * depth - 2;
    const fit = Math.min(LARGEST, room / widest.reduce((a, b) => a + b), Math.max(2, TALLEST / tallest));
    const size = Math.max(1, Math.floor(fit * ratio));
    grid.style.setProperty("--columns", widest.map((cells) => `${Math.ceil((cells * size) / ratio) + 2}px`).join(" "));
    views.forEach((view) => { view.size = size; });
    bar.width = 511; bar.height = 1;
    const context = bar.getContext("2d");
    const image = context.createImageData(511, 1);
    new Uint32Array(image.data.buffer).set(pixels);
    context.putImageData(image, 0, 0);
  };

  const accent = () => getComputedStyle(parent).getPropertyValue("--st-primary-color").trim() || "#5b3fc4";

  const drawView = (view, selected) => {
    const { canvas, layer, l, size, order } = view;
    const width = layer.columns * size, height = layer.rows * size, side = width + GAP * size;
    const bars = l === 0 && kind.groups.length ? Math.round(6 * ratio) : 0;
    canvas.width = side + size + 1;
    canvas.height = height + 1 + bars;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const context = canvas.getContext("2d");
    paintMatrix(context, layer, order, kind.limit, pixels, size,
      { row: 0, column: 0, rows: layer.rows, columns: layer.columns, x: 0, y: 0 });
    paintBiases(context, layer, order, kind.limit, pixels, size, side);
    const step = kind.patch;
    context.fillStyle = `rgba(${theme.ink}, 0.2)`;
    for (let c = 0; c <= layer.columns; c += step) context.fillRect(c * size, 0, 1, height);
    for (let r = 0; r <= layer.rows; r += step) context.fillRect(0, r * size, width, 1);
    context.strokeStyle = `rgba(${theme.ink}, 0.35)`;
    context.strokeRect(0.5, 0.5, width, height);
    context.strokeRect(side + 0.5, 0.5, size, height);
    if (bars) kind.groups.forEach(([, start, end], i) => {
      context.fillStyle = `rgba(${theme.ink}, ${i % 2 ? 0.25 : 0.6})`;
      context.fillRect(start * size + 1, height + 1 + Math.round(2 * ratio), (end - start) * size - 1, Math.max(2, Math.round(2 * ratio)));
    });
    if (selected.l !== l || selected.row * step >= layer.rows || selected.column * step >= layer.columns) return;
    const thick = Math.max(2, Math.round(2 * ratio));
    context.strokeStyle = accent();
    context.lineWidth = thick;
    const right = Math.min(width, (selected.column + 1) * step * size), bottom = Math.min(height, (selected.row + 1) * step * size);
    context.strokeRect(selected.column * step * size + thick / 2, selected.row * step * size + thick / 2,
      right - selected.column * step * size - thick + 1, bottom - selected.row * step * size - thick + 1);
  };

  const drawPatch = (patch, orders, selected) => {
    const layer = kind.networks[patch.n].layers[selected.l], step = kind.patch;
    const size = Math.max(1, Math.floor((PATCH_SIDE * ratio) / step));
    const [r, c] = [selected.row * step, selected.column * step];
    patch.canvas.width = patch.canvas.height = step * size + 1;
    patch.canvas.style.width = patch.canvas.style.height = `${patch.canvas.width / ratio}px`;
    const context = patch.canvas.getContext("2d");
    const rows = Math.max(0, Math.min(step, layer.rows - r)), columns = Math.max(0, Math.min(step, layer.columns - c));
    if (rows && columns) paintMatrix(context, layer, orders[patch.n][selected.l], kind.limit, pixels, size, { row: r, column: c, rows, columns, x: 0, y: 0 });
    context.strokeStyle = `rgba(${theme.ink}, 0.35)`;
    context.strokeRect(0.5, 0.5, step * size, step * size);
    const gone = rows === 0 || columns === 0;
    patch.canvas.setAttribute("aria-label", `Patch (${selected.row}, ${selected.column}) of W${selected.l + 1} in network ${patch.n + 1}` + (gone ? ": beyond its size" : ""));
    patch.canvas.classList.toggle("gone", gone);
  };

  return {
    build,
    layOut,
    draw: (orders, selected) => {
      grid.selected = selected;
      views.forEach((view) => { view.order = orders[view.n][view.l]; drawView(view, selected); });
      heading.textContent = `Patch (${selected.row}, ${selected.column}) of W${selected.l + 1} in every network`;
      patches.forEach((patch) => drawPatch(patch, orders, selected));
    },
  };
};
