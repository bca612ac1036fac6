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

// widgets/weights/shuffling.js
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

// widgets/reading/answers.js
var softmax = (values) => {
  const most = Math.max(...values);
  const shares = Array.from(values, (value) => Math.exp(value - most));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
};
var likeliest = (shares) => shares.indexOf(Math.max(...shares));
var probabilitiesOf = ({ layers, activation, mean, scale }, picture2) => {
  const input = Float64Array.from(picture2, (value, i) => (value - mean[i]) / scale[i]);
  const orders = layers.map(({ rows, columns }) => ({
    rows: identity(rows),
    columns: identity(columns)
  }));
  return softmax(outputsOf(layers, orders, input, activation));
};

// widgets/reading/picture.js
var SHARE = 20 / 28;
var centred = (ink, width, side) => {
  const picture2 = new Float32Array(side * side);
  let [left, right, top, bottom] = [width, -1, ink.length / width, -1];
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (!ink[i]) continue;
    const [row, column] = [Math.floor(i / width), i % width];
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    sum += ink[i];
    x += ink[i] * column;
    y += ink[i] * row;
  }
  if (!sum) return picture2;
  const scale = SHARE * side / (Math.max(right - left, bottom - top) + 1);
  const middle = (side - 1) / 2;
  const area = scale * scale;
  const put = (row, column, amount) => {
    if (row >= 0 && row < side && column >= 0 && column < side)
      picture2[row * side + column] += amount;
  };
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const own = ink[row * width + column] * area;
      if (!own) continue;
      const to = [middle + (row - y / sum) * scale, middle + (column - x / sum) * scale];
      const [r, c] = to.map(Math.floor);
      const [down, across] = [to[0] - r, to[1] - c];
      put(r, c, own * (1 - down) * (1 - across));
      put(r, c + 1, own * (1 - down) * across);
      put(r + 1, c, own * down * (1 - across));
      put(r + 1, c + 1, own * down * across);
    }
  }
  return picture2.map((value) => Math.min(1, value));
};

// widgets/reading/reading.js
var PAD = 280;
var PEN = 22;
var percent = (share) => `${(100 * share).toFixed(share > 0.9995 || share < 0.1 ? 0 : 1)} %`;
var paintPixels = (canvas, pixels, columns, ink) => {
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = pixels.length / columns;
  const context = small.getContext("2d");
  const image = context.createImageData(small.width, small.height);
  pixels.forEach((value, i) => {
    image.data.set([...ink, Math.round(255 * value)], 4 * i);
  });
  context.putImageData(image, 0, 0);
  const target = canvas.getContext("2d");
  target.clearRect(0, 0, canvas.width, canvas.height);
  target.imageSmoothingEnabled = false;
  target.drawImage(small, 0, 0, canvas.width, canvas.height);
};
var build = (root) => {
  let data = null;
  let ink = [0, 0, 0];
  let strokes = [];
  let chosen = 0;
  let examples = [];
  let readers = [];
  let pad = null;
  let seen = null;
  let hint = null;
  let thumbnails = [];
  const drawStrokes = (context, colour) => {
    context.clearRect(0, 0, PAD, PAD);
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = PEN;
    context.strokeStyle = colour;
    for (const points of strokes) {
      context.beginPath();
      context.moveTo(points[0].x, points[0].y);
      for (const { x, y } of points.length > 1 ? points.slice(1) : [points[0]])
        context.lineTo(x, y);
      context.stroke();
    }
  };
  const pixels = () => {
    if (chosen !== null) return examples[chosen].pixels;
    const context = pad.getContext("2d", { willReadFrequently: true });
    const { data: image } = context.getImageData(0, 0, PAD, PAD);
    const drawn = Float32Array.from({ length: PAD * PAD }, (_, i) => image[4 * i + 3] / 255);
    return centred(drawn, PAD, data.picture[1]);
  };
  const say = (reader, shares, empty) => {
    const best = likeliest(shares);
    const label = chosen === null ? null : examples[chosen].label;
    let verdict = "Draw a digit";
    let kind = "quiet";
    if (!empty) {
      verdict = `reads ${data.classes[best]}, ${percent(shares[best])} sure`;
      kind = "plain";
      if (label !== null) {
        kind = label === best ? "good" : "bad";
        verdict = `${kind === "good" ? "✓" : "✗"} ${verdict}`;
        if (kind === "bad") verdict += `; it is a ${data.classes[label]}`;
      }
    }
    if (reader.verdict.textContent !== verdict) reader.verdict.textContent = verdict;
    reader.verdict.dataset.kind = kind;
    reader.bars.forEach(({ row, bar, number }, i) => {
      const share = empty ? 0 : shares[i];
      bar.style.width = `${100 * share}%`;
      number.textContent = empty ? "" : percent(share);
      row.dataset.best = !empty && i === best;
    });
    root.dataset.read = empty ? "" : readers.map((one) => one.best ?? "").join(" ");
  };
  const read = () => {
    const now = pixels();
    const empty = now.every((value) => value === 0);
    paintPixels(seen, now, data.picture[1], ink);
    for (const reader of readers) {
      const shares = probabilitiesOf(reader.network, now);
      reader.best = data.classes[likeliest(shares)];
      say(reader, shares, empty);
    }
    thumbnails.forEach((one, i) => {
      one.setAttribute("aria-pressed", i === chosen);
    });
    hint.textContent = chosen === null ? "Yours, centred and made small as the pictures in training were:" : "A test picture that no training used. Draw over it to begin one of your own.";
  };
  const draw = () => {
    if (chosen === null) drawStrokes(pad.getContext("2d"), `rgb(${ink})`);
    else paintPixels(pad, examples[chosen].pixels, data.picture[1], ink);
    read();
  };
  const at = (event) => {
    const bounds = pad.getBoundingClientRect();
    return {
      x: (event.clientX - bounds.left) * PAD / bounds.width,
      y: (event.clientY - bounds.top) * PAD / bounds.height
    };
  };
  const listen = () => {
    let drawing = false;
    pad.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      if (chosen !== null) strokes = [];
      chosen = null;
      drawing = true;
      pad.setPointerCapture(event.pointerId);
      strokes.push([at(event)]);
      draw();
      event.preventDefault();
    });
    pad.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      const all = event.getCoalescedEvents?.() ?? [];
      strokes.at(-1).push(...(all.length ? all : [event]).map(at));
      draw();
    });
    const stop = () => {
      drawing = false;
    };
    pad.addEventListener("pointerup", stop);
    pad.addEventListener("pointercancel", stop);
  };
  const addPad = (parent) => {
    const side = element("div", "draw", parent);
    pad = picture(side, "A pad to draw a digit on, with mouse or finger");
    pad.className = "pad";
    pad.width = PAD;
    pad.height = PAD;
    listen();
    const below = element("div", "below", side);
    hint = element("p", "", below);
    seen = picture(below, "The picture as networks get it");
    seen.className = "seen";
    [seen.height, seen.width] = data.picture.map((size) => 3 * size);
    const clear = element("button", "", below, "Clear");
    clear.type = "button";
    clear.addEventListener("click", () => {
      strokes = [];
      chosen = null;
      draw();
    });
    const list = element("div", "examples", side);
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", "Test pictures");
    thumbnails = examples.map(({ label }, i) => {
      const button = element("button", "", list);
      button.type = "button";
      button.setAttribute("aria-label", `Test picture ${i + 1}, a ${data.classes[label]}`);
      const canvas = element("canvas", "", button);
      [canvas.height, canvas.width] = data.picture;
      button.addEventListener("click", () => {
        chosen = i;
        draw();
      });
      return button;
    });
  };
  const addReader = (parent, sent) => {
    const section = element("section", "reader", parent);
    if (sent.title) element("h3", "", section, sent.title);
    const verdict = element("p", "verdict", section);
    verdict.setAttribute("role", "status");
    if (sent.note) element("p", "note", section, sent.note);
    const list = element("ol", "", section);
    list.setAttribute("aria-label", "Probability of each class");
    const bars = data.classes.map((name) => {
      const row = element("li", "", list);
      element("span", "name", row, name);
      const track = element("span", "track", row);
      return { row, bar: element("i", "", track), number: element("span", "number", row) };
    });
    const network = {
      ...sent,
      mean: decode(sent.mean, "<f4"),
      scale: decode(sent.scale, "<f4"),
      layers: sent.layers.map((layer) => ({
        ...layer,
        cells: decode(layer.weights, "<f4"),
        biases: decode(layer.biases, "<f4")
      }))
    };
    return { network, verdict, bars };
  };
  return {
    show: (sent, _call, same) => {
      if (same) return;
      data = sent;
      root.dataset.of = data.of;
      delete root.dataset.drawn;
      root.replaceChildren();
      examples = data.examples.map(({ pixels: packed, label }) => ({
        label,
        pixels: Float32Array.from(decode(packed, "|u1"), (value) => value / 255)
      }));
      if (chosen !== null) chosen = examples.length ? Math.min(chosen, examples.length - 1) : null;
      const box = element("div", data.compact ? "box compact" : "box", root);
      addPad(box);
      const list = element("div", "readers", box);
      readers = data.networks.map((one) => addReader(list, one));
    },
    layOut: () => {
      ink = themeOf(root).ink;
      thumbnails.forEach((button, i) => {
        paintPixels(button.firstChild, examples[i].pixels, data.picture[1], ink);
      });
      draw();
      root.dataset.drawn = "true";
    }
  };
};
var reading_default = livingPart("reading", build);
export {
  reading_default as default
};
