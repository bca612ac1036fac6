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
  for (const sized2 of [svg, paper]) setAttributes(sized2, { width, height });
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

// views/alignment/distances.js
var SQUARE = 240;
var PLANE = { size: 260, edge: 24 };
var NEAR = { x: 16, y: 12 };
var LETTER = { width: 6.5, height: 13 };
var MOST_NAMED = 5;
var TITLES = ["As they are", "Aligned"];
var short = (value) => value.toFixed(3);
var together = (points) => {
  const groups = [];
  points.forEach(([x, y], place) => {
    const near = groups.find((one) => Math.abs(one.x - x) < NEAR.x && Math.abs(one.y - y) < NEAR.y);
    if (near) near.members.push(place);
    else groups.push({ x, y, members: [place] });
  });
  return groups;
};
var overlap = (a, b) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
var placed = (names, size) => {
  const taken = [];
  return names.map(({ x, y, text }) => {
    const width = LETTER.width * text.length;
    const box = (at) => {
      const x0 = at.anchor === "start" ? at.x : at.anchor === "end" ? at.x - width : at.x - width / 2;
      return { x0, x1: x0 + width, y0: at.y - LETTER.height + 2, y1: at.y + 2 };
    };
    const right = { x: x + 8, y: y + 4, anchor: "start" };
    const left = { x: x - 8, y: y + 4, anchor: "end" };
    const sides = x < size * 0.6 ? [right, left] : [left, right];
    const ways = [...sides];
    const half = Math.min(width, size) / 2;
    const middle = { x: Math.max(half, Math.min(size - half, x)), y: y + 4, anchor: "middle" };
    for (let step = 1; step <= names.length + 1; step++)
      for (const down of [1, -1])
        for (const side of [...sides, middle])
          ways.push({ ...side, y: side.y + down * step * LETTER.height });
    const inside = ({ x0, x1, y0, y1 }) => x0 >= 0 && x1 <= size && y0 >= 0 && y1 <= size;
    const free = (way2) => !taken.some((other) => overlap(box(way2), other));
    const way = ways.find((one) => free(one) && inside(box(one))) ?? ways.find(free) ?? ways[0];
    taken.push(box(way));
    return way;
  });
};
var listed = (numbers) => numbers.length > MOST_NAMED ? `${numbers.slice(0, MOST_NAMED - 1).join(", ")} and ${numbers.length - MOST_NAMED + 1} more` : numbers.join(", ");
var makeDistances = (parent, choose) => {
  const root = element("section", "distances", parent);
  element("h3", "", root, "All networks");
  element(
    "p",
    "",
    root,
    "Full cells: the same weights, distance 0. Empty ones: unrelated, 1. Aligned: each to the reference; of two others as they are, where that is nearer. On a plane, points are as far apart as two dimensions allow. Click a network to look at it."
  );
  const row = element("div", "row", root);
  const readout = element("p", "readout", root);
  readout.dataset.control = "";
  readout.setAttribute("role", "status");
  let squares = [];
  let planes = [];
  const cellAt2 = (canvas, count, event) => {
    const box = canvas.getBoundingClientRect();
    const place = (at, size) => Math.max(0, Math.min(count - 1, Math.floor(at / size * count)));
    return [place(event.clientY - box.top, box.height), place(event.clientX - box.left, box.width)];
  };
  const drawSquare = ({ canvas, values }, data, { ink, accent }) => {
    const count = data.networks.length;
    const ratio = window.devicePixelRatio || 1;
    const cell = Math.max(1, Math.floor(SQUARE * ratio / count));
    canvas.width = canvas.height = cell * count;
    canvas.style.width = canvas.style.height = `${cell * count / ratio}px`;
    const context = canvas.getContext("2d");
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) {
        const near = 1 - Math.min(1, values[i * count + j]);
        context.fillStyle = `rgba(${ink}, ${0.04 + 0.86 * near})`;
        context.fillRect(j * cell, i * cell, cell - (cell > 5 ? 1 : 0), cell - (cell > 5 ? 1 : 0));
      }
    context.strokeStyle = accent;
    context.lineWidth = 2 * ratio;
    context.strokeRect(data.reference * cell, data.chosen * cell, cell, cell);
  };
  const drawPlane = ({ svg, points }, all, data, theme) => {
    svg.replaceChildren();
    const most = Math.max(1e-6, ...all.flat(2).map(Math.abs));
    const { size, edge } = PLANE;
    const at = (value) => size / 2 + value / most * (size / 2 - edge);
    points.forEach(([x, y], place) => {
      const look = place === data.chosen || place === data.reference;
      const dot = shape(
        "circle",
        {
          cx: at(x),
          cy: at(-y),
          r: look ? 6 : 4,
          fill: look ? theme.accent : `rgba(${theme.ink}, 0.7)`
        },
        svg
      );
      shape("title", {}, dot, `${place + 1} · ${data.networks[place].label}`);
      dot.style.cursor = "pointer";
      dot.addEventListener("click", () => choose(place));
    });
    const named = (place) => points.length <= 24 || place === data.chosen || place === data.reference;
    const places = points.map(([x, y]) => [at(x), at(-y)]);
    const numbers = places.flatMap((_, i) => named(i) ? [i + 1] : []);
    const names = together(places.filter((_, i) => named(i))).map(({ x, y, members }) => ({
      x,
      y,
      text: listed(members.map((i) => numbers[i]))
    }));
    placed(names, size).forEach(({ x, y, anchor }, place) => {
      shape("text", { x, y, "text-anchor": anchor, fill: `rgb(${theme.ink})` }, svg).textContent = names[place].text;
    });
  };
  return {
    root,
    build: (data) => {
      const count = data.networks.length;
      root.hidden = count < 2;
      row.replaceChildren();
      squares = [];
      planes = [];
      [data.distances.before, data.distances.after].forEach((values, index) => {
        if (!values) return;
        const figure = element("figure", "", row);
        element("figcaption", "", figure, `Distances, ${TITLES[index].toLowerCase()}`);
        const canvas = picture(figure, `Distances of all pairs, ${TITLES[index].toLowerCase()}`);
        canvas.addEventListener("pointermove", (event) => {
          const [i, j] = cellAt2(canvas, count, event);
          readout.textContent = `${i + 1} and ${j + 1}: ${short(values[i * count + j])}`;
        });
        canvas.addEventListener("click", (event) => {
          const [i, j] = cellAt2(canvas, count, event);
          choose(i === data.reference ? j : i);
        });
        squares.push({ canvas, values });
      });
      (data.planes ?? []).forEach(({ points, kept }, index) => {
        if (count < 3) return;
        const figure = element("figure", "plane", row);
        const share = `${Math.round(100 * kept)} % of the spread`;
        element("figcaption", "", figure, `Plane, ${TITLES[index].toLowerCase()} (${share})`);
        const { size } = PLANE;
        const label = `Networks as points, ${TITLES[index].toLowerCase()}`;
        const svg = shape(
          "svg",
          { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label },
          figure
        );
        planes.push({ svg, points });
      });
    },
    draw: (data, theme) => {
      for (const square of squares) drawSquare(square, data, theme);
      const all = planes.map(({ points }) => points);
      for (const plane of planes) drawPlane(plane, all, data, theme);
    }
  };
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

// widgets/matrix/orders.js
var identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);

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

// views/alignment/layers.js
var SHOWN = [
  ["mine", "Reference"],
  ["theirs", "As it is"],
  ["aligned", "Aligned"],
  ["residual", "Difference left"]
];
var LARGEST = 5;
var TALLEST = 360;
var GAP2 = 16;
var HINT = "Point at a cell for its weight; click for its neuron.";
var makeLayers = (parent, mark) => {
  const root = element("section", "layers", parent);
  const grid = element("div", "", root);
  const scale = makeScale(root);
  scale.readout.textContent = HINT;
  const note = element("p", "legend", root);
  const inspector = makeInspector(root);
  let views = [];
  const say = (data, view, cell) => {
    const { l, matrix, title, layer } = view;
    const [up, across] = layer.steps;
    const row = cell.row * up;
    const from = cell.column === BIAS ? "bias" : `${l ? "neuron" : "input"} ${cell.column * across}`;
    const to = l < data.pair.layers.length - 1 ? `neuron ${row}` : `output ${row}`;
    const gone = cell.column !== BIAS && view.part.missing[cell.row * layer.columns + cell.column];
    const value = gone ? "nothing here" : signed(matrix.valueAt(cell));
    scale.readout.textContent = `${title}, W${l + 1}, ${to}, ${from}: ${value}`;
    inspector.say(`${value}
${to}, ${from}`, matrix.boxOf(cell));
  };
  const listen = (data, view) => {
    const { matrix, l, layer } = view;
    matrix.canvas.addEventListener("pointermove", (event) => {
      const cell = matrix.at(event);
      if (cell) say(data, view, cell);
    });
    matrix.canvas.addEventListener("pointerleave", () => {
      scale.readout.textContent = HINT;
      inspector.hush();
    });
    matrix.canvas.addEventListener("click", (event) => {
      const cell = matrix.at(event);
      if (!cell) return;
      if (l < data.pair.layers.length - 1) mark(l, cell.row * layer.steps[0]);
      else if (cell.column !== BIAS) mark(l - 1, cell.column * layer.steps[1]);
    });
  };
  return {
    root,
    build: (data) => {
      grid.replaceChildren();
      views = [];
      scale.setLayers();
      data.pair.layers.forEach((layer, l) => {
        const row = element("div", "layer", grid);
        const heading = element("h4", "", row, `W${l + 1} `);
        element("span", "end", heading, `colours to ${endOf(data.pair.limits[l])}`);
        const pictures = element("div", "row", row);
        for (const [name, title] of SHOWN) {
          if (!layer[name]) continue;
          const figure = element("figure", "", pictures);
          element("figcaption", "", figure, title);
          const label = `${title}: W${l + 1}, ${layer.rows} rows, ${layer.columns} columns`;
          const matrix = new Matrix(picture(figure, label), { shape: layer });
          const view = { l, layer, matrix, name, title, part: layer[name] };
          listen(data, view);
          views.push(view);
        }
      });
      const step = Math.max(...data.pair.layers.flatMap(({ steps }) => steps));
      note.textContent = "Rows are neurons, columns what they read, the strip beside is biases. In the difference that is left, background means the same weight. Each layer has a colour scale of its own, the same in all its pictures." + (step > 1 ? ` Of large layers every ${step}th neuron is drawn.` : "") + (data.pair.whole ? "" : " Only the layers that both networks have are compared.");
    },
    layOut: () => {
      const ratio = window.devicePixelRatio || 1;
      const phone = root.clientWidth < 600;
      const across = phone ? 2 : 4;
      const room = (root.clientWidth - across * GAP2) / across;
      for (const { matrix, layer } of views) {
        const fit = Math.min(LARGEST, room / (layer.columns + 3), TALLEST / layer.rows);
        matrix.place(Math.max(1, Math.floor(fit * ratio)));
        matrix.canvas.style.maxWidth = "100%";
      }
    },
    draw: (data, state, theme) => {
      scale.paint(theme);
      for (const { l, layer, matrix, part, name } of views) {
        matrix.paint(part, theme, { limit: data.pair.limits[l] });
        const place = (step) => Math.floor(state.neuron / step);
        const none = state.neuron === null || name === "theirs";
        const row = !none && l === state.layer ? place(layer.steps[0]) : null;
        const line = !none && l === state.layer + 1 ? place(layer.steps[1]) : null;
        const own = name === "theirs" && state.neuron !== null ? ownPlace(data, state, l, layer) : {};
        matrix.draw({ row, line, ...own });
      }
    }
  };
};
var ownPlace = (data, state, l, layer) => {
  const hidden = data.pair.hidden[state.layer];
  const partner = hidden ? hidden.partner[state.neuron] : state.neuron;
  if (partner < 0) return {};
  if (l === state.layer && partner / layer.steps[0] < layer.rows)
    return { row: Math.floor(partner / layer.steps[0]) };
  if (l === state.layer + 1 && partner / layer.steps[1] < layer.columns)
    return { line: Math.floor(partner / layer.steps[1]) };
  return {};
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
  (best, number2, i) => Math.abs(number2 - to) < Math.abs(numbers[best] - to) ? i : best,
  0
);
var short2 = (value) => {
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

// views/alignment/neurons.js
var RIBBONS = { width: 210, height: 360 };
var BARS = { height: 120 };
var SIMILAR = 250;
var ROWS = 200;
var FRAME = { width: 250, height: 110, left: 36, right: 8, top: 8, bottom: 18 };
var SAID = {
  ribbons: "Left the reference's neurons, right this network's in its own order. Faint: without a partner.",
  bars: "Residual of every neuron: 0 the same weights, 1 unrelated. Below the dashed line noise hardly ever comes."
};
var evenly = (count) => Array.from({ length: count }, (_, i) => i / Math.max(1, count - 1));
var number = (value) => value < 0 ? "–" : value.toFixed(3);
var least = ({ incoming, whole }, i) => whole[i] < 0 ? 1 : Math.min(incoming[i], whole[i]);
var sized = (canvas, width, height) => {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};
var within = (canvas, event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};
var conditionsOf = (hidden, neuron) => {
  const words = [];
  const [mine, theirs] = hidden.health;
  const partner = hidden.partner[neuron];
  for (const [whose, health, which] of [
    ["in the reference", mine, neuron],
    ["in this network", theirs, partner]
  ]) {
    if (health.dead.includes(which)) words.push(`dead ${whose}`);
    if (health.constant.includes(which)) words.push(`hardly varies ${whose}`);
    const pair = health.duplicates.find((both) => both.includes(which));
    if (pair) words.push(`takes the same as ${pair.find((one) => one !== which)} ${whose}`);
  }
  return words.join("; ");
};
var axesOf = (numbers, ends) => {
  const [low, high] = rangeOf(numbers);
  return {
    range: [low, high],
    levels: [
      { at: low, text: short2(low) },
      { at: high, text: short2(high), look: "bare" }
    ],
    ticks: [
      { at: 0, text: ends[0], anchor: "start" },
      { at: 1, text: ends[1], anchor: "end" }
    ]
  };
};
var makeNeurons = (parent, mark) => {
  const root = element("section", "neurons", parent);
  const tabs = element("div", "tabs", root);
  tabs.dataset.control = "";
  tabs.setAttribute("role", "radiogroup");
  tabs.setAttribute("aria-label", "Hidden layer");
  const body = element("div", "neurons-body", root);
  const figure = (name, title, said) => {
    const made = element("figure", name, body);
    element("figcaption", "", made, title);
    const canvas = picture(made, title);
    canvas.tabIndex = 0;
    if (said) element("p", "", made, said);
    return canvas;
  };
  const ribbons = figure("ribbons", "Who belongs to whom", SAID.ribbons);
  const middle = element("div", "middle", body);
  const card = element("section", "card", middle);
  card.dataset.control = "";
  card.setAttribute("aria-live", "polite");
  const barsFigure = element("figure", "bars", middle);
  element("figcaption", "", barsFigure, "How well");
  const bars = picture(barsFigure, "Residual of every neuron");
  element("p", "", barsFigure, SAID.bars);
  const charts = element("div", "small-charts", middle);
  const chart = (title) => {
    const made = element("figure", "", charts);
    element("figcaption", "", made, title);
    return new LineChart(made);
  };
  const spectrum = chart("Singular values of the matrix");
  const histogram = chart("Weights");
  const similarPlace = element("div", "similar", body);
  const details = element("details", "numbers", root);
  details.dataset.control = "";
  element("summary", "", details, "The permutation as a table");
  const tableBox = element("div", "table", details);
  let data = null;
  let similar = [];
  let layer = 0;
  const hiddenNow = () => data?.pair.hidden[layer];
  const step = (by) => (event) => {
    const moves = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    mark(layer, (by() ?? -1) + move);
  };
  let marked = null;
  for (const canvas of [ribbons, bars])
    canvas.addEventListener(
      "keydown",
      step(() => marked)
    );
  bars.tabIndex = 0;
  ribbons.addEventListener("click", (event) => {
    const hidden = hiddenNow();
    if (!hidden) return;
    const [x, y] = within(ribbons, event);
    if (x < 0.5) mark(layer, Math.min(hidden.width - 1, Math.floor(y * hidden.width)));
    else {
      const own = Math.floor(y * hidden.ownWidth);
      const at = hidden.partner.indexOf(own);
      if (at >= 0) mark(layer, at);
    }
  });
  bars.addEventListener("click", (event) => {
    const hidden = hiddenNow();
    if (hidden) mark(layer, Math.floor(within(bars, event)[0] * hidden.width));
  });
  const drawRibbons = (hidden, { ink, accent }) => {
    const { width, height } = RIBBONS;
    const context = sized(ribbons, width, height);
    const colour = (alpha) => `rgba(${ink}, ${alpha})`;
    const left = (i) => (i + 0.5) / hidden.width * height;
    const right = (i) => (i + 0.5) / hidden.ownWidth * height;
    const line = (i, look, thick) => {
      const to = hidden.partner[i];
      if (to < 0) return;
      context.strokeStyle = look;
      context.lineWidth = thick;
      context.setLineDash(hidden.found[i] ? [] : [2, 4]);
      context.beginPath();
      context.moveTo(12, left(i));
      context.bezierCurveTo(width / 2, left(i), width / 2, right(to), width - 12, right(to));
      context.stroke();
    };
    for (let i = 0; i < hidden.width; i++) {
      const near = 1 - Math.min(1, least(hidden, i));
      line(i, colour(hidden.found[i] ? 0.25 + 0.55 * near : 0.12), hidden.found[i] ? 1.2 : 0.8);
    }
    context.setLineDash([]);
    context.fillStyle = colour(0.75);
    const tall = (count) => Math.max(1, Math.min(4, height / count - 1));
    for (let i = 0; i < hidden.width; i++) {
      context.fillStyle = colour(hidden.found[i] ? 0.75 : 0.25);
      context.fillRect(4, left(i) - tall(hidden.width) / 2, 8, tall(hidden.width));
    }
    context.fillStyle = colour(0.75);
    for (let i = 0; i < hidden.ownWidth; i++)
      context.fillRect(width - 12, right(i) - tall(hidden.ownWidth) / 2, 8, tall(hidden.ownWidth));
    if (marked !== null) line(marked, accent, 3);
  };
  const drawBars = (hidden, { ink, accent }) => {
    const width = Math.max(160, middle.clientWidth);
    const { height } = BARS;
    const context = sized(bars, width, height);
    const one = width / hidden.width;
    const y = (value) => height - 4 - Math.min(1.2, value) * ((height - 10) / 1.2);
    for (let i = 0; i < hidden.width; i++) {
      context.fillStyle = i === marked ? accent : `rgba(${ink}, ${hidden.found[i] ? 0.75 : 0.3})`;
      const top = y(Math.max(0.012, least(hidden, i)));
      context.fillRect(i * one, top, Math.max(1, one - (one > 3 ? 1 : 0)), height - 4 - top);
    }
    context.strokeStyle = `rgba(${ink}, 0.6)`;
    context.setLineDash([4, 3]);
    const limit = y(Math.min(...hidden.limits));
    context.beginPath();
    context.moveTo(0, limit);
    context.lineTo(width, limit);
    context.stroke();
  };
  const drawSimilar = (hidden, { pixels, accent }) => {
    similar.forEach(({ canvas }, index) => {
      const { rows, columns, cells, steps } = hidden.similar[index];
      const small = document.createElement("canvas");
      [small.width, small.height] = [columns, rows];
      const inner = small.getContext("2d");
      const image = inner.createImageData(columns, rows);
      const half = (pixels.length - 1) / 2;
      new Uint32Array(image.data.buffer).set(
        Uint32Array.from(cells, (value) => pixels[Math.round(half + half * value / 127)])
      );
      inner.putImageData(image, 0, 0);
      const height = Math.round(SIMILAR * rows / Math.max(rows, columns));
      const width = Math.round(SIMILAR * columns / Math.max(rows, columns));
      const context = sized(canvas, width, height);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, width, height);
      if (marked === null) return;
      context.strokeStyle = accent;
      const [tall, wide] = [height / rows, width / columns];
      context.strokeRect(0, Math.floor(marked / steps[0]) * tall, width, Math.max(2, tall));
      const partner = hidden.partner[marked];
      if (partner >= 0)
        context.strokeRect(Math.floor(partner / steps[1]) * wide, 0, Math.max(2, wide), height);
    });
  };
  const drawCharts = (hidden) => {
    const [mine, theirs] = hidden.spectra;
    if (mine && theirs) {
      const long = mine.length >= theirs.length ? mine : theirs;
      const filled = (values) => long.map((_, i) => values[i] ?? null);
      spectrum.draw({
        frame: FRAME,
        label: `Singular values, the largest ${short2(mine[0])} in the reference, ${short2(theirs[0])} in this network`,
        ...axesOf([...mine, ...theirs], ["1", `${long.length}`]),
        stops: evenly(long.length),
        series: [
          { look: "ghost", values: filled(mine) },
          { look: "main", values: filled(theirs) }
        ],
        tell: (i) => `${i + 1}: ${short2(mine[i] ?? 0)} in the reference, ${short2(theirs[i] ?? 0)} here`
      });
    } else spectrum.clear("Singular values of a matrix this large are not computed.");
    const { edge, mine: ours, theirs: other } = hidden.histogram;
    histogram.draw({
      frame: FRAME,
      label: "Share of weights by their size",
      ...axesOf([...ours, ...other], [`−${short2(edge)}`, short2(edge)]),
      stops: evenly(ours.length),
      series: [
        { look: "ghost", values: ours },
        { look: "main", values: other }
      ],
      tell: (i) => `${(100 * ours[i]).toFixed(1)} % in the reference, ${(100 * other[i]).toFixed(1)} % here`
    });
  };
  const drawCard = (hidden) => {
    card.replaceChildren();
    if (marked === null) {
      const without = hidden.found.reduce((count, one) => count + !one, 0);
      const extra = hidden.extra.length;
      element(
        "b",
        "",
        card,
        `Layer ${layer + 1}: ${hidden.width - without} of ${hidden.width} neurons have a partner`
      );
      const more = extra ? ` ${extra} of this network's neurons have no place in the reference.` : "";
      element(
        "p",
        "",
        card,
        `Click a neuron anywhere to mark it everywhere; arrow keys go on from it.${more}`
      );
      return;
    }
    const head = element("div", "head", card);
    element("b", "", head, `Neuron ${marked} of layer ${layer + 1}`);
    const close = element("button", "", head, "Close");
    close.type = "button";
    close.addEventListener("click", () => mark(layer, null));
    const list = element("dl", "", card);
    const add = (name, text) => {
      element("dt", "", list, name);
      element("dd", "", list, text);
    };
    const partner = hidden.partner[marked];
    add(
      "Partner",
      partner < 0 ? "none: the layer is smaller" : `neuron ${partner}${hidden.found[marked] ? "" : ", no closer than noise"}`
    );
    const factor = hidden.factor[marked];
    if (Math.abs(factor - 1) > 1e-4)
      add("Undone", factor === -1 ? "opposite sign" : `factor ${factor.toPrecision(3)}`);
    add(
      "Incoming",
      `${number(hidden.incoming[marked])}, noise from ${hidden.limits[0].toFixed(3)}`
    );
    add("Outgoing", number(hidden.outgoing[marked]));
    add("Both", `${number(hidden.whole[marked])}, noise from ${hidden.limits[1].toFixed(3)}`);
    const condition = conditionsOf(hidden, marked);
    if (condition) add("Note", condition);
  };
  const drawTable = (hidden) => {
    tableBox.replaceChildren();
    if (!details.open) return;
    const start = Math.max(0, Math.min((marked ?? 0) - ROWS / 2, hidden.width - ROWS));
    const table = element("table", "", tableBox);
    const head = element("tr", "", element("thead", "", table));
    for (const name of [
      "neuron",
      "partner",
      "factor",
      "incoming",
      "outgoing",
      "both",
      "has a partner"
    ])
      element("th", "", head, name);
    const rows = element("tbody", "", table);
    for (let i = start; i < Math.min(hidden.width, start + ROWS); i++) {
      const row = element("tr", i === marked ? "marked" : "", rows);
      const partner = hidden.partner[i] < 0 ? "–" : hidden.partner[i];
      const cells = [i, partner, Number(hidden.factor[i].toPrecision(4))];
      cells.push(
        ...[hidden.incoming, hidden.outgoing, hidden.whole].map((values) => number(values[i]))
      );
      cells.push(hidden.found[i] ? "yes" : "no");
      for (const cell of cells) element("td", "", row, String(cell));
      row.addEventListener("click", () => mark(layer, i));
    }
    if (hidden.width > ROWS)
      element(
        "p",
        "",
        tableBox,
        `Rows ${start} to ${start + ROWS - 1}; neurons.csv has all ${hidden.width}.`
      );
  };
  details.addEventListener("toggle", () => hiddenNow() && drawTable(hiddenNow()));
  return {
    root,
    build: (next) => {
      data = next;
      const { hidden } = data.pair;
      root.hidden = hidden.length === 0;
      tabs.replaceChildren();
      hidden.forEach((_, l) => {
        const label = element("label", "", tabs);
        const input = element("input", "", label);
        Object.assign(input, { type: "radio", name: "hidden-layer", value: l });
        input.addEventListener("change", () => mark(l, null));
        element("span", "", label, `Layer ${l + 1}`);
      });
      similarPlace.replaceChildren();
      similar = (hidden[0]?.similar ?? []).map(({ by }, index) => {
        const made = element("figure", "", similarPlace);
        const title = by === "weights" ? "How like all are to all, by weights" : "By activations";
        element("figcaption", "", made, title);
        const canvas = picture(made, title);
        element(
          "p",
          "",
          made,
          "Rows the reference's neurons, columns this network's in its own order."
        );
        canvas.addEventListener("click", (event) => {
          const { rows, steps } = hiddenNow().similar[index];
          mark(layer, Math.floor(within(canvas, event)[1] * rows) * steps[0]);
        });
        return { canvas };
      });
    },
    draw: (next, state, theme) => {
      data = next;
      if (!data.pair.hidden.length) return;
      layer = Math.min(state.layer, data.pair.hidden.length - 1);
      marked = state.layer === layer ? state.neuron : null;
      tabs.querySelectorAll("input").forEach((input, l) => {
        input.checked = l === layer;
      });
      const hidden = hiddenNow();
      drawRibbons(hidden, theme);
      drawBars(hidden, theme);
      drawSimilar(hidden, theme);
      drawCharts(hidden);
      drawCard(hidden);
      drawTable(hidden);
    }
  };
};

// views/alignment/line.js
var FRAME2 = { width: 300, height: 120, left: 40, right: 8, top: 8, bottom: 18 };
var makeLine = (parent) => {
  const root = element("section", "line-between", parent);
  element("h3", "", root, "On the way between both");
  element(
    "p",
    "",
    root,
    "Networks on the straight line from the reference to this one, run on your observations. Faint: as it is. Solid: aligned. Flat at 0: the two can be averaged."
  );
  const row = element("div", "small-charts", root);
  const figure = (title) => {
    const made = element("figure", "", row);
    const caption = element("figcaption", "", made, title);
    return { made, caption, chart: new LineChart(made) };
  };
  const disagreement = figure("");
  const loss = figure("");
  const draw = ({ caption, chart }, title, { positions, before, after }, name) => {
    caption.textContent = `${title}: at most ${short2(Math.max(...before[name]))}, aligned ${short2(Math.max(...after[name]))}`;
    chart.draw({
      frame: FRAME2,
      label: caption.textContent,
      ...axesOf([...before[name], ...after[name]], ["reference", "this network"]),
      stops: positions,
      series: [
        { look: "ghost", values: before[name] },
        { look: "main", values: after[name] }
      ],
      tell: (i) => `as it is ${short2(before[name][i])}, aligned ${short2(after[name][i])}`
    });
  };
  return {
    root,
    show: ({ pair }) => {
      root.hidden = !pair.line;
      if (!pair.line) return;
      draw(disagreement, "Disagreement of outputs", pair.line, "disagreement");
      loss.made.hidden = !pair.line.before.loss;
      if (!pair.line.before.loss) return;
      draw(loss, "Mean squared error", pair.line, "loss");
      const [before, after] = [pair.line.before.barrier, pair.line.after.barrier].map(short2);
      loss.caption.textContent += ` (barrier ${before}, aligned ${after})`;
    }
  };
};

// views/alignment/verdict.js
var RELATIONS = {
  same: "same",
  permutation: "same",
  agrees: "related",
  closer: "related",
  none: "none",
  unlike: "none"
};
var WORDS = { same: "Same", related: "Related", none: "Unrelated" };
var FIRST = 12;
var undoneWords = ({ signs, scales }) => `Undone: order${signs ? ", signs" : ""}${scales ? ", scales" : ""}. Noise: what the same search finds between the same networks once every column of weights is shuffled by itself.`;
var makeVerdict = (parent, go) => {
  const root = element("section", "verdict", parent);
  root.setAttribute("aria-live", "polite");
  const addClause = (line, clause) => {
    const button = element("button", "clause", line, clause.text);
    button.type = "button";
    button.addEventListener("click", () => go(clause));
    if (clause.value === null) return;
    const noise = clause.noise === null ? "" : `, noise ${clause.noise.toFixed(3)}`;
    element("span", "number", line, `distance ${clause.value.toFixed(3)}${noise}`);
  };
  const addLine = (list, relation, clauses) => {
    const line = element("li", relation, list);
    if (relation !== "remark") element("b", "sign", line, WORDS[relation]);
    for (const clause of clauses) addClause(line, clause);
  };
  return {
    show: (data) => {
      root.replaceChildren();
      if (!data.said) {
        element(
          "p",
          "waiting",
          root,
          "The pictures below are as your networks are. Matching neurons…"
        );
        return;
      }
      const list = element("ul", "", root);
      const lines = [
        ...data.said.map(({ relation, clauses }) => [RELATIONS[relation], clauses]),
        ...data.remarks.map((clause) => ["remark", [clause]])
      ];
      for (const [relation, clauses] of lines.slice(0, FIRST)) addLine(list, relation, clauses);
      if (lines.length > FIRST) {
        const more = element("button", "more", root, `Show all ${lines.length} lines`);
        more.type = "button";
        more.dataset.control = "";
        more.addEventListener("click", () => {
          for (const [relation, clauses] of lines.slice(FIRST)) addLine(list, relation, clauses);
          more.remove();
        });
      }
      if (data.groups) element("p", "groups", root, data.groups);
      for (const note of data.notes) element("p", "note", root, note);
      element("p", "legend", root, undoneWords(data.undone));
    }
  };
};

// views/alignment/examination.js
var NUMBERS = ["factor", "incoming", "outgoing", "whole"];
var NOWHERE = -32768;
var decodeLayer = (layer) => {
  const read = (part) => {
    if (!part) return null;
    const cells = decode(part.cells, "<i2");
    const biases = decode(part.biases, "<i2");
    const missing = Uint8Array.from(cells, (value) => value === NOWHERE);
    const clear = (values) => values.map((value) => value === NOWHERE ? 0 : value);
    const { rows, columns } = layer;
    return {
      rows,
      columns,
      scale: part.scale,
      cells: clear(cells),
      biases: clear(biases),
      missing
    };
  };
  const { mine, theirs, aligned, residual, ...rest } = layer;
  return {
    ...rest,
    mine: read(mine),
    theirs: read(theirs),
    aligned: read(aligned),
    residual: read(residual)
  };
};
var decodeHidden = (hidden) => {
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, decode(hidden[name], "<f4")]));
  const similar = hidden.similar.map((one) => ({ ...one, cells: decode(one.cells, "|i1") }));
  const found = decode(hidden.found, "|u1");
  return { ...hidden, ...numbers, similar, found, partner: decode(hidden.partner, "<i4") };
};
var decodeData = (sent) => ({
  ...sent,
  distances: {
    before: decode(sent.distances.before, "<f4"),
    after: sent.distances.after && decode(sent.distances.after, "<f4")
  },
  pair: {
    ...sent.pair,
    layers: sent.pair.layers.map(decodeLayer),
    hidden: sent.pair.hidden.map(decodeHidden)
  }
});
var build = (root) => {
  let data = null;
  let send = () => {
  };
  const state = { layer: 0, neuron: null };
  const mark = (layer, neuron) => {
    const hidden = data.pair.hidden[layer];
    const width = hidden ? hidden.width : data.networks[data.reference].sizes[layer + 1];
    if (neuron !== null && (neuron < 0 || neuron >= width)) return;
    Object.assign(state, { layer, neuron });
    draw();
  };
  const choose = (network) => {
    if (network !== data.reference && network !== data.chosen) send("network", network);
  };
  let wanted = null;
  const go = ({ network, layer, picture: picture2 }) => {
    if (picture2 === "neurons" || picture2 === "health") {
      if (network === data.chosen || network === data.reference) mark(layer, null);
      else wanted = layer;
    }
    choose(network);
    const target = picture2 === "distances" ? distances.root : neurons.root;
    target.scrollIntoView({ block: "start", behavior: "smooth" });
  };
  const verdict = makeVerdict(root, go);
  const heading = element("h3", "pair-title", root);
  const layers = makeLayers(root, mark);
  const neurons = makeNeurons(root, mark);
  const line = makeLine(root);
  const distances = makeDistances(root, choose);
  const saved = (part, title) => () => ({
    name: `alignment_${data.reference + 1}_${data.chosen + 1}${part && `_${part}`}`,
    title: `${title}network ${data.chosen + 1} beside network ${data.reference + 1}`
  });
  addSaveButtons(layers.root, saved("matrices", "Matrices of "));
  addSaveButtons(neurons.root, saved("neurons", "Neurons of "));
  addSaveButtons(line.root, saved("line", "The way to "));
  addSaveButtons(distances.root, saved("distances", "All networks; "));
  addSaveButtons(root, saved("", "Examined: "), void 0, "Save all of it: ");
  const draw = () => {
    const theme = themeOf(root);
    layers.draw(data, state, theme);
    neurons.draw(data, state, theme);
    distances.draw(data, theme);
    root.dataset.marked = state.neuron === null ? "" : `${state.layer} ${state.neuron}`;
  };
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.neuron !== null) mark(state.layer, null);
  });
  return {
    show: (sent, { setTriggerValue }, same) => {
      send = setTriggerValue;
      if (same) return;
      const other = data && data.chosen !== sent.chosen;
      data = decodeData(sent);
      if (other) {
        Object.assign(state, { layer: wanted ?? 0, neuron: null });
        wanted = null;
      }
      state.layer = Math.min(state.layer, data.pair.layers.length - 2);
      verdict.show(data);
      const name = (place) => `${place + 1} · ${data.networks[place].label}`;
      heading.textContent = data.chosen === data.reference ? `${name(data.chosen)}. Add another to compare the two.` : `${name(data.chosen)}, beside ${name(data.reference)}`;
      layers.build(data);
      neurons.build(data);
      line.show(data);
      distances.build(data);
      root.dataset.chosen = data.chosen;
      root.dataset.examined = Boolean(data.said);
    },
    layOut: () => {
      layers.layOut(data);
      draw();
    }
  };
};
var examination_default = livingPart("examination", build);
export {
  examination_default as default
};
