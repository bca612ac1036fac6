// Made by `make bundle` out of the files named below; do not edit.

// widgets/arrays.js
var KINDS = {
  "<f4": Float32Array,
  "<i4": Int32Array,
  "<i2": Int16Array,
  "<u2": Uint16Array,
  "|i1": Int8Array,
  "|u1": Uint8Array
};
var decode = (text, kind) => {
  const Numbers = KINDS[kind];
  if (!Numbers) throw new TypeError(`There is no array of ${kind} here.`);
  return new Numbers(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
};

// widgets/dom.js
var SVG = "http://www.w3.org/2000/svg";
var element = (tag, name, parent, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== void 0) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};
var setAttributes = (one, attributes) => {
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
};
var shape = (tag, attributes, parent, text) => {
  const made = document.createElementNS(SVG, tag);
  setAttributes(made, attributes);
  if (text !== void 0) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};
var picture = (parent, label) => {
  const canvas = element("canvas", "", parent);
  canvas.setAttribute("role", "img");
  if (label) canvas.setAttribute("aria-label", label);
  return canvas;
};

// widgets/lifecycle.js
var LINGER_MS = 200;
var watch = (root, isNew, layOut) => {
  const ending = new AbortController();
  const { signal } = ending;
  const resized = new ResizeObserver(() => {
    if (isNew(root.clientWidth)) layOut();
  });
  resized.observe(root);
  root.style.transition = "color 1ms";
  const themed = (event) => {
    if (event.target === root) layOut();
  };
  root.addEventListener("transitionend", themed, { signal });
  const watchPixels = () => {
    const now = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = () => {
      layOut();
      watchPixels();
    };
    now.addEventListener("change", changed, { once: true, signal });
  };
  watchPixels();
  return () => {
    ending.abort();
    resized.disconnect();
  };
};
var begin = (root, view) => {
  let key;
  let newest = 0;
  let width = 0;
  let closing;
  let unwatch = null;
  const layOut = () => {
    width = root.clientWidth;
    if (width) view.layOut();
  };
  const end = () => {
    if (root.isConnected) {
      close();
      return;
    }
    unwatch?.();
    unwatch = null;
    view.close?.();
  };
  const close = () => {
    clearTimeout(closing);
    closing = setTimeout(end, LINGER_MS);
  };
  return (call) => {
    clearTimeout(closing);
    const [data, time] = call.data;
    if (time < newest) return close;
    newest = time;
    const same = data.key !== void 0 && data.key === key;
    key = data.key;
    view.show(data, call, same);
    if (!same || !unwatch) layOut();
    unwatch ??= watch(root, (now) => now !== width, layOut);
    return close;
  };
};
var livingPart = (name, build2) => (call) => {
  const root = call.parentElement.querySelector(`.${name}`);
  root.life ??= begin(root, build2(root));
  return root.life(call);
};

// widgets/matrix/geometry.js
var BIAS_GAP = 2;
var BIAS = -1;
var geometryOf = ({ rows, columns }, { size, ratio, bias, bars, outline }) => {
  const width = columns * size;
  const height = rows * size;
  const strip = bias ? width + BIAS_GAP * size : null;
  const edge = outline ? 1 : 0;
  const thin = Math.round(2 * ratio);
  return {
    rows,
    columns,
    size,
    ratio,
    width,
    height,
    strip,
    bars: bars ? { top: height + edge + thin, height: Math.max(2, thin) } : null,
    whole: {
      width: (bias ? strip + size : width) + edge,
      height: height + edge + (bars ? Math.round(5 * ratio) : 0)
    }
  };
};
var cornerOf = ({ size, strip }, row, column) => ({
  x: column === BIAS ? strip : column * size,
  y: row * size
});
var cellAt = ({ rows, columns, size, strip }, x, y) => {
  const row = Math.floor(y / size);
  const column = Math.floor(x / size);
  if (row < 0 || row >= rows || column < 0) return null;
  if (column < columns) return { row, column };
  return strip !== null && column >= columns + BIAS_GAP - 1 ? { row, column: BIAS } : null;
};
var patchAt = (patch, { row, column }) => ({
  row: Math.floor(row / patch),
  column: Math.floor(column / patch)
});
var STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
var cellByKey = ({ rows, columns, strip }, { row, column }, key) => {
  const last = strip === null ? columns - 1 : columns;
  const at = column === BIAS ? columns : column;
  const cell = (r, c) => ({ row: r, column: c === columns ? BIAS : c });
  if (key === "Home") return cell(row, 0);
  if (key === "End") return cell(row, last);
  const step = STEPS[key];
  if (!step) return null;
  const within = (value, most) => Math.max(0, Math.min(most, value));
  return cell(within(row + step[0], rows - 1), within(at + step[1], last));
};
var placeBeside = (cell, box, room, gap) => {
  const right = cell.left + cell.width + gap;
  if (right + box.width <= room.width) return { left: right, top: Math.max(0, cell.top) };
  const left = cell.left - gap - box.width;
  if (left >= 0) return { left, top: Math.max(0, cell.top) };
  return {
    left: Math.max(0, Math.min(cell.left, room.width - box.width)),
    top: cell.top + cell.height + gap
  };
};

// widgets/matrix/inspector.js
var GAP = 12;
var makeInspector = (root) => {
  const tip = element("div", "tip", root);
  const card = element("section", "pinned", root);
  for (const part of [tip, card]) {
    part.dataset.control = "";
    part.hidden = true;
  }
  tip.setAttribute("aria-hidden", "true");
  card.setAttribute("aria-label", "Pinned weight");
  const place = (part, box) => {
    part.hidden = false;
    const outer = root.getBoundingClientRect();
    const cell = { ...box, left: box.left - outer.left, top: box.top - outer.top };
    const size = { width: part.offsetWidth, height: part.offsetHeight };
    const { left, top } = placeBeside(cell, size, { width: root.clientWidth }, GAP);
    part.style.left = `${left}px`;
    part.style.top = `${top}px`;
  };
  return {
    // `box` of the cell in the window.
    say: (text, box) => {
      tip.textContent = text;
      place(tip, box);
    },
    hush: () => {
      tip.hidden = true;
    },
    // A heading, and name and text of each line under it.
    pin: (heading, lines, box, onClose) => {
      tip.hidden = true;
      card.replaceChildren();
      const head = element("div", "head", card);
      element("b", "", head, heading);
      const close = element("button", "", head, "Close");
      close.type = "button";
      close.addEventListener("click", onClose);
      const list = element("dl", "", card);
      for (const [name, text] of lines) {
        element("dt", "", list, name);
        element("dd", "", list, text);
      }
      place(card, box);
    },
    unpin: () => {
      card.hidden = true;
    }
  };
};

// widgets/palette/palette.js
var SCALES = {
  light: {
    below: [
      [122, 170, 208],
      [20, 62, 112]
    ],
    above: [
      [240, 160, 96],
      [136, 46, 0]
    ]
  },
  dark: {
    below: [
      [38, 104, 166],
      [172, 216, 255]
    ],
    above: [
      [172, 88, 22],
      [255, 212, 164]
    ]
  }
};
var HALF = 255;
var STEPS2 = 2 * HALF + 1;
var parseColour = (text) => (text.match(/[\d.]+/g) || [255, 255, 255]).slice(0, 3).map(Number);
var palette = (background) => {
  const dark = background[0] + background[1] + background[2] < 384;
  const { below, above } = SCALES[dark ? "dark" : "light"];
  const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
  const colour = (ends, t) => t < 0.4 ? mix(background, ends[0], t / 0.4) : mix(ends[0], ends[1], (t - 0.4) / 0.6);
  return Array.from(
    { length: STEPS2 },
    (_, i) => colour(i < HALF ? below : above, Math.abs(i - HALF) / HALF)
  );
};
var indexOf = (value, limit) => HALF + Math.sign(value) * Math.min(HALF, Math.round(HALF * Math.abs(value) / limit));
var pixelsOf = (colours) => Uint32Array.from(colours, ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0);
var backgroundOf = (element2) => getComputedStyle(element2).getPropertyValue("--st-background-color").trim() || "#ffffff";
var accentOf = (element2) => getComputedStyle(element2).getPropertyValue("--st-primary-color").trim() || "#5b3fc4";
var themeOf = (element2) => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = backgroundOf(element2);
  probe.fillRect(0, 0, 1, 1);
  const background = Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
  const ink = parseColour(getComputedStyle(element2).color);
  return { pixels: pixelsOf(palette(background)), ink, accent: accentOf(element2) };
};

// widgets/matrix/orders.js
var identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);
var inverse = (order) => {
  const places = [];
  order.forEach((neuron, place) => {
    places[neuron] = place;
  });
  return places;
};

// widgets/matrix/cells.js
var asItIs = ({ rows, columns }) => ({ rows: identity(rows), columns: identity(columns) });
var valueAt = ({ columns, cells, biases, scale }, order, row, column) => {
  const from = order.rows[row];
  return (column === BIAS ? biases[from] : cells[from * columns + order.columns[column]]) * scale;
};
var painted = (layer, order, limit, pixels, columns) => {
  const out = new Uint32Array(layer.rows * columns.length);
  for (let row = 0, i = 0; row < layer.rows; row++)
    for (const column of columns)
      out[i++] = pixels[indexOf(valueAt(layer, order, row, column), limit)];
  return out;
};
var paintCells = (layer, order, limit, pixels) => painted(layer, order, limit, pixels, identity(layer.columns));
var paintBiases = (layer, order, limit, pixels) => painted(layer, order, limit, pixels, [BIAS]);

// widgets/matrix/matrix.js
var canvasOf = (pixels, columns, rows) => {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  new Uint32Array(image.data.buffer).set(pixels);
  context.putImageData(image, 0, 0);
  return canvas;
};
var Matrix = class {
  /**
   * @param {HTMLCanvasElement} canvas to draw on
   * @param {object} how
   * @param {{rows: number, columns: number}} how.shape of the picture; a layer may be smaller, its rest stays clear
   * @param {number} how.patch cells of a patch's side; 0 draws no grid
   * @param {Array<[string, number, number]>} how.groups name and half-open range of columns of the input's parts
   * @param {boolean} how.bias whether there is a strip of biases
   * @param {boolean} how.outline whether there is a line around
   */
  constructor(canvas, { shape: shape2, patch = 0, groups = [], bias = true, outline = true }) {
    Object.assign(this, { canvas, shape: shape2, patch, groups, bias, outline });
  }
  // Sets the canvas for cells of so many device pixels.
  place(size) {
    const { canvas, shape: shape2, bias, outline } = this;
    const ratio = window.devicePixelRatio || 1;
    this.geometry = geometryOf(shape2, { size, ratio, bias, outline, bars: this.groups.length > 0 });
    const { width, height } = this.geometry.whole;
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${width / ratio}px`;
  }
  // Takes a layer's numbers, in the colours of a theme; `draw` shows them.
  paint(layer, theme, { limit, biasLimit = limit, order = asItIs(layer) }) {
    const { rows, columns } = layer;
    Object.assign(this, { layer, order, theme });
    this.cells = rows && columns ? canvasOf(paintCells(layer, order, limit, theme.pixels), columns, rows) : null;
    this.biases = this.bias ? canvasOf(paintBiases(layer, order, biasLimit, theme.pixels), 1, rows) : null;
  }
  // mark: {cell: {row, column}} with its row and column, {patch: {row, column}}, {line}, a column alone, or {row}.
  draw(mark = {}) {
    if (!this.theme || !this.geometry) return;
    const { layer, geometry } = this;
    const { width, height, strip, size, whole } = geometry;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, whole.width, whole.height);
    context.imageSmoothingEnabled = false;
    if (this.cells) context.drawImage(this.cells, 0, 0, layer.columns * size, layer.rows * size);
    if (this.biases) context.drawImage(this.biases, strip, 0, size, height);
    if (this.patch && size > 1) this.#drawGrid(context);
    if (this.outline) {
      context.lineWidth = 1;
      context.strokeStyle = this.#ink(0.35);
      context.strokeRect(0.5, 0.5, width, height);
      if (this.biases) context.strokeRect(strip + 0.5, 0.5, size, height);
    }
    if (geometry.bars) this.#drawBars(context);
    if (mark.line !== void 0 && mark.line !== null) this.#markLine(context, mark.line);
    if (mark.row !== void 0 && mark.row !== null) this.#markRow(context, mark.row);
    if (mark.cell) this.#markCell(context, mark.cell);
    if (mark.patch) this.#markPatch(context, mark.patch);
  }
  // The cell under a pointer, or null.
  at(event) {
    if (!this.geometry) return null;
    const bounds = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / bounds.width;
    return cellAt(
      this.geometry,
      (event.clientX - bounds.left) * scale,
      (event.clientY - bounds.top) * scale
    );
  }
  // Where a cell is in the window, in CSS pixels.
  boxOf({ row, column }) {
    const bounds = this.canvas.getBoundingClientRect();
    const scale = bounds.width / this.canvas.width;
    const { x, y } = cornerOf(this.geometry, row, column);
    const side = this.geometry.size * scale;
    return {
      left: bounds.left + x * scale,
      top: bounds.top + y * scale,
      width: side,
      height: side
    };
  }
  valueAt({ row, column }) {
    return valueAt(this.layer, this.order, row, column);
  }
  #ink(opacity) {
    return `rgba(${this.theme.ink}, ${opacity})`;
  }
  #drawGrid(context) {
    const { rows, columns, width, height, size } = this.geometry;
    context.fillStyle = this.#ink(0.2);
    for (let column = 0; column <= columns; column += this.patch)
      context.fillRect(column * size, 0, 1, height);
    for (let row = 0; row <= rows; row += this.patch) context.fillRect(0, row * size, width, 1);
  }
  // In two shades, so that neighbours are told apart.
  #drawBars(context) {
    const { size, bars } = this.geometry;
    this.groups.forEach(([, start, end], i) => {
      context.fillStyle = this.#ink(i % 2 ? 0.25 : 0.6);
      context.fillRect(start * size + 1, bars.top, (end - start) * size - 1, bars.height);
    });
  }
  #markCell(context, { row, column }) {
    const { width, height, size, ratio } = this.geometry;
    const { x, y } = cornerOf(this.geometry, row, column);
    context.fillStyle = this.#ink(0.14);
    context.fillRect(0, y, width, size);
    if (column !== BIAS) context.fillRect(x, 0, size, height);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.strokeStyle = this.#ink(1);
    context.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
  }
  // What the next layer reads of a neuron.
  #markLine(context, column) {
    const { height, size, ratio } = this.geometry;
    context.fillStyle = this.#ink(0.14);
    context.fillRect(column * size, 0, size, height);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.strokeStyle = this.#ink(0.6);
    context.strokeRect(column * size - 0.5, -0.5, size + 1, height + 1);
  }
  // What a neuron reads.
  #markRow(context, row) {
    const { width, size, ratio } = this.geometry;
    context.fillStyle = this.#ink(0.14);
    context.fillRect(0, row * size, width, size);
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.strokeStyle = this.#ink(0.6);
    context.strokeRect(-0.5, row * size - 0.5, width + 1, size + 1);
  }
  #markPatch(context, { row, column }) {
    const { width, height, size, ratio } = this.geometry;
    const side = this.patch * size;
    const [left, top] = [column * side, row * side];
    if (left >= width || top >= height) return;
    const thick = Math.max(2, Math.round(2 * ratio));
    context.lineWidth = thick;
    context.strokeStyle = this.theme.accent;
    context.strokeRect(
      left + thick / 2,
      top + thick / 2,
      Math.min(width, left + side) - left - thick + 1,
      Math.min(height, top + side) - top - thick + 1
    );
  }
};

// widgets/matrix/words.js
var signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);
var groupOf = (groups, column) => groups.find(([, start, end]) => column >= start && column < end);
var groupsText = (groups) => groups.map(
  ([name, start, end]) => `${start === end - 1 ? start : `${start}–${end - 1}`} ${name}`
).join(", ");
var makeScale = (parent) => {
  const foot = element("div", "scale", parent);
  const low = element("span", "", foot);
  const bar = element("canvas", "", foot);
  const high = element("span", "", foot);
  const readout = element("span", "readout", foot);
  readout.setAttribute("role", "status");
  readout.dataset.control = "";
  return {
    readout,
    setLimit: (limit) => {
      low.textContent = `−${limit}`;
      high.textContent = `+${limit}`;
    },
    // Where every layer has ends of its own, named beside it.
    setLayers: () => {
      low.textContent = "−";
      high.textContent = "+ up to the value beside each layer";
    },
    paint: ({ pixels }) => {
      bar.width = pixels.length;
      bar.height = 1;
      const context = bar.getContext("2d");
      const image = context.createImageData(pixels.length, 1);
      new Uint32Array(image.data.buffer).set(pixels);
      context.putImageData(image, 0, 0);
    }
  };
};

// widgets/save_figure/save_figure.js
var SAVE_MARGIN = 16;
var SAVE_TITLE = 15;
var SAVE_SCALE = 3;
var SAVED_STYLES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-family"
];
var seenIn = (root, part) => {
  let opacity = 1;
  for (let one = part; one && one !== root; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (one.dataset?.control !== void 0 || style.display === "none" || style.visibility === "hidden")
      return 0;
    opacity *= Number(style.opacity);
  }
  return opacity;
};
var ascentOf = (font) => {
  const context = document.createElement("canvas").getContext("2d");
  context.font = font;
  return context.measureText("x").fontBoundingBoxAscent;
};
var saveText = (node, opacity, svg, left, top) => {
  const style = getComputedStyle(node.parentElement);
  const box = node.parentElement.getBoundingClientRect();
  const clipped = style.overflowX === "hidden";
  const ascent = ascentOf(`${style.fontWeight} ${style.fontSize} ${style.fontFamily}`);
  const range = document.createRange();
  const lines = [];
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const place = range.getBoundingClientRect();
    if (!place.width || clipped && place.right > box.right + 1) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.y - place.top) < 2) line.words.push(word);
    else lines.push({ x: place.left, y: place.top, words: [word] });
  }
  lines.forEach(({ x, y, words }) => {
    shape(
      "text",
      {
        x: (x - left).toFixed(1),
        y: (y - top + ascent).toFixed(1),
        fill: style.color,
        opacity: opacity.toFixed(2),
        "font-size": style.fontSize,
        "font-weight": style.fontWeight,
        "font-family": style.fontFamily
      },
      svg
    ).textContent = words.join(" ");
  });
};
var saveChart = (chart, opacity, svg, left, top) => {
  const copy = chart.cloneNode(true);
  const [from, to] = [[...chart.querySelectorAll("*")], [...copy.querySelectorAll("*")]];
  from.forEach((part, i) => {
    const style = getComputedStyle(part);
    for (const name of SAVED_STYLES) to[i].style.setProperty(name, style.getPropertyValue(name));
    to[i].removeAttribute("class");
  });
  const box = chart.getBoundingClientRect();
  copy.style.opacity = opacity;
  const place = { x: box.left - left, y: box.top - top, width: box.width, height: box.height };
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, value.toFixed(1));
  svg.appendChild(copy);
};
var partsOf = (root) => {
  const parts = [];
  const walk = document.createTreeWalker(
    root,
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    (node) => node.parentElement?.closest("svg") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
  );
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const text = node.nodeType === Node.TEXT_NODE;
    if (text ? !node.data.trim() : !["CANVAS", "svg"].includes(node.tagName)) continue;
    const part = text ? node.parentElement : node;
    const opacity = seenIn(root, part);
    const place = part.getBoundingClientRect();
    if (opacity && place.width && place.height) parts.push({ node, text, opacity, place });
  }
  return parts;
};
var figureAsSvg = (root, title) => {
  const parts = partsOf(root);
  const style = getComputedStyle(root);
  const svg = shape("svg", {});
  shape("title", {}, svg).textContent = title;
  const paper = shape("rect", { fill: backgroundOf(root) }, svg);
  const heading = {
    "font-size": SAVE_TITLE,
    "font-weight": 600,
    "font-family": style.fontFamily,
    fill: style.color
  };
  shape("text", { x: SAVE_MARGIN, y: SAVE_MARGIN + SAVE_TITLE, ...heading }, svg).textContent = title;
  const measure = document.createElement("canvas").getContext("2d");
  measure.font = `600 ${SAVE_TITLE}px ${style.fontFamily}`;
  const left = root.getBoundingClientRect().left - SAVE_MARGIN;
  const top = Math.min(...parts.map(({ place }) => place.top)) - 2.2 * SAVE_MARGIN - SAVE_TITLE;
  parts.forEach(({ node, text, opacity, place }) => {
    if (text) saveText(node, opacity, svg, left, top);
    else if (node.tagName === "svg") saveChart(node, opacity, svg, left, top);
    else
      shape(
        "image",
        {
          x: (place.left - left).toFixed(1),
          y: (place.top - top).toFixed(1),
          width: place.width,
          height: place.height,
          href: node.toDataURL(),
          preserveAspectRatio: "none",
          style: "image-rendering: pixelated"
        },
        svg
      );
  });
  const widest = Math.max(
    left + SAVE_MARGIN + measure.measureText(title).width,
    ...parts.map(({ place }) => place.right)
  );
  const width = Math.ceil(widest - left + SAVE_MARGIN);
  const height = Math.ceil(Math.max(...parts.map(({ place }) => place.bottom)) - top + SAVE_MARGIN);
  for (const sized of [svg, paper]) setAttributes(sized, { width, height });
  setAttributes(svg, { viewBox: `0 0 ${width} ${height}` });
  return { text: new XMLSerializer().serializeToString(svg), width, height };
};
var svgAsPng = async ({ text, width, height }) => {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SAVE_SCALE * width, SAVE_SCALE * height];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};
var saveBlob = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
};
var addSaveButtons = (root, describe2, saved = () => figureAsSvg(root, describe2().title), words = "Save this figure: ") => {
  const row = element("p", "save", root);
  row.dataset.control = "";
  row.append(words);
  const button = (label, act) => {
    const made = element("button", "", row, label);
    made.type = "button";
    made.addEventListener("click", act);
  };
  button(
    "SVG",
    () => saveBlob(new Blob([saved().text], { type: "image/svg+xml" }), `${describe2().name}.svg`)
  );
  button("PNG", async () => saveBlob(await svgAsPng(saved()), `${describe2().name}.png`));
};

// widgets/weights/shuffling.js
var exchangesTo = (order) => {
  const now = identity(order.length);
  const exchanges = [];
  for (const place of order) {
    const from = now.indexOf(order[place]);
    if (from === place) continue;
    [now[place], now[from]] = [now[from], now[place]];
    exchanges.push([place, from]);
  }
  return exchanges;
};
var orderAfter = (count, exchanges, share) => {
  const now = identity(count);
  for (const [a, b] of exchanges.slice(0, Math.round(share * exchanges.length)))
    [now[a], now[b]] = [now[b], now[a]];
  return now;
};
var movedIn = (order) => order.reduce((sum, neuron, place) => sum + (neuron !== place), 0);
var layerOrders = (layers, hidden) => layers.map(({ rows, columns }, l) => ({
  rows: hidden[l] || identity(rows),
  columns: l > 0 && hidden[l - 1] || identity(columns)
}));
var ACTIVATIONS = { tanh: Math.tanh, relu: (x) => Math.max(0, x) };
var outputsOf = (layers, orders, input, activation) => {
  const act = ACTIVATIONS[activation];
  if (!act) throw new TypeError(`There is no activation ${activation} here.`);
  let values = input;
  layers.forEach(({ rows, columns, cells, biases }, l) => {
    const order = orders[l];
    const next = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const from = order.rows[row];
      let sum = biases[from];
      for (let column = 0; column < columns; column++)
        sum += cells[from * columns + order.columns[column]] * values[column];
      next[row] = l < layers.length - 1 ? act(sum) : sum;
    }
    values = next;
  });
  return values;
};
var actionOf = (layers, orders, input, activation) => outputsOf(layers, orders, input, activation).map((value) => Math.min(1, Math.max(-1, value)));
var inputsOf = (count, size) => {
  let state = 1;
  const next = () => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return 4 * (state / 2 ** 32) - 2;
  };
  return Array.from({ length: count }, () => Float64Array.from({ length: size }, next));
};
var largestChange = (layers, first, second, inputs, activation) => {
  let largest = 0;
  for (const input of inputs) {
    const [before, after] = [first, second].map((o) => actionOf(layers, o, input, activation));
    before.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - after[i]));
    });
  }
  return largest;
};

// widgets/weights/slider.js
var STATES = 64;
var small = (value) => {
  if (!value) return "0";
  const [digit, exponent] = value.toExponential(0).split("e");
  return `${digit}×10^${exponent}`;
};
var makeSlider = (parent, { order, activation }, layers, onMove) => {
  const bar = element("div", "shuffle", parent);
  bar.dataset.control = "";
  const label = element("label", "", bar);
  element("span", "", label, "Shuffle the neurons of the left network");
  const range = element("input", "", label);
  Object.assign(range, { type: "range", min: 0, max: 100, step: 1, value: 0 });
  const output = element("output", "", label, "0 %");
  const said = element("p", "", bar);
  said.setAttribute("role", "status");
  const exchanges = order.map((neurons2) => exchangesTo(neurons2));
  const inputs = inputsOf(STATES, layers[0].columns);
  const asItIs2 = layerOrders(layers, []);
  const neurons = order.reduce((sum, one) => sum + one.length, 0);
  let now = asItIs2;
  const move = () => {
    const share = Number(range.value) / 100;
    const hidden = order.map((one, i) => orderAfter(one.length, exchanges[i], share));
    now = layerOrders(layers, hidden);
    output.textContent = `${range.value} %`;
    range.setAttribute("aria-valuetext", `${range.value} percent shuffled`);
    if (share === 0)
      said.textContent = "Drag: the picture falls apart, the robot does the same. It does not need the order of neurons; the model that learns does.";
    else {
      const moved = hidden.reduce((sum, one) => sum + movedIn(one), 0);
      const change = small(largestChange(layers, asItIs2, now, inputs, activation));
      said.textContent = `${moved} of ${neurons} neurons stand elsewhere. Computed just now for ${STATES} random states: no action changes by more than ${change}.`;
    }
    onMove();
  };
  range.addEventListener("input", move);
  return {
    bar,
    orders: () => now,
    percent: () => Number(range.value),
    set: (percent) => {
      range.value = percent;
      move();
    }
  };
};

// widgets/weights/weights.js
var LARGEST_CELL = 8;
var SMALLEST_CELL = 1;
var TALLEST = 460;
var TEXT = 60;
var NAME_WIDTH = 84;
var limitsOf = (root) => {
  const style = getComputedStyle(root);
  const share = Number.parseFloat(style.getPropertyValue("--figure-share"));
  return {
    largest: Number.parseFloat(style.getPropertyValue("--largest-cell")) || LARGEST_CELL,
    tallest: share ? share * window.innerHeight : TALLEST,
    text: share ? 1.7 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize) : TEXT
  };
};
var cellSize = (layers, width, ratio, { largest, tallest, text }) => {
  for (let pixels = Math.floor(largest * ratio); ; pixels--) {
    const cell = pixels / ratio;
    let x = 0;
    let line = 0;
    let height = 0;
    let tooWide = false;
    for (const layer of layers) {
      const w = Math.max(NAME_WIDTH, (layer.columns + BIAS_GAP + 1) * cell);
      const h = layer.rows * cell + text;
      if (w > width) tooWide = true;
      if (x > 0 && x + w > width) {
        height += line + 14;
        x = 0;
        line = 0;
      }
      x += w + 16;
      line = Math.max(line, h);
    }
    if (!tooWide && height + line <= tallest || pixels <= SMALLEST_CELL * ratio) return pixels;
    if (!tooWide && cell <= 2) return pixels;
  }
};
var sourceOf = (data, l, column) => {
  if (l > 0) return `neuron ${column}`;
  const group = groupOf(data.groups, column);
  return `observation ${column} (${group ? group[0] : "?"})`;
};
var targetOf = (data, panel, l, row) => l === panel.layers.length - 1 ? `action ${data.actions[row]}` : `neuron ${row}`;
var describe = (data, { panel, matrix, l }, cell) => {
  const { row, column } = cell;
  const to = targetOf(data, panel, l, row);
  const place = `${panel.title}. ${panel.layers[l].name}, row ${row}`;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${place}, bias of ${to}: ${value}`;
  const patch = patchAt(data.patch, cell);
  const from = sourceOf(data, l, column);
  return `${place}, column ${column}: ${value}, patch (${patch.row}, ${patch.column}), from ${from} to ${to}`;
};
var inShort = (data, { panel, matrix, l }, cell) => {
  const { row, column } = cell;
  const to = targetOf(data, panel, l, row);
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${value}
bias of ${to}`;
  return `${value}
${sourceOf(data, l, column)} → ${to}`;
};
var strongest = (count, at) => {
  let best = 0;
  for (let i = 1; i < count; i++) if (Math.abs(at(i)) > Math.abs(at(best))) best = i;
  return best;
};
var inspect = (data, views, view, cell) => {
  const { panel, l, matrix } = view;
  const { row, column } = cell;
  const lines = [["value", signed(matrix.valueAt(cell))]];
  for (const other of views) {
    if (other.panel === panel || other.l !== l || !data.linked) continue;
    const there = elsewhere(panel, other.panel, l, cell);
    const what = there ? signed(other.matrix.valueAt(there)) : "no such neuron";
    lines.push([other.panel.title || "beside", what]);
  }
  if (column !== BIAS) {
    const patch = patchAt(data.patch, cell);
    lines.push(["patch", `(${patch.row}, ${patch.column})`], ["from", sourceOf(data, l, column)]);
  }
  const to = targetOf(data, panel, l, row);
  lines.push(["to", to]);
  const reads = strongest(panel.layers[l].columns, (c) => matrix.valueAt({ row, column: c }));
  const read = signed(matrix.valueAt({ row, column: reads }));
  lines.push([`${to} reads most`, `${sourceOf(data, l, reads)}: ${read}`]);
  if (column !== BIAS) lines.push(["its bias", signed(matrix.valueAt({ row, column: BIAS }))]);
  const next = views.find((one) => one.panel === panel && one.l === l + 1);
  if (next) {
    const goes = strongest(
      panel.layers[l + 1].rows,
      (r) => next.matrix.valueAt({ row: r, column: row })
    );
    const gone = signed(next.matrix.valueAt({ row: goes, column: row }));
    lines.push(["is read most by", `${targetOf(data, panel, l + 1, goes)}: ${gone}`]);
  }
  return lines;
};
var elsewhere = (from, to, l, { row, column }) => {
  const last = from.layers.length - 1;
  if (l === last !== (l === to.layers.length - 1)) return null;
  const place = (layer, index) => {
    if (layer < 0 || layer >= last || index === BIAS) return index;
    return to.places[layer][from.layers[layer].neurons[index]];
  };
  const there = { row: place(l, row), column: place(l - 1, column) };
  return there.row === void 0 || there.column === void 0 ? null : there;
};
var build = (root) => {
  let data = null;
  let box = null;
  let scale = null;
  let views = [];
  let marked = null;
  let pinned = null;
  let inspector = null;
  let slider = null;
  const draw = () => {
    const now = marked || pinned;
    for (const view of views) {
      let cell = null;
      let line = null;
      if (now) {
        const at = (l, here) => {
          if (now.view.panel === view.panel) return here;
          return data.linked ? elsewhere(now.view.panel, view.panel, l, here) : null;
        };
        if (now.view.l === view.l) cell = at(view.l, now.cell);
        if (now.view.l === view.l - 1)
          line = at(view.l - 1, { row: now.cell.row, column: BIAS })?.row ?? null;
      }
      view.matrix.draw({ cell, line });
    }
  };
  const say = () => {
    const now = marked || pinned;
    scale.readout.textContent = now ? describe(data, now.view, now.cell) : data.hint;
    if (marked) {
      const { view, cell } = marked;
      inspector.say(inShort(data, view, cell), view.matrix.boxOf(cell));
    } else inspector.hush();
    draw();
  };
  const pin = (to) => {
    pinned = to;
    marked = null;
    if (to) {
      const { view, cell } = to;
      const { name } = view.panel.layers[view.l];
      const which = cell.column === BIAS ? "bias" : `column ${cell.column}`;
      const heading = `${name}, row ${cell.row}, ${which}`;
      const close = () => {
        pin(null);
        view.matrix.canvas.focus({ preventScroll: true });
      };
      const lines = inspect(data, views, view, cell);
      const box2 = { ...view.matrix.boxOf(cell) };
      const bounds = view.matrix.canvas.getBoundingClientRect();
      Object.assign(box2, { left: bounds.left, width: bounds.width });
      inspector.pin(heading, lines, box2, close);
    } else inspector.unpin();
    say();
  };
  const listen = (view) => {
    const { canvas } = view.matrix;
    const point = (event) => {
      const cell = view.matrix.at(event);
      if (!cell) return;
      marked = { view, cell };
      say();
    };
    const leave = () => {
      marked = null;
      say();
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", leave);
    canvas.addEventListener("click", (event) => {
      const cell = view.matrix.at(event);
      if (cell) pin({ view, cell });
    });
    canvas.addEventListener("focus", () => {
      if (!canvas.matches(":focus-visible")) return;
      marked = pinned?.view === view ? pinned : { view, cell: { row: 0, column: 0 } };
      say();
    });
    canvas.addEventListener("blur", leave);
    canvas.addEventListener("keydown", (event) => {
      const from = marked || (pinned?.view === view ? pinned : null);
      if (event.key === "Escape" && pinned) pin(null);
      else if (event.key === "Enter" && from) pin(from);
      else {
        const cell = cellByKey(
          view.matrix.geometry,
          from?.cell || { row: 0, column: 0 },
          event.key
        );
        if (!cell) return;
        marked = { view, cell };
        say();
      }
      event.preventDefault();
    });
  };
  const addMatrix = (list, panel, layer, l) => {
    const figure = element("figure", "matrix", list);
    const caption = element("figcaption", "", figure);
    element("b", "", caption, `${layer.name} ${layer.rows}×${layer.columns}`);
    element("span", "", caption, layer.role);
    const label = `${panel.title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns. Arrow keys go from weight to weight, Enter pins one.`;
    const groups = l === 0 ? data.groups : [];
    const matrix = new Matrix(picture(figure, label), { shape: layer, patch: data.patch, groups });
    matrix.canvas.tabIndex = 0;
    const view = { panel, l, matrix };
    listen(view);
    views.push(view);
  };
  const addPanel = (sent) => {
    const panel = {
      ...sent,
      layers: sent.layers.map((layer) => ({
        ...layer,
        cells: decode(layer.weights, "<f4"),
        biases: decode(layer.biases, "<f4"),
        scale: 1
      })),
      places: sent.layers.map(({ neurons }) => inverse(neurons))
    };
    const section = element("section", "panel", box);
    element("h3", "", section, panel.title);
    if (panel.caption) element("p", "", section, panel.caption);
    else element("span", "", section);
    const list = element("div", "matrices", section);
    panel.layers.forEach((layer, l) => {
      addMatrix(list, panel, layer, l);
    });
  };
  const paint = (theme) => {
    for (const { panel, l, matrix } of views) {
      const order = slider && panel === views[0].panel ? { order: slider.orders()[l] } : {};
      matrix.paint(panel.layers[l], theme, { limit: data.limit, ...order });
    }
  };
  const addSlider = () => {
    const { layers } = views[0].panel;
    slider = makeSlider(box, data.shuffle, layers, () => {
      paint(themeOf(root));
      if (pinned) pin(pinned);
      draw();
      root.dataset.shuffled = slider.percent();
    });
    box.prepend(slider.bar);
    root.dataset.shuffled = 0;
  };
  return {
    show: (sent, _call, same) => {
      if (same) return;
      const percent = slider?.percent() ?? 0;
      data = sent;
      views = [];
      marked = null;
      pinned = null;
      slider = null;
      root.dataset.of = data.of;
      root.replaceChildren();
      delete root.dataset.drawn;
      delete root.dataset.shuffled;
      box = element("div", "panels", root);
      data.panels.forEach(addPanel);
      if (data.shuffle) {
        addSlider();
        slider.set(percent);
      }
      scale = makeScale(root);
      scale.setLimit(data.limit);
      scale.readout.textContent = data.hint;
      const legend = `Rows are neurons, columns what they read; the strip beside a matrix is its biases. Lines mark the patches of ${data.patch}×${data.patch}. Bars under W1, left to right: ${groupsText(data.groups)}.`;
      element("p", "legend", root, legend);
      addSaveButtons(root, () => ({ name: data.file, title: data.title }));
      inspector = makeInspector(root);
    },
    layOut: () => {
      const theme = themeOf(root);
      const width = box.querySelector(".panel").clientWidth - 2;
      const limits = limitsOf(root);
      for (const { panel, matrix } of views)
        matrix.place(cellSize(panel.layers, width, window.devicePixelRatio || 1, limits));
      paint(theme);
      scale.paint(theme);
      if (pinned) pin(pinned);
      draw();
      root.dataset.drawn = "true";
    }
  };
};
var weights_default = livingPart("weights", build);
export {
  weights_default as default
};
