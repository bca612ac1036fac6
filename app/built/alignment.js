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
var patchAt = (patch, { row, column }) => ({
  row: Math.floor(row / patch),
  column: Math.floor(column / patch)
});
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

// widgets/matrix/orders.js
var identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);
var ordersOf = ({ layers }, text) => {
  const all = text === null ? null : decode(text, "<u2");
  let start = 0;
  const hidden = layers.slice(0, -1).map(({ rows }) => {
    const order = all ? all.subarray(start, start + rows) : identity(rows);
    start += rows;
    return order;
  });
  return layers.map(({ rows, columns }, l) => ({
    rows: hidden[l] || identity(rows),
    columns: l > 0 ? hidden[l - 1] : identity(columns)
  }));
};

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
var cutPatch = (layer, order, patch, { row, column }) => {
  const [top, left] = [row * patch, column * patch];
  const rows = Math.max(0, Math.min(patch, layer.rows - top));
  const columns = Math.max(0, Math.min(patch, layer.columns - left));
  const cells = new layer.cells.constructor(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      cells[r * columns + c] = layer.cells[order.rows[top + r] * layer.columns + order.columns[left + c]];
  return { rows, columns, cells, scale: layer.scale };
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

// widgets/line_chart/scales.js
var scaleOf = ([low, high], [from, to]) => (value) => high === low ? from : from + (value - low) / (high - low) * (to - from);
var ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
var roundUp = (value) => {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ROUND.find((step) => step * unit >= value * 0.999);
};
var rangeOf = (numbers) => {
  const known = numbers.filter(Number.isFinite);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  if (high <= low) return [0, 1];
  return [low < -0.04 * high ? -roundUp(-low) : 0, high > 0 ? roundUp(high) : 0];
};
var nearest = (numbers, to) => numbers.reduce(
  (best, number, i) => Math.abs(number - to) < Math.abs(numbers[best] - to) ? i : best,
  0
);
var short = (value) => {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
  return text.replace("-", "−").replace(/^\u2212(0\.?0*)$/, "$1");
};

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

// views/alignment/charts.js
var SHOWN = 24;
var FRAME = { width: 232, height: 96, left: 34, right: 8, top: 8, bottom: 18 };
var percent = (share) => `${Math.round(100 * share)} %`;
var evenly = (count) => Array.from({ length: count }, (_, i) => i / (count - 1));
var treatmentOf = (measured, state) => measured[state.matched ? "realigned" : "shuffled"];
var Figure = class {
  constructor(parent, name, title, say) {
    this.figure = element("figure", "chart", parent);
    this.figure.dataset.chart = name;
    this.title = title;
    const head = element("figcaption", "", this.figure);
    element("b", "", head, title);
    this.value = element("span", "value", head);
    this.chart = new LineChart(this.figure);
    element("p", "", this.figure, say);
  }
  // Shows a plot, its range round, its ends named; without one, why there is none.
  show(value, plot) {
    this.figure.classList.toggle("waiting", !plot);
    this.value.textContent = value;
    if (!plot) {
      this.chart.clear(`${this.title}: ${value}`);
      return;
    }
    const { numbers, ends, ...rest } = plot;
    const [low, high] = rangeOf(numbers);
    const levels = [
      { at: low, text: short(low) },
      { at: high, text: short(high), look: "bare" }
    ];
    if (low < 0) levels.push({ at: 0, look: "faint" });
    const ticks = [
      { at: 0, text: ends[0], anchor: "start" },
      { at: 1, text: ends[1], anchor: "end" }
    ];
    this.chart.draw({ frame: FRAME, range: [low, high], levels, ticks, ...rest });
  }
};
var drawMetric = (figure, { name, title }, kind, kinds, state) => {
  const own = kind.measured && treatmentOf(kind.measured, state);
  const known = own?.metrics[name];
  if (!known) {
    figure.show(kind.measured ? "needs two networks" : "measuring", null);
    return;
  }
  const { fractions } = kind.measured;
  const ready = kinds.filter((other) => other.measured?.shuffled.metrics[name]);
  const numbers = ready.flatMap(
    ({ measured }) => [measured.shuffled, measured.realigned].flatMap((one) => [
      ...one.metrics[name],
      one.noise[name]
    ])
  );
  const noise = own.noise[name];
  const others = ready.filter((other) => other !== kind).map((other) => ({ look: "other", values: treatmentOf(other.measured, state).metrics[name] })).filter(({ values }) => values.length === known.length);
  const series = [{ look: "noise", values: fractions.map(() => noise) }, ...others];
  if (state.matched) series.push({ look: "ghost", values: kind.measured.shuffled.metrics[name] });
  series.push({ look: "main", values: known });
  const now = short(known[state.step]);
  const label = `${title}: ${now} now, ${short(known[0])} at 0 % shuffled, ${short(known.at(-1))} at 100 %, noise ${short(noise)}`;
  figure.show(`${now} (noise ${short(noise)})`, {
    label,
    numbers,
    series,
    stops: fractions,
    ends: ["0 %", "100 % shuffled"],
    // Where a line over the slider begins, it is farthest from noise.
    note: { text: "noise", place: 0.02, value: noise },
    marker: { stop: state.step, look: "dot" },
    tell: (i) => `${percent(fractions[i])}: ${short(known[i])}`
  });
};
var drawSpectrum = (figure, { measured }, state) => {
  if (!measured) {
    figure.show("measuring", null);
    return;
  }
  const whole = treatmentOf(measured, state).spectrum[state.step];
  const now = whole.slice(0, SHOWN);
  const before = measured.shuffled.spectrum[0].slice(0, SHOWN);
  const noise = measured.noiseSpectrum.slice(0, SHOWN);
  const first = percent(now.slice(0, 4).reduce((sum, share) => sum + share, 0));
  const series = [{ look: "noise", values: noise }];
  if (state.step || state.matched) series.push({ look: "ghost", values: before });
  series.push({ look: "main", values: now });
  figure.show(`first 4: ${first}`, {
    label: `Patch spectrum: the first four of ${whole.length} components carry ${first} of the variance`,
    numbers: [...before, ...now],
    series,
    stops: evenly(now.length),
    ends: ["component 1", `${now.length} of ${whole.length}`],
    note: { text: "noise", place: 0.8, value: noise[Math.floor(0.8 * noise.length)] },
    tell: (i) => `component ${i + 1}: ${(100 * now[i]).toFixed(1)} %`
  });
};
var drawLoss = (figure, { measured, networks }, state) => {
  const own = measured && treatmentOf(measured, state).loss[state.step];
  const losses = own?.[state.pair - 1];
  if (!losses) {
    const missing = networks.length < 2 ? "needs two networks" : "needs a task to measure loss on";
    figure.show(measured ? missing : "measuring", null);
    return;
  }
  const ofPair = ({ loss }) => loss.flatMap((step) => step[state.pair - 1]);
  const [start, middle, end] = [0, Math.floor(losses.length / 2), losses.length - 1].map(
    (i) => short(losses[i])
  );
  const series = [{ look: "main", values: losses }];
  if (state.step || state.matched)
    series.unshift({ look: "ghost", values: measured.shuffled.loss[0][state.pair - 1] });
  const stops = evenly(losses.length);
  figure.show(`half-way ${middle}, ends ${start} and ${end}`, {
    label: `Imitation loss from network 1 to network ${state.pair + 1}: ${start} at the start, ${middle} half-way, ${end} at the end`,
    numbers: [measured.shuffled, measured.realigned].flatMap(ofPair),
    series,
    stops,
    ends: ["network 1", `network ${state.pair + 1}`],
    tell: (i) => `${percent(stops[i])} of the way: ${short(losses[i])}`
  });
};
var makeCharts = (parent, specs) => {
  const box = element("div", "charts", parent);
  const metrics = specs.map((spec) => ({
    spec,
    figure: new Figure(box, spec.name, spec.title, spec.say)
  }));
  const spectrum = new Figure(
    box,
    "spectrum",
    "Patch spectrum",
    "Share of the patches' variance on each component. Aligned: a few carry most of it."
  );
  const line = new Figure(
    box,
    "line",
    "Loss on the way between two",
    "Imitation loss on the straight line between both. Flat: they can be averaged. A hill: they cannot."
  );
  return {
    lineFigure: line.figure,
    draw: (kind, kinds, state) => {
      for (const { spec, figure } of metrics) drawMetric(figure, spec, kind, kinds, state);
      drawSpectrum(spectrum, kind, state);
      drawLoss(line, kind, state);
    }
  };
};

// views/alignment/controls.js
var FRACTIONS = ["0", "¼", "½", "¾", "1"];
var makeControls = (root, onChange) => {
  const bar = element("div", "bar", root);
  bar.dataset.control = "";
  const kinds = element("div", "kinds", bar);
  kinds.setAttribute("role", "radiogroup");
  kinds.setAttribute("aria-label", "Kind of networks");
  const slide = element("label", "slide", bar);
  element("span", "", slide, "Neurons shuffled");
  const range = element("input", "", slide);
  Object.assign(range, { type: "range", min: 0, max: 20, step: 1, value: 0 });
  const output = element("output", "", slide, "0 %");
  const match = element("label", "match", bar);
  const box = element("input", "", match);
  Object.assign(box, { type: "checkbox" });
  box.setAttribute("role", "switch");
  element("span", "", match, "Align by matching");
  range.addEventListener("input", () => onChange({ step: Number(range.value) }));
  box.addEventListener("change", () => onChange({ matched: box.checked }));
  return {
    show: (data, state, kind) => {
      if (kinds.dataset.of !== data.kinds.map(({ title }) => title).join()) {
        kinds.dataset.of = data.kinds.map(({ title }) => title).join();
        kinds.replaceChildren();
        data.kinds.forEach((one) => {
          const label = element("label", "", kinds);
          const input = element("input", "", label);
          Object.assign(input, { type: "radio", name: "alignment-kind", value: one.kind });
          input.addEventListener("change", () => onChange({ kind: one.kind }));
          element("span", "", label, one.title);
        });
      }
      kinds.querySelectorAll("input").forEach((input) => {
        input.checked = input.value === state.kind;
      });
      const fractions = kind.measured ? kind.measured.fractions : [0];
      range.max = fractions.length - 1;
      range.disabled = box.disabled = !kind.measured;
      range.value = state.step;
      box.checked = state.matched;
      const percent2 = `${Math.round(100 * fractions[state.step])} %`;
      output.textContent = kind.measured ? percent2 : "measuring";
      range.setAttribute("aria-valuetext", `${percent2} of hidden neurons shuffled`);
    }
  };
};
var makeDrive = (figure, onChange, onDrive) => {
  const box = element("div", "drive", figure);
  box.dataset.control = "";
  const label = element("label", "", box, "Network 1 to ");
  const select = element("select", "", label);
  const button = element("button", "", box);
  const results = element("div", "results", figure);
  results.dataset.control = "";
  button.type = "button";
  select.addEventListener("change", () => onChange({ pair: Number(select.value) }));
  button.addEventListener("click", onDrive);
  return {
    show: (data, state, kind) => {
      const possible = kind.measured && kind.measured.shuffled.loss[0].length > 0;
      box.hidden = !possible;
      results.hidden = !possible;
      if (!possible) return;
      button.textContent = data.reads ? "Read pictures at five points" : "Drive the robot at five points";
      select.replaceChildren();
      kind.networks.slice(1).forEach((network, index) => {
        const option = element("option", "", select, `${index + 2} (${network.label})`);
        option.value = index + 1;
      });
      select.value = state.pair;
      const same = (drive2) => ["kind", "step", "pair"].every((name) => drive2[name] === state[name]) && drive2.realigned === state.matched;
      const drive = data.drives.find(same);
      results.replaceChildren();
      button.disabled = Boolean(drive);
      if (!drive) {
        element(
          "p",
          "",
          results,
          data.reads ? "Right answers at 0, ¼, ½, ¾ and 1 of the line, three test pictures each." : "Success at 0, ¼, ½, ¾ and 1 of the line, three goals each."
        );
        return;
      }
      if (!drive.solved) {
        element("p", "", results, "At work; the page says how far it is.");
        return;
      }
      drive.solved.forEach((solved, index) => {
        const cell = element("span", solved === 3 ? "good" : solved === 0 ? "bad" : "", results);
        element("b", "", cell, `${solved}/3`);
        element("i", "", cell, `at ${FRACTIONS[index]}`);
      });
    }
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
var endOf = (limit) => `±${limit}`;
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

// views/alignment/patches.js
var SIDE = 136;
var SAID = "A model of patches sees only squares like these. Aligned, one place holds one shape, in any width. Shuffled, it holds anything.";
var makePatches = (parent) => {
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
      const shape2 = { rows: kind.patch, columns: kind.patch };
      pictures = kind.networks.map(({ label }, n) => {
        const figure = element("figure", "", row);
        const matrix = new Matrix(picture(figure), { shape: shape2, bias: false });
        element("figcaption", "", figure, `${n + 1} · ${label}`);
        return matrix;
      });
    },
    layOut: () => {
      const size = Math.max(1, Math.floor(SIDE * (window.devicePixelRatio || 1) / kind.patch));
      for (const matrix of pictures) matrix.place(size);
    },
    // `orders` of all layers of all networks; `selected` is a patch {l, row, column}.
    draw: (orders, theme, selected) => {
      const { l, row: r, column: c } = selected;
      heading.textContent = `Patch (${r}, ${c}) of W${l + 1} in every network`;
      pictures.forEach((matrix, n) => {
        drawPatch(matrix, n, orders[n][l], theme, selected);
      });
    }
  };
};

// views/alignment/pictures.js
var ALL = { largest: 6, tallest: 900 };
var ALONE = { largest: 10, tallest: 1800 };
var HINT = "Point at a cell for its weight; click for its patch and its neuron.";
var MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
var clamp = (value, most) => Math.max(0, Math.min(most, value));
var patchCount = ({ networks, patch }, l) => {
  const most = (side) => Math.ceil(Math.max(...networks.map(({ layers }) => layers[l][side])) / patch);
  return { rows: most("rows"), columns: most("columns") };
};
var patchBeside = (kind, { l, row, column }, [down, across]) => {
  let to = l;
  let at = column + across;
  if (at < 0 && l > 0) {
    to = l - 1;
    at = patchCount(kind, to).columns - 1;
  } else if (at >= patchCount(kind, l).columns && l < kind.networks[0].layers.length - 1) {
    to = l + 1;
    at = 0;
  }
  const count = patchCount(kind, to);
  return { l: to, row: clamp(row + down, count.rows - 1), column: clamp(at, count.columns - 1) };
};
var inShort = ({ groups }, { l, matrix }, cell) => {
  const { row, column } = cell;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${value}
bias of row ${row}`;
  const group = l === 0 && groupOf(groups, column);
  return `${value}
row ${row}, column ${column}${group ? ` (${group[0]})` : ""}`;
};
var describe = (kind, { n, l, matrix }, cell) => {
  const { row, column } = cell;
  const was = matrix.order.rows[row];
  const moved = was === row ? "" : `; this neuron was number ${was}`;
  const place = `Network ${n + 1}, W${l + 1}, row ${row}`;
  const value = signed(matrix.valueAt(cell));
  if (column === BIAS) return `${place}, bias: ${value}${moved}`;
  const patch = patchAt(kind.patch, cell);
  const group = l === 0 && groupOf(kind.groups, column);
  const from = group ? `, from ${group[0]}` : "";
  return `${place}, column ${column}: ${value}, patch (${patch.row}, ${patch.column})${from}${moved}`;
};
var largest = (count, numberAt) => {
  let best = 0;
  for (let i = 1; i < count; i++) if (Math.abs(numberAt(i)) > Math.abs(numberAt(best))) best = i;
  return [best, numberAt(best)];
};
var norm = (count, numberAt) => Math.sqrt(Array.from({ length: count }, (_, i) => numberAt(i) ** 2).reduce((a, b) => a + b, 0));
var inspect = (kind, views, { n, l, layer, matrix }, { row, column }) => {
  const incoming = (c) => matrix.valueAt({ row, column: c });
  const [from, most] = largest(layer.columns, incoming);
  const lines = [["value", signed(matrix.valueAt({ row, column }))]];
  if (column !== BIAS) lines.push(["bias of the row", signed(incoming(BIAS))]);
  const was = matrix.order.rows[row];
  if (was !== row) lines.push(["was number", String(was)]);
  const group = l === 0 && groupOf(kind.groups, from);
  lines.push(["reads most of", `column ${from}${group ? ` (${group[0]})` : ""}: ${signed(most)}`]);
  lines.push(["norm of what it reads", norm(layer.columns, incoming).toFixed(3)]);
  const next = views.find((view) => view.n === n && view.l === l + 1);
  if (!next) return lines;
  const outgoing = (r) => next.matrix.valueAt({ row: r, column: row });
  const [to, strongest] = largest(next.layer.rows, outgoing);
  lines.push(["is read most by", `row ${to} of W${l + 2}: ${signed(strongest)}`]);
  lines.push(["norm of what reads it", norm(next.layer.rows, outgoing).toFixed(3)]);
  return lines;
};
var widthsOf = ({ cells, rows, room, ratio, limits = ALL }) => {
  const sum = (numbers) => numbers.reduce((a, b) => a + b);
  const low = Math.max(2, limits.tallest / rows);
  const fit = Math.min(limits.largest, room / sum(cells), low);
  if (fit * ratio >= 1) {
    const size = Math.floor(fit * ratio);
    return cells.map((count) => ({ size, most: Math.ceil(count * size / ratio) }));
  }
  const shares = cells.map(Math.sqrt);
  return cells.map((count, l) => {
    const most = Math.floor(room * shares[l] / sum(shares));
    const size = Math.max(1, Math.floor(Math.min(limits.largest, most / count, low) * ratio));
    return { size, most: Math.min(most, Math.ceil(count * size / ratio)) };
  });
};
var makePictures = (parent, onPatch) => {
  const grid = element("div", "grid", parent);
  grid.tabIndex = 0;
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "Weight matrices. Arrow keys choose a patch.");
  const scale = makeScale(parent);
  scale.readout.textContent = HINT;
  const legend = element("p", "legend", parent);
  const patches = makePatches(parent);
  const inspector = makeInspector(parent);
  let kind = null;
  let views = [];
  let theme = null;
  let chosen = null;
  let pinned = null;
  let alone = null;
  let heads = [];
  const showAlone = (l) => {
    alone = l;
    if (pinned && l !== null && pinned.view.l !== l) unpin();
    layOut();
    drawMarks();
  };
  const addHeads = () => {
    const depth = kind.networks[0].layers.length;
    grid.style.setProperty("--layers", depth);
    element("span", "corner", grid);
    for (let l = 0; l < depth; l++) {
      const from = l ? `layer ${l}` : kind.groups.length ? "observation" : "input";
      const to = l < depth - 1 ? `layer ${l + 1}` : kind.outputs.length ? "action" : "output";
      const head = element("span", "head", grid);
      const name = element("button", "", head, `W${l + 1}`);
      name.type = "button";
      name.addEventListener("click", () => showAlone(alone === l ? null : l));
      heads.push({ head, name });
      element("span", "", head, `${from} → ${to}`);
      const end = element("span", "end", head);
      element("span", "words", end, "colours to ");
      end.append(endOf(kind.limits[l]));
    }
  };
  const addNetwork = (network, n) => {
    const label = element("span", "label", grid);
    element("b", "", label, `${n + 1}`);
    element("span", "", label, network.label);
    label.title = network.label;
    network.layers.forEach((layer, l) => {
      const name = `Network ${n + 1}, W${l + 1}, ${layer.rows} rows, ${layer.columns} columns`;
      const groups = l === 0 ? kind.groups : [];
      const matrix = new Matrix(picture(grid, name), { shape: layer, patch: kind.patch, groups });
      const view = { n, l, layer, matrix };
      listen(view);
      views.push(view);
    });
  };
  const listen = (view) => {
    const { matrix, l } = view;
    matrix.canvas.addEventListener("pointermove", (event) => {
      const cell = matrix.at(event);
      if (!cell) return;
      scale.readout.textContent = describe(kind, view, cell);
      inspector.say(inShort(kind, view, cell), matrix.boxOf(cell));
    });
    matrix.canvas.addEventListener("pointerleave", () => {
      scale.readout.textContent = HINT;
      inspector.hush();
    });
    matrix.canvas.addEventListener("click", (event) => {
      const cell = matrix.at(event);
      if (!cell) return;
      pinned = { view, cell };
      if (cell.column !== BIAS) onPatch({ l, ...patchAt(kind.patch, cell) });
      else drawMarks();
    });
  };
  grid.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !chosen) return;
    event.preventDefault();
    const beside = patchBeside(kind, chosen, move);
    if (alone !== null && beside.l !== alone) showAlone(beside.l);
    onPatch(beside);
  });
  const unpin = () => {
    pinned = null;
    inspector.unpin();
    drawMarks();
  };
  grid.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned) unpin();
  });
  const drawMarks = () => {
    for (const { n, l, matrix } of views) {
      const mine = pinned && pinned.view.n === n;
      const row = mine && pinned.view.l === l ? pinned.cell.row : null;
      const line = mine && pinned.view.l === l - 1 ? pinned.cell.row : null;
      matrix.draw({ patch: chosen.l === l ? chosen : null, row, line });
    }
    if (!pinned) return;
    const { view, cell } = pinned;
    const heading = `Network ${view.n + 1}, W${view.l + 1}, row ${cell.row}`;
    const bounds = view.matrix.canvas.getBoundingClientRect();
    const box = { ...view.matrix.boxOf(cell), left: bounds.left, width: bounds.width };
    inspector.pin(heading, inspect(kind, views, view, cell), box, () => {
      unpin();
      grid.focus({ preventScroll: true });
    });
  };
  const layOut = () => {
    const ratio = window.devicePixelRatio || 1;
    theme = themeOf(parent);
    const { networks } = kind;
    const shown = networks[0].layers.map((_, l) => l).filter((l) => alone === null || alone === l);
    const cells = shown.map(
      (l) => Math.max(...networks.map(({ layers }) => layers[l].columns)) + BIAS_GAP + 1
    );
    const heights = networks.map(({ layers }) => Math.max(...shown.map((l) => layers[l].rows)));
    const rows = heights.reduce((a, b) => a + b);
    heads.forEach(({ head, name }, l) => {
      head.hidden = !shown.includes(l);
      name.setAttribute("aria-pressed", alone === l);
      name.textContent = alone === l ? `W${l + 1} ×` : `W${l + 1}`;
      name.title = alone === l ? "See all layers again" : `See W${l + 1} alone, larger`;
    });
    const label = Number.parseFloat(getComputedStyle(grid).getPropertyValue("--label-width")) || 0;
    const room = parent.clientWidth - label - 14 * shown.length - 2;
    const limits = alone === null ? ALL : ALONE;
    const widths = widthsOf({ cells, rows, room, ratio, limits });
    grid.style.setProperty("--columns", widths.map(({ most }) => `${most + 2}px`).join(" "));
    for (const { l, matrix } of views) {
      matrix.canvas.hidden = !shown.includes(l);
      matrix.place(widths[Math.max(0, shown.indexOf(l))].size);
      matrix.canvas.style.maxWidth = "100%";
    }
    const bars = kind.groups.length && shown.includes(0) ? ` Bars under W1, left to right: ${groupsText(kind.groups)}.` : "";
    const lines = widths.some(({ size }) => size > 1) ? ` Lines mark the patches of ${kind.patch}×${kind.patch}.` : "";
    legend.textContent = `Rows of a matrix are neurons, columns what they read; the strip beside it is its biases. Each layer has a colour scale of its own, the same for all networks.${lines}${bars}`;
    patches.layOut();
    scale.paint(theme);
  };
  return {
    build: (next) => {
      kind = next;
      pinned = null;
      inspector.unpin();
      views = [];
      heads = [];
      if (alone !== null && alone >= kind.networks[0].layers.length) alone = null;
      grid.replaceChildren();
      addHeads();
      kind.networks.forEach(addNetwork);
      patches.build(kind);
      scale.setLayers();
    },
    layOut,
    // `orders` of all layers of all networks; `selected` is a patch {l, row, column}.
    draw: (orders, selected) => {
      chosen = selected;
      for (const { n, l, layer, matrix } of views) {
        matrix.paint(layer, theme, { limit: kind.limits[l], order: orders[n][l] });
      }
      drawMarks();
      patches.draw(orders, theme, selected);
    }
  };
};

// views/alignment/figure.js
var LEGEND = "Solid: this kind. Faint: the other kinds, or this one before matching. Dashed: independent noise of the same shapes. Values are means over networks, or over pairs with the first.";
var sentence = (kind, state) => state.matched ? kind.realigned : state.step ? kind.shuffled : kind.asItIs;
var decodeKind = (kind) => ({
  ...kind,
  networks: kind.networks.map((network) => ({
    ...network,
    layers: network.layers.map(decodeParts)
  }))
});
var ordersAt = ({ measured, networks }, state) => {
  const readings = measured?.[state.matched ? "realigned" : "shuffled"];
  return networks.map(
    (network, n) => ordersOf(network, readings ? readings.permutations[state.step][n] : null)
  );
};
var settled = (state, kind) => {
  const { measured, networks, patch } = kind;
  const l = Math.min(state.patch.l, networks[0].layers.length - 1);
  const count = patchCount({ networks, patch }, l);
  return {
    kind: kind.kind,
    step: measured ? Math.round(state.share * (measured.fractions.length - 1)) : 0,
    matched: measured ? state.matched : false,
    pair: Math.max(1, Math.min(state.pair, networks.length - 1)),
    patch: {
      l,
      row: Math.min(state.patch.row, count.rows - 1),
      column: Math.min(state.patch.column, count.columns - 1)
    }
  };
};
var broughtIn = (data) => {
  const own = data?.kinds.find(({ kind }) => kind === "uploaded");
  return own ? own.networks.map(({ label }) => label).join("\n") : "";
};
var build = (root) => {
  let data = null;
  let send = () => {
  };
  let charts = null;
  let drive = null;
  const state = {
    kind: null,
    step: 0,
    share: 0,
    matched: false,
    pair: 1,
    patch: { l: 1, row: 0, column: 0 }
  };
  const controls = makeControls(root, (change) => apply(change));
  const body = element("div", "body", root);
  const left = element("div", "pictures", body);
  const said = element("p", "said", left);
  said.setAttribute("aria-live", "polite");
  const note = element("p", "note", left);
  const pictures = makePictures(left, (patch) => apply({ patch }));
  const right = element("div", "side", body);
  const kindNow = () => data.kinds.find(({ kind }) => kind === state.kind);
  addSaveButtons(root, () => {
    const kind = kindNow();
    const share = Math.round(100 * (kind.measured ? kind.measured.fractions[state.step] : 0));
    const treatment = `${share} % of neurons shuffled${state.matched ? ", then matched" : ""}`;
    return {
      name: `alignment_${kind.kind}_${share}${state.matched ? "_matched" : ""}`,
      title: `${kind.title}: ${treatment}`
    };
  });
  const buildSide = (specs) => {
    charts = makeCharts(right, specs);
    element("p", "legend", right, LEGEND);
    const asked = () => ({
      kind: state.kind,
      step: state.step,
      realigned: state.matched,
      pair: state.pair
    });
    drive = makeDrive(
      element("div", "", charts.lineFigure),
      (change) => apply(change),
      () => send("drive", asked())
    );
  };
  const draw = () => {
    const kind = kindNow();
    controls.show(data, state, kind);
    said.textContent = sentence(kind, state);
    note.textContent = kind.note;
    note.hidden = !kind.note;
    pictures.draw(ordersAt(kind, state), state.patch);
    charts.draw(kind, data.kinds, state);
    drive.show(data, state, kind);
    root.dataset.drawn = `${state.kind} ${state.step} ${state.matched ? "matched" : "shuffled"}`;
    root.dataset.measured = Boolean(kind.measured);
  };
  const rebuild = () => {
    const kind = kindNow() ?? data.kinds[0];
    Object.assign(state, settled(state, kind));
    pictures.build(kind);
  };
  const layOut = () => {
    pictures.layOut();
    draw();
  };
  const apply = (change) => {
    const started = performance.now();
    const other = change.kind && change.kind !== state.kind;
    Object.assign(state, change);
    const { measured } = kindNow();
    if ("step" in change && measured)
      state.share = change.step / Math.max(1, measured.fractions.length - 1);
    if (other) {
      rebuild();
      layOut();
    } else draw();
    root.dataset.took = (performance.now() - started).toFixed(1);
  };
  return {
    show: (sent, { setTriggerValue }, same) => {
      send = setTriggerValue;
      const brought = broughtIn(sent);
      if (brought && brought !== broughtIn(data)) state.kind = "uploaded";
      data = { ...sent, kinds: same ? data.kinds : sent.kinds.map(decodeKind) };
      if (!charts) buildSide(sent.charts);
      if (same) draw();
      else rebuild();
    },
    layOut
  };
};
var figure_default = livingPart("alignment", build);
export {
  figure_default as default
};
