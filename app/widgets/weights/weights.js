// Weight matrices as pictures, cell for cell: one colour scale, the patch grid as hairlines, and a
// pointer that marks the same neurons in every panel. Drawn on canvases so that the size follows the
// page; `weights.py` says what `data` holds, and puts `palette.js` and `save_figure.js` before this.

const BIAS_GAP = 2; // cells between a matrix and its strip of biases
const LARGEST_CELL = 8;
const SMALLEST_CELL = 1;
const TALLEST = 460; // pixels of a panel's matrices, where cells can be made that small

const decode = (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
};

const paintCells = (context, values, rows, columns, limit, colours) => {
  const image = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    image.data.set(colours[indexOf(values[i], limit)], 4 * i);
    image.data[4 * i + 3] = 255;
  }
  return createImageBitmap(image);
};

// The largest cell, in device pixels, with which a panel's matrices fit its width and a fair height.
const cellSize = (layers, width, ratio) => {
  for (let pixels = Math.floor(LARGEST_CELL * ratio); ; pixels--) {
    const cell = pixels / ratio;
    let x = 0, line = 0, height = 0, tooWide = false;
    for (const layer of layers) {
      const w = (layer.columns + BIAS_GAP + 1) * cell, h = layer.rows * cell + 60;
      if (w > width) tooWide = true;
      if (x > 0 && x + w > width) { height += line + 14; x = 0; line = 0; }
      x += w + 16;
      line = Math.max(line, h);
    }
    if ((!tooWide && height + line <= TALLEST) || pixels <= SMALLEST_CELL * ratio) return cell;
    // Nothing gets smaller than two pixels only to save height: it may grow taller instead.
    if (!tooWide && cell <= 2) return cell;
  }
};

const format = (value) => (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(3);

const groupOf = (groups, column) => groups.find(([, start, end]) => column >= start && column < end);

const describe = (data, panel, l, row, column) => {
  const layer = panel.layers[l];
  const last = l === panel.layers.length - 1;
  const bias = column < 0;
  const value = bias ? layer.biasValues[row] : layer.cells[row * layer.columns + column];
  const to = last ? `action ${data.actions[row]}` : `neuron ${row}`;
  const group = l === 0 && !bias ? groupOf(data.groups, column) : null;
  const from = l > 0 ? `neuron ${column}` : `observation ${column} (${group ? group[0] : "?"})`;
  const patch = `patch (${Math.floor(row / data.patch)}, ${Math.floor(column / data.patch)})`;
  return bias
    ? `${layer.name}, row ${row}, bias of ${to}: ${format(value)}`
    : `${layer.name}, row ${row}, column ${column}: ${format(value)}, ${patch}, from ${from} to ${to}`;
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".weights");
  // Streamlit calls this at every run of the script, mostly with the same network: what is drawn, and
  // where the pointer is, then stays.
  if (root.connection && root.connection.key === data.key) {
    root.connection.open();
    return root.connection.close;
  }
  const panels = data.panels.map((panel) => ({
    ...panel,
    layers: panel.layers.map((layer) => ({
      ...layer, cells: decode(layer.weights), biasValues: decode(layer.biases),
    })),
  }));
  const groups = data.groups.map(([name, start, end]) =>
    `${start === end - 1 ? start : `${start}\u2013${end - 1}`} ${name}`).join(", ");
  if (root.connection) root.connection.close();
  root.replaceChildren();
  delete root.dataset.drawn;

  const box = element("div", "panels", root);
  const views = [];
  panels.forEach((panel, p) => {
    const section = element("section", "panel", box);
    element("h3", "", section, panel.title);
    element("p", "", section, panel.caption);
    const list = element("div", "matrices", section);
    panel.layers.forEach((layer, l) => {
      const figure = element("figure", "matrix", list);
      const caption = element("figcaption", "", figure);
      element("b", "", caption, `${layer.name} ${layer.rows}\u00d7${layer.columns}`);
      element("span", "", caption, layer.role);
      const canvas = element("canvas", "", figure);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label",
        `${panel.title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns`);
      views.push({ p, l, panel, layer, canvas, bitmap: null, biasBitmap: null });
    });
  });
  const footer = element("div", "scale", root);
  element("span", "", footer, `\u2212${data.limit}`);
  const bar = element("canvas", "", footer);
  element("span", "", footer, `+${data.limit}`);
  const hint = data.hint;
  const readout = element("span", "readout", footer, hint);
  readout.setAttribute("role", "status");
  readout.dataset.control = "";
  element("p", "legend", root, `Rows are neurons, columns what they read; the strip beside a matrix is its ` +
    `biases. Lines mark the patches of ${data.patch}\u00d7${data.patch}. Bars under W1, left to right: ` +
    `${groups}.`);

  addSaveButtons(root, () => ({ name: data.file, title: data.title }));

  let marked = null; // {p, l, row, column}; column -1 is the bias
  let colours = [], ink = [0, 0, 0], disposed = false;

  // Where a cell of one panel is in another: its neurons have other places there. null where a network
  // of other widths has no such neuron.
  const elsewhere = (from, to, l, row, column) => {
    if ((l === from.layers.length - 1) !== (l === to.layers.length - 1)) return null;
    const place = (layer, index) => {
      if (layer < 0 || layer >= from.layers.length - 1 || index < 0) return index;
      const there = to.layers[layer].neurons.indexOf(from.layers[layer].neurons[index]);
      return there < 0 ? null : there;
    };
    const cell = [place(l, row), place(l - 1, column)];
    return cell.includes(null) ? null : cell;
  };

  const draw = (view) => {
    const { canvas, layer, l } = view;
    if (!view.bitmap) return;
    const ratio = window.devicePixelRatio || 1;
    const size = Math.round(view.cell * ratio);
    const width = layer.columns * size, height = layer.rows * size;
    const strip = width + BIAS_GAP * size;
    const brackets = l === 0 ? Math.round(5 * ratio) : 0;
    canvas.width = strip + size + 1;
    canvas.height = height + 1 + brackets;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(view.bitmap, 0, 0, width, height);
    context.drawImage(view.biasBitmap, strip, 0, size, height);
    context.fillStyle = `rgba(${ink}, 0.2)`;
    for (let column = 0; column <= layer.columns; column += data.patch)
      context.fillRect(column * size, 0, 1, height);
    for (let row = 0; row <= layer.rows; row += data.patch) context.fillRect(0, row * size, width, 1);
    context.strokeStyle = `rgba(${ink}, 0.35)`;
    context.strokeRect(0.5, 0.5, width, height);
    context.strokeRect(strip + 0.5, 0.5, size, height);
    // The parts of the observation, as bars of two shades under the input matrix.
    if (l === 0) data.groups.forEach(([, start, end], i) => {
      context.fillStyle = `rgba(${ink}, ${i % 2 ? 0.25 : 0.6})`;
      context.fillRect(start * size + 1, height + 1 + Math.round(2 * ratio),
        (end - start) * size - 1, Math.max(2, Math.round(2 * ratio)));
    });
    const cell = !marked || marked.l !== l ? null : marked.p === view.p
      ? [marked.row, marked.column]
      : elsewhere(panels[marked.p], view.panel, l, marked.row, marked.column);
    if (cell) {
      const [row, column] = cell;
      context.fillStyle = `rgba(${ink}, 0.14)`;
      context.fillRect(0, row * size, width, size);
      if (column >= 0) context.fillRect(column * size, 0, size, height);
      context.lineWidth = Math.max(1, Math.round(ratio));
      context.strokeStyle = `rgb(${ink})`;
      const left = column < 0 ? strip : column * size;
      context.strokeRect(left - 0.5, row * size - 0.5, size + 1, size + 1);
    }
  };
  const drawAll = () => views.forEach(draw);

  const layOut = async () => {
    const width = root.clientWidth;
    if (!width || disposed) return;
    ({ colours, ink } = themeOf(root));
    const ratio = window.devicePixelRatio || 1;
    const panelWidth = box.firstElementChild.clientWidth;
    await Promise.all(views.map(async (view) => {
      const { layer } = view;
      view.cell = cellSize(view.panel.layers, panelWidth - 2, ratio);
      const context = document.createElement("canvas").getContext("2d");
      [view.bitmap, view.biasBitmap] = await Promise.all([
        paintCells(context, layer.cells, layer.rows, layer.columns, data.limit, colours),
        paintCells(context, layer.biasValues, layer.rows, 1, data.limit, colours),
      ]);
    }));
    if (disposed) return;
    bar.width = 511;
    bar.height = 1;
    const scale = Float32Array.from({ length: 511 }, (_, i) => i - 255);
    const context = bar.getContext("2d");
    context.drawImage(await paintCells(context, scale, 1, 511, 255, colours), 0, 0);
    drawAll();
    root.dataset.drawn = "true";
  };

  views.forEach((view) => {
    const point = (event) => {
      const bounds = view.canvas.getBoundingClientRect();
      const column = Math.floor((event.clientX - bounds.left) / view.cell);
      const row = Math.floor((event.clientY - bounds.top) / view.cell);
      const { layer } = view;
      const bias = column >= layer.columns + BIAS_GAP - 1;
      if (row < 0 || row >= layer.rows || column < 0 || (!bias && column >= layer.columns)) return;
      marked = { p: view.p, l: view.l, row, column: bias ? -1 : column };
      readout.textContent = `${view.panel.title}. ` +
        describe(data, view.panel, view.l, row, marked.column);
      drawAll();
    };
    view.canvas.addEventListener("pointermove", point);
    view.canvas.addEventListener("pointerdown", point);
    view.canvas.addEventListener("pointerleave", () => {
      marked = null;
      readout.textContent = hint;
      drawAll();
    });
  });

  let lastWidth = 0;
  const resize = new ResizeObserver(() => {
    if (root.clientWidth !== lastWidth) { lastWidth = root.clientWidth; layOut(); }
  });
  // A change of theme changes the text colour; the transition tells of it.
  const themed = () => layOut();
  root.style.transition = "color 1ms";
  root.connection = {
    key: data.key,
    open: () => {
      disposed = false;
      resize.observe(root);
      root.addEventListener("transitionend", themed);
    },
    close: () => {
      disposed = true;
      resize.disconnect();
      root.removeEventListener("transitionend", themed);
    },
  };
  root.connection.open();
  layOut();
  return root.connection.close;
}
