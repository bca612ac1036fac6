// Made by `make bundle` out of the files named below; do not edit.

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

// widgets/line_chart/scales.js
var scaleOf = ([low, high], [from, to]) => (value) => high === low ? from : from + (value - low) / (high - low) * (to - from);
var nearest = (numbers, to) => numbers.reduce(
  (best, number, i) => Math.abs(number - to) < Math.abs(numbers[best] - to) ? i : best,
  0
);

// widgets/line_chart/line_chart.js
var KEYS = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  Home: -Infinity,
  End: Infinity
};
var LineChart = class {
  constructor(parent) {
    const box = element("div", "plot", parent);
    this.svg = shape("svg", { role: "img", tabindex: 0 }, box);
    this.told = element("span", "told", box);
    this.told.setAttribute("role", "status");
    this.told.dataset.control = "";
    this.pointed = null;
    this.plot = null;
    const pointer = (event) => this.#point(this.#stopAt(event));
    this.svg.addEventListener("pointermove", pointer);
    this.svg.addEventListener("pointerdown", pointer);
    this.svg.addEventListener(
      "pointerleave",
      (event) => event.pointerType !== "touch" && this.#point(null)
    );
    this.svg.addEventListener("blur", () => this.#point(null));
    this.svg.addEventListener("focus", () => this.#focus());
    this.svg.addEventListener("keydown", (event) => this.#press(event));
  }
  /**
   * @param {object} plot
   * @param {{width, height, left, right, top, bottom: number}} plot.frame size, and the room around the plot in it
   * @param {string} plot.label what the chart shows, in words
   * @param {[number, number]} plot.range of the values
   * @param {number[]} plot.stops where values are, from 0 on the left to 1 on the right
   * @param {Array<{at: number, text?: string, look?: string}>} plot.levels names beside the plot and lines across it;
   *   one that looks "bare" has no line
   * @param {Array<{at: number, text: string, anchor: string}>} plot.ticks under it, by place from 0 to 1
   * @param {Array<{look: string, values: Array<number|null>, bounds?: Array<[number, number]|null>, dots?: boolean}>}
   *   plot.series a value for each stop; with dots, an empty one where there is none yet
   * @param {{text: string, place: number, value: number}} [plot.note] beside a line
   * @param {{stop: number, look: "line"|"dot"}} [plot.marker] the stop of the moment; a dot lies on the last series
   * @param {(stop: number) => string} plot.tell the values at a stop, in words
   */
  draw(plot) {
    const { frame, range, label } = plot;
    const { width, height, left, right, top, bottom } = frame;
    this.plot = plot;
    this.x = scaleOf([0, 1], [left, width - right]);
    const y = scaleOf(range, [height - bottom, top]);
    this.y = (value) => Math.max(top - 2, Math.min(height - bottom + 2, y(value)));
    this.svg.replaceChildren();
    setAttributes(this.svg, { "aria-label": label, viewBox: `0 0 ${width} ${height}` });
    this.#drawAxes();
    if (plot.marker?.look === "line") this.#drawNow(plot.marker);
    for (const series of plot.series) this.#drawSeries(series);
    if (plot.note) this.#drawNote(plot.note);
    if (plot.marker?.look === "dot") this.#drawDot(plot.marker);
    this.hover = shape("g", { class: "hover" }, this.svg);
    if (this.pointed !== null) this.#point(Math.min(this.pointed, plot.stops.length - 1));
  }
  // Nothing to draw; `label` says why.
  clear(label) {
    this.plot = null;
    this.#point(null);
    this.svg.replaceChildren();
    setAttributes(this.svg, { "aria-label": label });
  }
  #drawAxes() {
    const { frame, levels, ticks } = this.plot;
    const { width, height, left, right } = frame;
    for (const { at, text, look } of levels) {
      const line = { x1: left, x2: width - right, y1: this.y(at), y2: this.y(at) };
      if (look !== "bare")
        shape("line", { class: look ? `axis ${look}` : "axis", ...line }, this.svg);
      if (text !== void 0)
        shape(
          "text",
          { class: "tick", x: left - 5, y: this.y(at) + 3.5, "text-anchor": "end" },
          this.svg,
          text
        );
    }
    for (const { at, text, anchor } of ticks)
      shape(
        "text",
        { class: "tick", x: this.x(at), y: height - 4, "text-anchor": anchor },
        this.svg,
        text
      );
  }
  #drawSeries({ look, values, bounds, dots }) {
    const { stops, range } = this.plot;
    const points = values.map((value, i) => value === null ? null : [this.x(stops[i]), this.y(value)]).filter(Boolean).map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
    if (points.length)
      shape("path", { class: `line ${look}`, d: `M${points.join("L")}` }, this.svg);
    values.forEach((value, i) => {
      const x = this.x(stops[i]);
      if (bounds?.[i]) {
        const [y1, y2] = bounds[i].map(this.y);
        shape("line", { class: "whisker", x1: x, x2: x, y1, y2 }, this.svg);
      }
      if (!dots) return;
      const known = value !== null;
      const place = { cx: x, cy: this.y(known ? value : range[0]), r: 4 };
      shape("circle", { class: known ? `dot ${look}` : "dot awaited", ...place }, this.svg);
    });
  }
  // Above the line if there is room, else below it.
  #drawNote({ text, place, value }) {
    const y = this.y(value);
    const above = y > this.plot.frame.top + 12;
    shape("text", { class: "tick", x: this.x(place), y: y + (above ? -3 : 10) }, this.svg, text);
  }
  #drawNow({ stop }) {
    const { frame, stops } = this.plot;
    const x = this.x(stops[stop]);
    const ends = { y1: frame.top - 6, y2: frame.height - frame.bottom };
    shape("line", { class: "now", x1: x, x2: x, ...ends }, this.svg);
  }
  #drawDot({ stop }) {
    const { stops, series } = this.plot;
    const place = { cx: this.x(stops[stop]), cy: this.y(series.at(-1).values[stop]), r: 4 };
    shape("circle", { class: "dot marker", ...place }, this.svg);
  }
  #stopAt(event) {
    if (!this.plot) return null;
    const bounds = this.svg.getBoundingClientRect();
    const x = (event.clientX - bounds.left) * this.plot.frame.width / bounds.width;
    return nearest(this.plot.stops.map(this.x), x);
  }
  #focus() {
    if (this.plot && this.pointed === null) this.#point(this.plot.marker?.stop ?? 0);
  }
  #press(event) {
    const by = KEYS[event.key];
    if (event.key === "Escape") this.#point(null);
    if (!this.plot || by === void 0) return;
    event.preventDefault();
    const from = this.pointed ?? this.plot.marker?.stop ?? 0;
    this.#point(Math.max(0, Math.min(this.plot.stops.length - 1, from + by)));
  }
  // Tells the values at a stop; null tells none.
  #point(stop) {
    this.pointed = stop;
    const text = stop === null ? "" : this.plot.tell(stop);
    if (this.told.textContent !== text) this.told.textContent = text;
    if (!this.hover) return;
    this.hover.replaceChildren();
    if (stop === null) return;
    const { frame, stops, series } = this.plot;
    const x = this.x(stops[stop]);
    shape("line", { x1: x, x2: x, y1: frame.top, y2: frame.height - frame.bottom }, this.hover);
    const value = series.at(-1).values[stop];
    if (value !== null) shape("circle", { cx: x, cy: this.y(value), r: 3 }, this.hover);
    const middle = (frame.left + frame.width - frame.right) / 2;
    const place = x > middle ? { x: x - 6, "text-anchor": "end" } : { x: x + 6, "text-anchor": "start" };
    shape("text", { y: frame.top + 8, ...place }, this.hover, text);
  }
};

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
var STEPS = 2 * HALF + 1;
var parseColour = (text) => (text.match(/[\d.]+/g) || [255, 255, 255]).slice(0, 3).map(Number);
var palette = (background) => {
  const dark = background[0] + background[1] + background[2] < 384;
  const { below, above } = SCALES[dark ? "dark" : "light"];
  const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
  const colour = (ends, t) => t < 0.4 ? mix(background, ends[0], t / 0.4) : mix(ends[0], ends[1], (t - 0.4) / 0.6);
  return Array.from(
    { length: STEPS },
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

// widgets/matrix/orders.js
var identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);

// widgets/matrix/cells.js
var asItIs = ({ rows, columns }) => ({ rows: identity(rows), columns: identity(columns) });
var decodeParts = (parts) => ({
  ...parts,
  cells: decode(parts.cells, "<i2"),
  biases: decode(parts.biases, "<i2")
});
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
var addSaveButtons = (root, describe, saved = () => figureAsSvg(root, describe().title), words = "Save this figure: ") => {
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
    () => saveBlob(new Blob([saved().text], { type: "image/svg+xml" }), `${describe().name}.svg`)
  );
  button("PNG", async () => saveBlob(await svgAsPng(saved()), `${describe().name}.png`));
};

// widgets/scrubber/scrubber.js
var makeScrubber = (root, { label, milliseconds, onGo }) => {
  const bar = element("div", "scrubber", root);
  bar.dataset.control = "";
  const button = element("button", "", bar, "Play");
  button.type = "button";
  const range = element("input", "", bar);
  Object.assign(range, { type: "range", min: 0, step: 1 });
  range.setAttribute("aria-label", label);
  let timer = null;
  const go = (step) => {
    range.value = step;
    onGo(step, timer !== null);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  };
  const advance = () => {
    const at = Number(range.value);
    const end = at >= Number(range.max);
    if (end) stop();
    go(end ? at : at + 1);
  };
  const toggle = () => {
    const at = Number(range.value);
    if (timer !== null) {
      stop();
      go(at);
      return;
    }
    button.textContent = "Pause";
    timer = setInterval(advance, milliseconds);
    go(at >= Number(range.max) ? 0 : at);
  };
  button.addEventListener("click", toggle);
  range.addEventListener("input", () => {
    stop();
    go(Number(range.value));
  });
  return {
    go,
    stop,
    play: () => {
      if (timer === null) toggle();
    },
    // For so many steps, standing at one of them.
    set: (count, at) => {
      stop();
      range.max = count - 1;
      range.value = at;
    },
    describe: (text) => range.setAttribute("aria-valuetext", text)
  };
};

// views/noise/figure.js
var REST_MS = 350;
var PLAY_MS = 800;
var LARGEST_CELL = 7;
var PANELS = [
  ["noisy", "On the way", "The flow starts in noise. Look for bands that rise out of it."],
  [
    "predicted",
    "Where it would end from here",
    "What the model predicts at this step. Look at step 1: out of pure noise it sees nearly the whole network."
  ]
];
var percent = (value) => `${Math.round(100 * value)} %`;
var successPlot = ({ times, trials }, step, width) => {
  const last = times.length - 1;
  const stops = times.map((_, i) => last ? i / last : 0);
  const every = Math.ceil(times.length / 10);
  const words = PANELS.map(([name, title]) => {
    const known = trials[name].flatMap((trial, i) => trial ? `step ${i + 1}, ${trial.text}` : []);
    return `${title}: ${known.join("; ") || "not tried yet"}`;
  });
  const told = (name, i) => trials[name][i]?.text ?? "not tried yet";
  return {
    frame: { width, height: 118, left: 40, right: 12, top: 10, bottom: 22 },
    label: `Success by step. ${words.join(". ")}`,
    range: [0, 1],
    stops,
    levels: [0, 0.5, 1].map((at) => ({ at, text: percent(at) })),
    ticks: stops.flatMap(
      (at, i) => i % every === 0 || i === last ? { at, text: String(i + 1), anchor: "middle" } : []
    ),
    // Filled and solid: the prediction. Hollow and dashed: the network on the way.
    series: PANELS.map(([name]) => ({
      look: name,
      values: trials[name].map((trial) => trial?.rate ?? null),
      bounds: trials[name].map((trial) => trial && [trial.low, trial.high]),
      dots: true
    })),
    marker: { stop: step, look: "line" },
    tell: (i) => `step ${i + 1}: ${told("noisy", i)}, predicted ${told("predicted", i)}`
  };
};
var build = (root) => {
  let data = null;
  let at = 0;
  let send = () => {
  };
  let theme = null;
  let rest = null;
  let views = [];
  const scrubber = makeScrubber(root, {
    label: "Step of the flow",
    milliseconds: PLAY_MS,
    onGo: (step, playing) => {
      at = step;
      paint();
      say();
      clearTimeout(rest);
      if (!playing) rest = setTimeout(() => send(step), REST_MS);
    }
  });
  const said = element("p", "said", root);
  said.setAttribute("role", "status");
  const line = element("div", "success", root);
  const chart = new LineChart(line);
  const panels = element("div", "panels", root);
  const legend = element("p", "legend", root);
  addSaveButtons(root, () => ({
    name: `${data.file}_step${at + 1}`,
    title: `${data.title}: from noise to weights`
  }));
  const paint = () => {
    for (const { matrix, name, l } of views) {
      const layer = data.layers[l];
      const { limit, biasLimit } = layer;
      matrix.paint({ ...layer, ...layer.steps[name][at] }, theme, { limit, biasLimit });
      matrix.draw();
    }
    root.dataset.step = at;
  };
  const say = () => {
    const count = data.times.length;
    const [now, end] = PANELS.map(([name]) => data.trials[name][at]?.text ?? "…");
    const noise = percent(1 - data.times[at]);
    const far = at === count - 1 ? "The prediction is the result." : `The prediction differs from the result by ${percent(data.distances[at])}.`;
    said.replaceChildren();
    element("b", "", said, `Step ${at + 1} of ${count}. `);
    said.append(
      `${noise} of it is noise. On the way, success is ${now} (hollow); of the prediction, ${end} (filled). ${far}`
    );
    scrubber.describe(`step ${at + 1} of ${count}`);
    chart.draw(successPlot(data, at, line.clientWidth || 600));
  };
  const buildPanels = () => {
    panels.replaceChildren();
    views = [];
    for (const [, title, caption] of PANELS) {
      const head = element("div", "", panels);
      element("h4", "", head, title);
      element("p", "", head, caption);
    }
    data.layers.forEach((layer, l) => {
      for (const [name, title] of PANELS) {
        const figure = element("figure", "", panels);
        element("figcaption", "", figure, `${layer.name} ${layer.rows}×${layer.columns}`);
        const label = `${title}: ${layer.name}, ${layer.rows} rows, ${layer.columns} columns`;
        const matrix = new Matrix(picture(figure, label), { shape: layer, patch: layer.patch });
        views.push({ matrix, name, l });
      }
    });
    const { patch } = data.layers[0];
    legend.textContent = `Each matrix has one scale for all steps, noise and weights alike. Lines mark the patches of ${patch}×${patch}; the strip beside a matrix is its biases.`;
  };
  const sizeOf = ({ matrix: { canvas, shape: shape2 } }) => {
    const ratio = window.devicePixelRatio || 1;
    const fits = canvas.parentElement.clientWidth * ratio / (shape2.columns + BIAS_GAP + 1);
    return Math.max(1, Math.min(Math.floor(LARGEST_CELL * ratio), Math.floor(fits)));
  };
  return {
    show: (sent, { setStateValue }, same) => {
      send = (step) => setStateValue("rest", { flow: sent.key, step });
      if (same) {
        data = { ...data, trials: sent.trials };
        say();
        return;
      }
      clearTimeout(rest);
      const decoded = (steps) => Object.fromEntries(
        Object.entries(steps).map(([name, all]) => [name, all.map(decodeParts)])
      );
      const layers = sent.layers.map((layer) => ({ ...layer, steps: decoded(layer.steps) }));
      data = { ...sent, layers };
      at = data.times.length - 1;
      scrubber.set(data.times.length, at);
      buildPanels();
    },
    layOut: () => {
      theme = themeOf(root);
      for (const view of views) view.matrix.place(sizeOf(view));
      paint();
      say();
      root.dataset.drawn = "true";
    },
    close: () => {
      scrubber.stop();
      clearTimeout(rest);
    }
  };
};
var figure_default = livingPart("noise", build);
export {
  figure_default as default
};
