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
var BIAS = -1;

// widgets/matrix/orders.js
var identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);

// widgets/matrix/cells.js
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

// widgets/matrix/words.js
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

// widgets/neurons/neurons.js
var build = (root) => {
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
    }
  };
};
var neurons_default = livingPart("neurons", build);
export {
  neurons_default as default
};
