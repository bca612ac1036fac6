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
var element = (tag, name, parent, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
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

// views/how/pieces.js
var between = (a, b, t) => a + (b - a) * t;
var eased = (t) => t * t * (3 - 2 * t);
var piecesOf = (layers, patch, { cell, width, gap, head }) => {
  const pieces = [];
  const heights = { matrices: 0, row: 0 };
  const heads = [];
  let x = 0;
  let y = head;
  let tallest = 0;
  layers.forEach(({ rows, columns }, l) => {
    const down = Math.ceil(rows / patch);
    const across = Math.ceil(columns / patch);
    const wide = (columns + 2) * cell + (across + 1) * gap;
    const tall = rows * cell + down * gap;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += tallest + head + gap;
      tallest = 0;
    }
    heads.push({ l, x, y: y - head });
    const add = (r, c) => {
      const bias = c === BIAS;
      const left2 = bias ? (columns + 1) * cell : c * patch * cell;
      const top = r * patch * cell;
      pieces.push({
        l,
        row: r,
        column: c,
        rows: Math.min(patch, rows - r * patch),
        columns: bias ? 1 : Math.min(patch, columns - c * patch),
        whole: { x: x + left2, y: y + top },
        cut: { x: x + left2 + (bias ? across : c) * gap, y: y + top + r * gap }
      });
    };
    for (let r = 0; r < down; r++) for (let c = 0; c < across; c++) add(r, c);
    for (let r = 0; r < down; r++) add(r, BIAS);
    x += wide + 3 * gap;
    tallest = Math.max(tallest, tall);
  });
  heights.matrices = y + tallest;
  let left = 0;
  let line = 0;
  const tile = patch * cell;
  for (const piece of pieces) {
    const wide = Math.max(piece.columns * cell, head);
    if (left > 0 && left + wide > width) {
      left = 0;
      line += 1;
    }
    piece.to = { x: left, y: head + line * (tile + gap + head) };
    left += wide + gap;
  }
  heights.row = head + (line + 1) * (tile + gap + head);
  return { pieces, heads, height: Math.max(heights.matrices, heights.row) };
};
var placeAt = ({ whole, cut, to }, moment, number, count) => {
  const CUT = 0.3;
  if (moment <= CUT) {
    const t2 = eased(moment / CUT);
    return { x: between(whole.x, cut.x, t2), y: between(whole.y, cut.y, t2) };
  }
  const late = 0.5 * number / Math.max(1, count - 1);
  const t = eased(Math.max(0, Math.min(1, ((moment - CUT) / (1 - CUT) - late) / 0.5)));
  return { x: between(cut.x, to.x, t), y: between(cut.y, to.y, t) };
};

// views/how/cutting.js
var MOMENTS = 80;
var MOMENT_MS = 45;
var MOST_CELL = 7;
var GAP = 8;
var canvasOf = (pixels, columns, rows) => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  new Uint32Array(image.data.buffer).set(pixels);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
};
var build = (root) => {
  let data = null;
  let at = 0;
  let drawing = null;
  const scrubber = makeScrubber(root, {
    label: "From matrices to a sequence",
    milliseconds: MOMENT_MS,
    onGo: (moment) => {
      at = moment;
      draw();
    }
  });
  const canvas = picture(root);
  const draw = () => {
    if (!drawing) return;
    const { pieces, heads, pictures, cell, ratio, theme, type } = drawing;
    const moment = at / (MOMENTS - 1);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = false;
    context.font = `${type}px ${getComputedStyle(root).fontFamily}`;
    context.textBaseline = "top";
    const ink = (opacity) => `rgba(${theme.ink}, ${opacity})`;
    context.fillStyle = ink(Math.max(0, 1 - 4 * moment) * 0.8);
    heads.forEach(({ l, x, y }) => {
      const { name, rows, columns } = data.layers[l];
      context.fillText(`${name} ${rows}×${columns}`, x, y);
    });
    const numbers = Math.max(0, (moment - 0.85) / 0.15);
    pieces.forEach((piece, i) => {
      const { l, row, column } = piece;
      const { x, y } = placeAt(piece, moment, i, pieces.length);
      const source = column === BIAS ? pictures[l].biases : pictures[l].cells;
      const from = column === BIAS ? 0 : column * data.patch;
      const [width, height] = [piece.columns * cell, piece.rows * cell];
      context.drawImage(
        ...[source, from, row * data.patch, piece.columns, piece.rows],
        ...[x, y, width, height]
      );
      context.lineWidth = 1;
      context.strokeStyle = ink(0.3);
      context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
      if (numbers > 0) {
        context.fillStyle = ink(0.8 * numbers);
        context.fillText(String(i + 1), x, y - type * 1.25);
      }
    });
    scrubber.describe(moment < 0.3 ? "matrices" : moment < 1 ? "patches on their way" : "sequence");
    root.dataset.moment = moment.toFixed(2);
    root.dataset.drawn = "true";
  };
  return {
    show: (sent, _call, same) => {
      if (same) return;
      data = {
        ...sent,
        layers: sent.layers.map((layer) => ({
          ...layer,
          cells: decode(layer.weights, "<f4"),
          biases: decode(layer.biases, "<f4"),
          scale: 1
        }))
      };
      at = 0;
      scrubber.set(MOMENTS, at);
      canvas.setAttribute("aria-label", data.label);
    },
    layOut: () => {
      const theme = themeOf(root);
      const ratio = window.devicePixelRatio || 1;
      const width = root.clientWidth;
      const style = getComputedStyle(root);
      const type = Number.parseFloat(style.fontSize);
      const share = Number.parseFloat(style.getPropertyValue("--figure-share")) || 0.7;
      const most = Number.parseFloat(style.getPropertyValue("--largest-cell")) || MOST_CELL;
      let cell = most;
      let laid;
      for (; ; cell -= 0.5) {
        laid = piecesOf(data.layers, data.patch, { cell, width, gap: GAP, head: type * 1.5 });
        if (laid.height <= 0.85 * share * window.innerHeight || cell <= 2.5) break;
      }
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(laid.height * ratio);
      canvas.style.width = `${width}px`;
      const pictures = data.layers.map((layer) => ({
        cells: canvasOf(
          paintCells(layer, asItIs(layer), data.limit, theme.pixels),
          layer.columns,
          layer.rows
        ),
        biases: canvasOf(
          paintBiases(layer, asItIs(layer), data.limit, theme.pixels),
          1,
          layer.rows
        )
      }));
      const first = !drawing;
      drawing = { ...laid, pictures, cell, ratio, theme, type };
      draw();
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (first && still) scrubber.go(MOMENTS - 1);
      else if (first) scrubber.play();
    },
    close: scrubber.stop
  };
};
var cutting_default = livingPart("cutting", build);
export {
  cutting_default as default
};
