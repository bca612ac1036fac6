// Made by `make bundle` out of the files named below; do not edit.

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
var livingPart = (name, build) => (call) => {
  const root = call.parentElement.querySelector(`.${name}`);
  root.life ??= begin(root, build(root));
  return root.life(call);
};
var remade = (make) => (root) => {
  let made = null;
  const close = () => {
    made?.close();
    made = null;
  };
  return {
    show: (data, call, same) => {
      if (same && made) {
        made.take?.(data);
        return;
      }
      close();
      made = make(root, data, call);
    },
    layOut: () => made?.layOut(),
    close
  };
};

// widgets/replay/failures.js
var Known = class extends Error {
};
var fetched = async (url, request = (address) => fetch(address)) => {
  const name = url.slice(url.lastIndexOf("/") + 1);
  let answer;
  try {
    answer = await request(url);
  } catch {
    throw new Known(`The server does not answer (asked for ${name}). Is it still running?`);
  }
  if (!answer.ok) {
    throw new Known(`The server has no ${name} (it answers ${answer.status}).`);
  }
  return answer;
};
var needingWebGL = (make) => {
  try {
    return make();
  } catch {
    throw new Known("This browser cannot draw in 3D: it has no WebGL, or WebGL is switched off.");
  }
};
var LOST = "The browser has ended 3D drawing on this page; reload the page to go on.";

// widgets/replay/library.js
var loadScript = async (url) => {
  const text = await (await fetched(url)).text();
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
};
var FIRST = "meshes.bin";
var at = (name) => new URL(`app/static/${name}`, document.baseURI).href;
var load = () => {
  window.nnitReplay ||= (async () => {
    const [three, index, bytes] = await Promise.all([
      loadScript(at("three.bundle.js")),
      fetched(at("meshes.json")).then((answer) => answer.json()),
      fetched(at(FIRST)).then((answer) => answer.arrayBuffer())
    ]);
    return { three, index, files: /* @__PURE__ */ new Map([[FIRST, bytes]]), geometries: /* @__PURE__ */ new Map() };
  })();
  window.nnitReplay.catch(() => {
    delete window.nnitReplay;
  });
  return window.nnitReplay;
};
var SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
var isSoftware = (context) => {
  const names = context?.getExtension("WEBGL_debug_renderer_info");
  return SOFTWARE.test(names ? context.getParameter(names.UNMASKED_RENDERER_WEBGL) : "");
};
var meshGeometry = ({ three, index, files, geometries }, name) => {
  if (!geometries.has(name)) {
    const { file, offset, vertices, faces, scale } = index[name];
    const bytes = files.get(file);
    const whole = new Int16Array(bytes, offset, 3 * vertices);
    const positions = Float32Array.from(whole, (value) => value * scale);
    const geometry = new three.BufferGeometry();
    geometry.setAttribute("position", new three.BufferAttribute(positions, 3));
    geometry.setIndex(
      new three.BufferAttribute(new Uint16Array(bytes, offset + 6 * vertices, 3 * faces), 1)
    );
    geometries.set(name, three.toCreasedNormals(geometry, 0.6));
  }
  return geometries.get(name);
};
var geometryOf = (library, { kind, size, mesh }) => {
  const { three } = library;
  const [a, b, c] = size;
  if (kind === "mesh") return meshGeometry(library, mesh);
  if (kind === "box") return new three.BoxGeometry(2 * a, 2 * b, 2 * c);
  if (kind === "sphere") return new three.SphereGeometry(a, 32, 20);
  if (kind === "ellipsoid") return new three.SphereGeometry(1, 32, 20).scale(a, b, c);
  if (kind === "cylinder") return new three.CylinderGeometry(a, a, 2 * b, 40).rotateX(Math.PI / 2);
  if (kind === "capsule") return new three.CapsuleGeometry(a, 2 * b, 10, 24).rotateX(Math.PI / 2);
  return new three.PlaneGeometry(2 * (a || 10), 2 * (b || 10));
};

// widgets/live/files.js
var ask = (address) => fetch(address, { cache: "force-cache" });
var NO_WASM = "This browser cannot run the robot itself: it has no WebAssembly.";
var lacks = (scope = globalThis) => {
  if (!scope.WebAssembly?.compileStreaming || !scope.Worker || !scope.DecompressionStream)
    return NO_WASM;
  return null;
};
var unpacked = async (address, type) => {
  const { body } = await fetched(address, ask);
  return new Response(body.pipeThrough(new DecompressionStream("gzip")), {
    headers: { "Content-Type": type }
  });
};
var kept = (name, make) => {
  window.nnitLive ||= /* @__PURE__ */ new Map();
  const all = window.nnitLive;
  if (!all.has(name)) {
    const coming = make();
    coming.catch(() => all.delete(name));
    all.set(name, coming);
  }
  return all.get(name);
};
var addressOf = (name) => new URL(`app/static/live/${name}`, document.baseURI).href;
var loadLive = async ({ wasm, script, scene }) => {
  const wrong = lacks();
  if (wrong) throw new Known(wrong);
  const [module, text, facts] = await Promise.all([
    kept(
      wasm,
      async () => WebAssembly.compileStreaming(await unpacked(addressOf(wasm), "application/wasm"))
    ),
    kept(script, async () => (await unpacked(addressOf(script), "text/javascript")).text()),
    kept(scene, async () => (await unpacked(addressOf(scene), "application/json")).json())
  ]);
  return { module, script: text, facts };
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

// widgets/films/phase.js
var places = /* @__PURE__ */ new WeakMap();
var members = (place) => {
  if (!places.has(place)) places.set(place, /* @__PURE__ */ new Set());
  return places.get(place);
};

// widgets/replay/controls.js
var SPEEDS = [
  [0.25, "¼ speed"],
  [0.5, "½ speed"],
  [1, "real time"],
  [2, "2 times"]
];
var CAMERAS = [
  ["film", "Film"],
  ["front", "Front"],
  ["side", "Side"],
  ["top", "Top"],
  ["hand", "Follow the hand"]
];
var addSpeeds = (parent, speed, fastest) => {
  const speeds = element("select", "", parent);
  speeds.setAttribute("aria-label", "Speed");
  for (const [value, text] of SPEEDS)
    if (value <= fastest) element("option", "", speeds, text).value = String(value);
  speeds.value = String(speed);
  return speeds;
};
var addCameras = (parent, look, { follows }) => {
  const cameras = element("div", "cameras", parent);
  element("span", "", cameras, "Camera");
  for (const [name, text] of CAMERAS) {
    if (name === "hand" && !follows) continue;
    const button = element("button", "", cameras, text);
    button.type = "button";
    button.addEventListener("click", () => look(name));
  }
};

// widgets/matrix/words.js
var signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);
var groupOf = (groups, column) => groups.find(([, start, end]) => column >= start && column < end);

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

// widgets/live/matrices.js
var READ = 4;
var LARGEST = 4;
var STRIP = 8;
var GAP = 14;
var paint = (canvas, values, columns, limit, pixels) => {
  const rows = values.length / columns;
  if (canvas.width !== columns || canvas.height !== rows)
    Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const to = new Uint32Array(image.data.buffer);
  for (let i = 0; i < to.length; i++) to[i] = pixels[indexOf(values[i], limit)];
  context.putImageData(image, 0, 0);
};
var setSize = (canvas, width, height) => {
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
};
var cellOf = (shapes, width) => Math.min(LARGEST, ...shapes.map(({ columns }) => (width - STRIP - 2) / columns));
var createMatrices = (parent) => {
  const text = "The weights in use, above each matrix what goes in, at its right what comes out.";
  element("p", "", parent, text);
  const box = element("div", "matrices", parent);
  box.style.gap = `${GAP}px`;
  let shown = [];
  let limit = 1;
  let painted = null;
  const setWeights = (layers) => {
    const before = shown;
    shown = layers.map(({ weight, bias }, i) => {
      if (before[i]) return { ...before[i], weight, rows: bias.length };
      const figure = element("figure", "", box);
      element("figcaption", "", figure, `W${i + 1}`);
      const input = element("canvas", "", figure);
      const matrix = picture(figure, `Weights of layer ${i + 1}, as they are in use`);
      const output = element("canvas", "", figure);
      for (const strip of [input, output]) strip.setAttribute("aria-hidden", "true");
      return { input, matrix, output, weight, rows: bias.length };
    });
    for (const one of shown) one.columns = one.weight.length / one.rows;
    limit = 0.6 * Math.max(...shown.flatMap(({ weight }) => Array.from(weight, Math.abs)));
    painted = null;
  };
  const draw = (values, theme, width) => {
    if (!shown.length) return;
    const size = cellOf(shown, width);
    shown.forEach(({ input, matrix, output, weight, rows, columns }, i) => {
      if (painted !== theme) paint(matrix, weight, columns, limit, theme.pixels);
      paint(input, values[i], columns, i ? 1 : READ, theme.pixels);
      paint(output, values[i + 1], 1, 1, theme.pixels);
      setSize(input, columns * size, STRIP);
      setSize(matrix, columns * size, rows * size);
      setSize(output, STRIP, rows * size);
    });
    painted = theme;
  };
  return { setWeights, draw };
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

// widgets/live/network.js
var networkOf = ({ layers, mean, scale, activation }) => ({
  activation,
  mean: decode(mean, "<f4"),
  scale: decode(scale, "<f4"),
  layers: layers.map(({ weight, bias }) => ({
    weight: decode(weight, "<f4"),
    bias: decode(bias, "<f4")
  }))
});

// widgets/live/inside.js
var ROW = 15;
var GAP2 = 4;
var LARGEST2 = 14;
var LABEL = 88;
var rowNames = (widths) => widths.map(
  (_, i) => i === 0 ? "observation" : i === widths.length - 1 ? "action" : `hidden layer ${i}`
);
var sizeOf = (count, width) => Math.min(LARGEST2, (width - LABEL) / count);
var cellAt = (widths, width, x, y) => {
  const row = Math.floor(y / (ROW + GAP2));
  if (row < 0 || row >= widths.length) return null;
  const cell = Math.floor((x - LABEL) / sizeOf(widths[row], width));
  return cell >= 0 && cell < widths[row] ? { row, cell } : null;
};
var AXES = ["x", "y", "z"];
var inputName = (groups, index) => {
  const group = groupOf(groups, index);
  if (!group) return `observation ${index}`;
  const [name, start, end] = group;
  if (end - start === 1) return name;
  const place = index - start;
  return place < 3 ? `${name} ${AXES[place]}` : `${name}, number ${place + 1}`;
};
var listOf = (pairs, nameOf) => pairs.map(([index, weight]) => `${nameOf(index)} (${signed(weight)})`).join(", ");
var OWN = "own";
var addOthers = (tools, data, ask2, swap) => {
  const names = Object.entries(data.others ?? {});
  if (!names.length || !ask2) return { take: () => {
  } };
  const known = /* @__PURE__ */ new Map([[OWN, networkOf(data.network)]]);
  const label = element("label", "", tools, "Network");
  const choice = element("select", "", label);
  for (const [name, title] of [[OWN, "As shown"], ...names])
    element("option", "", choice, title).value = name;
  const note = element("output", "", label);
  let waiting = null;
  const show = (name) => {
    waiting = null;
    note.textContent = "";
    swap(known.get(name));
  };
  choice.addEventListener("change", () => {
    const name = choice.value;
    if (known.has(name)) show(name);
    else {
      waiting = name;
      note.textContent = "is being written";
      ask2(name);
    }
  });
  return {
    take: ({ other }) => {
      if (!other || known.has(other.name)) return;
      if (other.network) known.set(other.name, networkOf(other.network));
      if (waiting !== other.name) return;
      if (other.network) show(other.name);
      else {
        waiting = null;
        note.textContent = `It cannot be had: ${other.wrong}.`;
      }
    }
  };
};
var createInside = (root, data, send, ask2) => {
  const box = element("details", "inside", root);
  element("summary", "", box, "Look inside the network");
  const body = element("div", "", box);
  const canvas = picture(body, "What the neurons say at this moment. Arrow keys choose one.");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const said = element("p", "said", body, "Click a neuron of a hidden layer.");
  said.setAttribute("role", "status");
  const tools = element("div", "tools", body);
  const quiet = element("button", "", tools, "Silence it");
  quiet.type = "button";
  quiet.disabled = true;
  const shuffle = element("button", "", tools, "Shuffle the neurons");
  shuffle.type = "button";
  const label = element("label", "", tools, "Noise on the weights");
  const noise = element("input", "", label);
  Object.assign(noise, { type: "range", min: 0, max: 100, step: 5, value: 0 });
  const amount = element("output", "", label, "0 %");
  label.title = "In hundredths of each matrix's standard deviation";
  const others = addOthers(tools, data, ask2, (network) => {
    chosen = null;
    quiet.disabled = true;
    said.textContent = "Another network has taken over, in the middle of the motion.";
    send({ type: "swap", network, amount: Number(noise.value) / 100 });
  });
  const matrices = createMatrices(body);
  let state = null, theme = null, chosen = null, asked = 0;
  const widths = [data.network.mean, ...data.network.layers.map(({ bias }) => bias)].map(
    (text) => text.length * 3 / 4 / 4
  );
  const counts = () => state?.values.map((layer) => layer.length) ?? widths.map(Math.floor);
  const draw = () => {
    asked = 0;
    if (!box.open || !state || !body.clientWidth) return;
    const now = counts();
    const ratio = window.devicePixelRatio || 1;
    const width = body.clientWidth;
    const height = now.length * (ROW + GAP2);
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    theme ??= themeOf(root);
    const names = rowNames(now);
    context.font = `11px ${getComputedStyle(root).fontFamily}`;
    state.values.forEach((layer, row) => {
      const size = sizeOf(layer.length, width);
      const top = row * (ROW + GAP2);
      const left = (i) => LABEL + i * size;
      context.fillStyle = `rgb(${theme.ink.join(" ")})`;
      context.fillText(names[row], 0, top + ROW - 4);
      layer.forEach((value, i) => {
        const pixel = theme.pixels[indexOf(value, row ? 1 : READ)];
        context.fillStyle = `rgb(${pixel & 255} ${pixel >> 8 & 255} ${pixel >> 16 & 255})`;
        context.fillRect(left(i), top, size, ROW);
        if (state.silent[row - 1]?.[i]) {
          context.strokeStyle = `rgb(${theme.ink.join(" ")})`;
          context.beginPath();
          context.moveTo(left(i) + 1, top + 1);
          context.lineTo(left(i + 1) - 1, top + ROW - 1);
          context.stroke();
        }
      });
      context.strokeStyle = `rgb(${theme.ink.join(" ")} / 0.3)`;
      context.strokeRect(LABEL + 0.5, top + 0.5, size * layer.length - 1, ROW - 1);
      if (chosen?.row === row) {
        context.strokeStyle = theme.accent;
        context.lineWidth = 2;
        context.strokeRect(left(chosen.cell), top, size, ROW);
        context.lineWidth = 1;
      }
    });
    matrices.draw(state.values, theme, width);
    say();
  };
  const say = () => {
    if (!chosen || !state) return;
    const { row, cell } = chosen;
    const value = state.values[row][cell];
    const last = counts().length - 1;
    quiet.disabled = row === 0 || row === last;
    if (quiet.disabled) {
      const name = row ? `action ${data.actions[cell]}` : inputName(data.groups, cell);
      const unit = row ? "" : ", as the network reads it";
      said.textContent = `${name}: ${signed(value)}${unit}.`;
      return;
    }
    const silent = state.silent[row - 1][cell];
    quiet.textContent = silent ? "Let it speak" : "Silence it";
    const { reads, writes } = state.neuron ?? { reads: [], writes: [] };
    const from = (i) => row === 1 ? inputName(data.groups, i) : `neuron ${i}`;
    const to = (i) => row + 1 === last ? `action ${data.actions[i]}` : `neuron ${i}`;
    const now = silent ? "silent" : signed(value);
    said.textContent = `${rowNames(counts())[row]}, neuron ${cell}: ${now}. It reads most ${listOf(reads, from)}; it is read most by ${listOf(writes, to)}.`;
  };
  const want = () => {
    asked ||= requestAnimationFrame(draw);
  };
  const choose = (next) => {
    chosen = next;
    const { row, cell } = next;
    const hidden = row > 0 && row < counts().length - 1;
    send({ type: "choose", neuron: hidden ? { layer: row - 1, neuron: cell } : null });
    want();
  };
  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const found = cellAt(counts(), body.clientWidth, offsetX, offsetY);
    if (found) choose(found);
  });
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Enter" && !quiet.disabled) quiet.click();
    const move = moves[event.key];
    if (!move || !state) return;
    event.preventDefault();
    const now = counts();
    const from = chosen ?? { row: 1, cell: -1 };
    const row = Math.max(0, Math.min(now.length - 1, from.row + move[0]));
    choose({ row, cell: Math.max(0, Math.min(now[row] - 1, from.cell + move[1])) });
  });
  quiet.addEventListener("click", () => {
    const { row, cell } = chosen;
    const on = !state.silent[row - 1][cell];
    send({ type: "silence", layer: row - 1, neuron: cell, on });
  });
  shuffle.addEventListener("click", () => {
    chosen = null;
    said.textContent = "Another order of neurons: the robot does the same.";
    quiet.disabled = true;
    send({ type: "shuffle" });
  });
  noise.addEventListener("input", () => {
    amount.textContent = `${noise.value} %`;
    send({ type: "noise", amount: Number(noise.value) / 100 });
  });
  box.addEventListener("toggle", want);
  return {
    show: (now) => {
      state = now;
      want();
    },
    showWeights: (layers) => {
      matrices.setWeights(layers);
      want();
    },
    take: others.take,
    layOut: () => {
      theme = null;
      want();
    },
    close: () => cancelAnimationFrame(asked)
  };
};

// widgets/live/tasks.js
var sum = (a, b) => a.map((value, i) => value + b[i]);
var distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
var seen = (observation) => observation.slice(4, 7);
var LOOSE = 9;
var NO_TURN = [0, 0, 0, 0];
var WORKSPACE = [
  [-0.5, 0.4, 0.05],
  [0.5, 1, 0.5]
];
var within = (point, [low, high]) => point.map((value, i) => Math.min(high[i], Math.max(low[i], value)));
var goalHandle = (flat) => ({
  name: "goal",
  title: "the goal",
  flat,
  newGoal: true,
  where: (scene) => scene.goal,
  move: (scene, to) => scene.setGoal(within(to, scene.task.goals))
});
var looseHandle = (name, title, body, area) => ({
  name,
  title,
  flat: true,
  where: (scene) => scene.bodyPlace(body),
  move: (scene, to) => {
    const [x, y] = within(to, area);
    const z = scene.bodyPlace(body)[2];
    scene.setJoint(LOOSE, [x, y, z]);
    scene.stopJoint(LOOSE, 6);
  }
});
var standingHandle = (name, title, body) => ({
  name,
  title,
  flat: true,
  newGoal: true,
  where: (scene) => scene.bodyPlace(body),
  move: (scene, to) => {
    const { low, high } = scene.facts.space;
    const at2 = low.length - 3;
    const [x, y] = within(to, [low.slice(at2), high.slice(at2)]);
    const draw = [...scene.draw.slice(0, at2), x, y, scene.draw[at2 + 2]];
    scene.draw = draw;
    scene.task.stand(scene, draw);
  }
});
var jointHandle = (name, title, joint, where) => ({
  name,
  title,
  flat: true,
  where,
  move: (scene, to) => scene.followWithJoint(joint, where(scene), to)
});
var PUCK_AREA = [
  [-0.2, 0.5, 0],
  [0.2, 0.92, 1]
];
var puckAt = (scene, place) => {
  scene.setJoint(LOOSE, place);
  scene.stopJoint(LOOSE, 6);
  scene.forward();
};
var puck = {
  hand: [0, 0.6, 0.2],
  goals: [
    [-0.1, 0.8, 0.05],
    [0.1, 0.9, 0.3]
  ],
  object: (scene) => [...scene.bodyPlace("obj"), ...scene.geomTurn("objGeom")],
  stand: (scene, draw) => scene.setGoal(draw.slice(3, 6)),
  start: (scene, draw) => {
    puck.stand(scene, draw);
    puckAt(scene, draw.slice(0, 3));
  },
  undo: (scene) => {
    scene.setJoint(LOOSE, [...scene.draw.slice(0, 3), 1, 0, 0, 0]);
    scene.stopJoint(LOOSE, 6);
  },
  undoing: "Put the puck back"
};
var drawer = (depth, height) => ({
  hand: [0, 0.6, 0.2],
  goals: WORKSPACE,
  stand: (scene, draw) => {
    scene.standBody("drawer", draw);
    scene.setGoal(sum(draw, [0, -0.16 - depth, 0.09]));
  },
  handles: [
    jointHandle(
      "drawer",
      "the drawer",
      "goal_slidey",
      (scene) => sum(scene.bodyPlace("drawer_link"), [0, -0.16, height])
    ),
    standingHandle("cabinet", "the cabinet", "drawer")
  ]
});
var drawerOpen = drawer(0.2, 0);
var drawerClose = drawer(0, 0.05);
var windowTask = (site, shift) => ({
  hand: [0, 0.4, 0.2],
  goals: WORKSPACE,
  object: (scene) => [...scene.sitePlace(site), ...NO_TURN],
  stand: (scene, draw) => {
    scene.standBody("window", draw);
    scene.setGoal(sum(draw, [shift, 0, 0]));
  },
  // The handle that the network sees, not the observation, which is clipped.
  done: (scene) => Math.abs(scene.sitePlace(site)[0] - scene.goal[0]) <= 0.05,
  handles: [
    jointHandle("window", "the window", "window_slide", (scene) => scene.sitePlace(site)),
    standingHandle("frame", "the frame", "window")
  ]
});
var windowOpen = windowTask("handleOpenStart", 0.2);
var windowClose = windowTask("handleCloseStart", 0);
var TASKS = {
  "reach-v3": {
    ...puck,
    done: (scene) => distance(scene.fingers(), scene.goal) <= 0.05,
    handles: [goalHandle(false), looseHandle("puck", "the puck", "obj", PUCK_AREA)],
    undo: void 0,
    // The network brings the middle of the hand to the goal; success asks for the fingertips, which hang below.
    hangs: 0.045
  },
  "push-v3": {
    ...puck,
    goals: [
      [-0.1, 0.8, 0.01],
      [0.1, 0.9, 0.02]
    ],
    // On the table, as high as the puck lies.
    stand: (scene, draw) => scene.setGoal([draw[3], draw[4], scene.settled]),
    start: (scene, draw) => {
      scene.settled = scene.bodyPlace("obj")[2];
      TASKS["push-v3"].stand(scene, draw);
      puckAt(scene, [draw[0], draw[1], scene.settled]);
    },
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.05,
    handles: [goalHandle(true), looseHandle("puck", "the puck", "obj", PUCK_AREA)]
  },
  "pick-place-v3": {
    ...puck,
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.07,
    handles: [goalHandle(false), looseHandle("puck", "the puck", "obj", PUCK_AREA)]
  },
  "door-open-v3": {
    hand: [0, 0.6, 0.2],
    goals: [
      [-0.3, 0.4, 0.1499],
      [-0.2, 0.5, 0.1501]
    ],
    object: (scene) => [...scene.geomPlace("handle"), ...scene.geomTurn("handle")],
    stand: (scene, draw) => {
      scene.standBody("door", draw);
      scene.setGoal(sum(draw, [-0.3, -0.45, 0]));
    },
    start: (scene, draw) => {
      TASKS["door-open-v3"].stand(scene, draw);
      scene.holdJoint("doorjoint", 0);
      scene.forward();
    },
    done: (scene, observation) => Math.abs(observation[4] - scene.goal[0]) <= 0.08,
    undo: (scene) => scene.sweepJoint("doorjoint", 0),
    undoing: "Shut the door",
    handles: [
      jointHandle("door", "the door", "doorjoint", (scene) => scene.geomPlace("handle")),
      standingHandle("frame", "the frame", "door")
    ]
  },
  "drawer-open-v3": {
    ...drawerOpen,
    object: (scene) => [
      ...sum(scene.bodyPlace("drawer_link"), [0, -0.16, 0]),
      ...scene.bodyTurn("drawer_link")
    ],
    start: drawerOpen.stand,
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.03,
    undo: (scene) => scene.sweepJoint("goal_slidey", 0),
    undoing: "Push the drawer in"
  },
  "drawer-close-v3": {
    ...drawerClose,
    object: (scene) => [...sum(scene.bodyPlace("drawer_link"), [0, -0.16, 0.05]), ...NO_TURN],
    start: (scene, draw) => {
      drawerClose.stand(scene, draw);
      scene.setJoint(LOOSE, [-0.15]);
      scene.forward();
    },
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.065,
    undo: (scene) => scene.sweepFromRest("goal_slidey", -0.15),
    undoing: "Pull the drawer out"
  },
  "button-press-topdown-v3": {
    hand: [0, 0.4, 0.2],
    goals: WORKSPACE,
    object: (scene) => [
      ...sum(scene.bodyPlace("button"), [0, 0, 0.193]),
      ...scene.bodyTurn("button")
    ],
    stand: (scene, draw) => {
      scene.standBody("box", draw);
      scene.forward();
      scene.setGoal(scene.sitePlace("hole"), false);
    },
    start: (scene, draw) => TASKS["button-press-topdown-v3"].stand(scene, draw),
    done: (scene, observation) => Math.abs(scene.goal[2] - observation[6]) <= 0.024,
    handles: [standingHandle("box", "the box", "box")]
  },
  "peg-insert-side-v3": {
    hand: [0, 0.6, 0.2],
    goals: [
      [-0.32, 0.4, 0.129],
      [-0.22, 0.7, 0.131]
    ],
    object: (scene) => [...scene.sitePlace("pegGrasp"), ...scene.siteTurn("pegGrasp")],
    stand: (scene, draw) => {
      const box = draw.slice(3, 6);
      scene.standBody("box", box);
      scene.setGoal(sum(box, [0.03, 0, 0.13]));
    },
    start: (scene, draw) => {
      puckAt(scene, draw.slice(0, 3));
      TASKS["peg-insert-side-v3"].stand(scene, draw);
    },
    done: (scene) => {
      const [x, y, z] = scene.sitePlace("pegHead").map((value, i) => value - scene.goal[i]);
      return Math.hypot(x, 2 * y, 2 * z) <= 0.07;
    },
    undo: puck.undo,
    undoing: "Put the peg back",
    handles: [
      standingHandle("box", "the box", "box"),
      looseHandle("peg", "the peg", "peg", [
        [-0.05, 0.45, 0],
        [0.25, 0.75, 1]
      ])
    ]
  },
  "window-open-v3": {
    ...windowOpen,
    start: (scene, draw) => {
      windowOpen.stand(scene, draw);
      scene.setJointNamed("window_slide", 0);
    },
    undo: (scene) => scene.sweepFromRest("window_slide", 0),
    undoing: "Shut the window"
  },
  "window-close-v3": {
    ...windowClose,
    start: (scene, draw) => {
      windowClose.stand(scene, draw);
      scene.setJointNamed("window_slide", 0.2);
    },
    undo: (scene) => scene.sweepFromRest("window_slide", 0.2),
    undoing: "Open the window"
  }
};

// widgets/live/scene.js
var ACTION_SCALE = Math.fround(0.01);
var drawStart = ({ low, high, apart }, random) => {
  for (; ; ) {
    const draw = low.map((value, i) => value + random() * (high[i] - value));
    if (!apart || Math.hypot(draw[0] - draw[3], draw[1] - draw[4]) >= apart) return draw;
  }
};

// widgets/replay/painter.js
var createPainter = ({ three }, fine) => {
  const renderer = needingWebGL(() => new three.WebGLRenderer({ antialias: fine, alpha: true }));
  renderer.shadowMap.enabled = fine;
  const sheet = renderer.domElement;
  return {
    software: isSoftware(renderer.getContext()),
    sheet,
    // Draws a scene onto a canvas, as large as that is.
    draw: (scene, camera, canvas) => {
      const { width, height } = canvas;
      if (sheet.width < width || sheet.height < height)
        renderer.setSize(Math.max(sheet.width, width), Math.max(sheet.height, height), false);
      renderer.setViewport(0, 0, width, height);
      renderer.render(scene, camera);
      const context = canvas.getContext("2d");
      context.globalCompositeOperation = "copy";
      context.drawImage(sheet, 0, sheet.height - height, width, height, 0, 0, width, height);
    },
    close: () => {
      renderer.dispose();
      renderer.forceContextLoss();
    }
  };
};
var painterOf = (library, fine) => {
  library.painters ??= /* @__PURE__ */ new Map();
  const { painters } = library;
  if (!painters.has(fine)) {
    const painter = createPainter(library, fine);
    library.software = painter.software;
    painters.set(fine, painter);
    painter.sheet.addEventListener("webglcontextlost", () => painters.delete(fine));
  }
  return painters.get(fine);
};
var drawsInSoftware = (library) => {
  if (library.software === void 0 && !painterOf(library, false).software) {
    library.painters.get(false).close();
    library.painters.delete(false);
  }
  return library.software;
};

// widgets/replay/scenery.js
var LOWEST = 0.05;
var FLATTEST = Math.PI / 2 - 0.05;
var FARTHEST = 6;
var COARSE = 0.8;
var keptInside = ([x, y, z], [x0, y0], reach) => {
  const within2 = (value, middle) => Math.max(middle - reach, Math.min(middle + reach, value));
  return [within2(x, x0), within2(y, y0), Math.max(LOWEST, Math.min(reach, z))];
};
var createScenery = (library, stage, data, { isMark, tick, handAt, turned, lost, fine = true, make = geometryOf }) => {
  const { three } = library;
  const painter = painterOf(library, fine);
  painter.sheet.addEventListener("webglcontextlost", lost);
  const canvas = stage.appendChild(document.createElement("canvas"));
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute(
    "aria-label",
    `The robot in 3D: ${data.title}. Drag or use the arrow keys to look around.`
  );
  const scene = new three.Scene();
  scene.add(new three.HemisphereLight(16777215, 10261642, 2.3));
  const sun = new three.DirectionalLight(16777215, 2.1);
  const [x0, y0] = data.camera.lookat;
  sun.position.set(x0 - 0.7, y0 - 0.9, 2.6);
  sun.target.position.set(x0, y0, 0);
  sun.castShadow = true;
  sun.shadow.mapSize.set(1024, 1024);
  sun.shadow.radius = 3;
  sun.shadow.bias = -6e-4;
  sun.shadow.normalBias = 4e-3;
  Object.assign(sun.shadow.camera, { left: -1, right: 1, top: 1, bottom: -1, near: 0.5, far: 5 });
  scene.add(sun, sun.target);
  const camera = new three.PerspectiveCamera(45, 4 / 3, 0.02, 40);
  camera.up.set(0, 0, 1);
  const controls = new three.OrbitControls(camera, canvas);
  controls.listenToKeyEvents(canvas);
  Object.assign(controls, { maxPolarAngle: FLATTEST, minDistance: 0.1, maxDistance: FARTHEST });
  const take = (taken) => {
    controls.enableZoom = taken;
    canvas.style.touchAction = taken ? "none" : "pan-y";
  };
  take(false);
  canvas.addEventListener("focus", () => take(true));
  canvas.addEventListener("blur", () => take(false));
  canvas.addEventListener("pointerdown", () => canvas.focus({ preventScroll: true }));
  const objects = data.shapes.map((shape, i) => {
    const [red, green, blue, opacity] = shape.colour;
    const seen2 = { transparent: opacity < 1, opacity };
    const material = fine ? new three.MeshStandardMaterial({ roughness: 0.62, metalness: 0.05, ...seen2 }) : new three.MeshLambertMaterial(seen2);
    material.color.setRGB(red, green, blue, three.SRGBColorSpace);
    const object = new three.Mesh(make(library, shape), material);
    object.castShadow = opacity === 1 && shape.kind !== "plane" && !isMark(i);
    object.receiveShadow = true;
    scene.add(object);
    return object;
  });
  const hand = new three.Vector3(), moved = new three.Vector3();
  let following = false, setting = false, asked = 0, disposed = false;
  const follow = () => {
    if (!following) return;
    moved.copy(hand);
    moved.subVectors(hand.fromArray(handAt()), moved);
    camera.position.add(moved);
    controls.target.add(moved);
    controls.update();
  };
  const draw = (now) => {
    asked = 0;
    if (disposed) return;
    tick(now);
    painter.draw(scene, camera, canvas);
    if (!canvas.dataset.drawn) stage.querySelector("img")?.remove();
    canvas.dataset.drawn = "true";
  };
  const want = () => {
    if (!asked && !disposed) asked = requestAnimationFrame(draw);
  };
  const rest = () => {
    cancelAnimationFrame(asked);
    asked = 0;
  };
  const lines = [];
  const reach = 1.2 * data.camera.distance;
  const looked = () => {
    const at2 = controls.target.toArray();
    const kept2 = keptInside(at2, data.camera.lookat, reach);
    const [dx, dy, dz] = kept2.map((value, i) => value - at2[i]);
    if (dx || dy || dz) {
      controls.target.fromArray(kept2);
      camera.position.set(
        camera.position.x + dx,
        camera.position.y + dy,
        Math.max(kept2[2], camera.position.z + dz)
      );
    }
    canvas.dataset.height = camera.position.z.toFixed(3);
    canvas.dataset.distance = camera.position.distanceTo(controls.target).toFixed(3);
    if (!following && !setting) turned?.(camera.position.toArray(), at2);
    want();
  };
  controls.addEventListener("change", looked);
  const see = (place, target) => {
    setting = true;
    controls.target.fromArray(target);
    camera.position.fromArray(place);
    controls.update();
    setting = false;
    want();
  };
  const look = (name) => {
    const { azimuth, elevation, distance: distance2, lookat } = data.camera;
    const views = {
      film: [azimuth, elevation, distance2],
      front: [90, -18, distance2 * 1.1],
      side: [180, -14, distance2 * 1.1],
      top: [90, -89, distance2 * 1.15],
      hand: [azimuth, elevation, distance2 * 0.45]
    };
    following = name === "hand";
    const [a, e, d] = views[name];
    const [x, y] = [a * Math.PI / 180, e * Math.PI / 180];
    const at2 = following ? hand.fromArray(handAt()).toArray() : lookat;
    see(
      [
        at2[0] - d * Math.cos(y) * Math.cos(x),
        at2[1] - d * Math.cos(y) * Math.sin(x),
        at2[2] - d * Math.sin(y)
      ],
      at2
    );
  };
  const layOut = () => {
    const { clientWidth: width, clientHeight: height } = stage;
    if (!width) return;
    for (const line of lines) line.color.set(accentOf(stage));
    const ratio = fine ? Math.min(2, window.devicePixelRatio || 1) : COARSE;
    canvas.width = Math.floor(width * ratio);
    canvas.height = Math.floor(height * ratio);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    want();
  };
  return {
    three,
    scene,
    camera,
    controls,
    canvas,
    objects,
    lines,
    want,
    rest,
    follow,
    look,
    // From another place; nothing is followed then.
    see: (place, target) => {
      following = false;
      see(place, target);
    },
    layOut,
    dispose: () => {
      disposed = true;
      controls.dispose();
      objects.forEach((object, i) => {
        object.material.dispose();
        if (data.shapes[i].kind !== "mesh") object.geometry.dispose();
      });
      for (const line of lines) line.dispose();
      for (const geometry of library.geometries.values()) geometry.dispose();
      sun.dispose();
      painter.sheet.removeEventListener("webglcontextlost", lost);
      canvas.remove();
    }
  };
};

// widgets/live/light.js
var CELL = 9e-3;
var simplified = (positions, faces, cell = CELL) => {
  const cells = /* @__PURE__ */ new Map();
  const to = new Uint32Array(positions.length / 3);
  const sums = [];
  for (let v = 0; v < to.length; v++) {
    const place = [0, 1, 2].map((i) => positions[3 * v + i]);
    const key = place.map((value) => Math.round(value / cell)).join();
    if (!cells.has(key)) {
      cells.set(key, sums.length);
      sums.push([0, 0, 0, 0]);
    }
    to[v] = cells.get(key);
    const sum2 = sums[to[v]];
    for (let i = 0; i < 3; i++) sum2[i] += place[i];
    sum2[3]++;
  }
  const seen2 = /* @__PURE__ */ new Set();
  const kept2 = [];
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [to[faces[f]], to[faces[f + 1]], to[faces[f + 2]]];
    const key = [...corners].sort((a, b) => a - b).join();
    if (new Set(corners).size < 3 || seen2.has(key)) continue;
    seen2.add(key);
    kept2.push(...corners);
  }
  return {
    positions: Float32Array.from(sums.flatMap(([x, y, z, n]) => [x / n, y / n, z / n])),
    faces: Uint32Array.from(kept2)
  };
};
var light = /* @__PURE__ */ new Map();
var lightGeometryOf = (library, shape) => {
  const { three, index, files } = library;
  const [a, b] = shape.size;
  if (shape.kind === "sphere") return new three.SphereGeometry(a, 12, 8);
  if (shape.kind === "cylinder")
    return new three.CylinderGeometry(a, a, 2 * b, 16).rotateX(Math.PI / 2);
  if (shape.kind !== "mesh") return geometryOf(library, shape);
  if (!light.has(shape.mesh)) {
    const { file, offset, vertices, faces, scale } = index[shape.mesh];
    const bytes = files.get(file);
    const whole = new Int16Array(bytes, offset, 3 * vertices);
    const fewer = simplified(
      Float32Array.from(whole, (value) => value * scale),
      new Uint16Array(bytes, offset + 6 * vertices, 3 * faces)
    );
    const geometry = new three.BufferGeometry();
    geometry.setAttribute("position", new three.BufferAttribute(fewer.positions, 3));
    geometry.setIndex(new three.BufferAttribute(fewer.faces, 1));
    light.set(shape.mesh, three.toCreasedNormals(geometry, 0.6));
  }
  return light.get(shape.mesh);
};
var disposeLight = () => {
  for (const geometry of light.values()) geometry.dispose();
};

// widgets/live/view.js
var STRIDE = 12;
var KEY_STEP = 0.01;
var KEYS = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  PageUp: [0, 0, 1],
  PageDown: [0, 0, -1]
};
var MOVES = "Drag it, or use the arrow keys";
var HIGHER = "; Page Up and Page Down move it up and down";
var onPlane = (from, along, point, normal) => {
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const slope = dot(along, normal);
  if (Math.abs(slope) < 1e-6) return null;
  const far = dot(
    point.map((value, i) => value - from[i]),
    normal
  );
  const length = far / slope;
  return length > 0 ? from.map((value, i) => value + length * along[i]) : null;
};
var createLiveView = (library, stage, data, facts, send) => {
  const { three } = library;
  let state = null;
  const slow = drawsInSoftware(library);
  const scenery = createScenery(
    library,
    stage,
    { ...data, shapes: facts.shapes },
    {
      // Sites are marks, and the only ones: goals, and places of the arm that are small as a pea.
      isMark: (i) => i >= facts.geoms.length,
      tick: () => follow(),
      ...slow ? { fine: false, make: lightGeometryOf } : {},
      handAt: () => state?.hand ?? data.camera.lookat,
      turned: send.look,
      lost: send.lost
    }
  );
  const { camera, canvas, objects, controls } = scenery;
  for (const object of objects) object.matrixAutoUpdate = false;
  const at2 = new three.Vector3();
  const rings = /* @__PURE__ */ new Map();
  let held = null;
  const rayOf = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    at2.set(
      (clientX - box.left) / box.width * 2 - 1,
      1 - (clientY - box.top) / box.height * 2,
      0.5
    );
    at2.unproject(camera).sub(camera.position).normalize();
    return [camera.position.toArray(), at2.toArray()];
  };
  const pointAt = (event) => {
    const [from, along] = rayOf(event);
    return onPlane(from, along, held.point, held.normal);
  };
  const take = (event, handle) => {
    const point = state.handles[handle.name];
    const normal = handle.flat ? [0, 0, 1] : camera.getWorldDirection(at2).toArray();
    held = { name: handle.name, point, normal, offset: [0, 0, 0] };
    const to = pointAt(event);
    if (to) held.offset = point.map((value, i) => value - to[i]);
  };
  let coming = null;
  const drag = (event) => {
    const to = pointAt(event);
    if (to) coming = to.map((value, i) => value + held.offset[i]);
    scenery.want();
  };
  const drop = () => {
    if (!held) return;
    if (coming) send.move(held.name, coming);
    coming = null;
    held = null;
    send.letGo();
  };
  const addRing = (handle) => {
    const ring = element("button", `ring ${handle.name}`, stage);
    ring.type = "button";
    element("span", "", ring, handle.title);
    const how = `${MOVES}${handle.flat ? "" : HIGHER}`;
    ring.setAttribute("aria-label", `Move ${handle.title}. ${how}.`);
    ring.addEventListener("pointerdown", (event) => {
      if (!state || event.button) return;
      event.preventDefault();
      ring.focus({ preventScroll: true });
      ring.setPointerCapture(event.pointerId);
      controls.enabled = false;
      take(event, handle);
    });
    ring.addEventListener("pointermove", (event) => {
      if (held?.name === handle.name) drag(event);
    });
    const end = () => {
      controls.enabled = true;
      drop();
    };
    ring.addEventListener("pointerup", end);
    ring.addEventListener("pointercancel", end);
    ring.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way || !state || handle.flat && way[2]) return;
      event.preventDefault();
      event.stopPropagation();
      const [right, away] = axesOf();
      const step = [0, 1, 2].map((i) => KEY_STEP * (way[0] * right[i] + way[1] * away[i]));
      step[2] += KEY_STEP * way[2];
      const reach = handle.name === "arm" ? 8 : 1;
      const from = state.handles[handle.name];
      send.move(
        handle.name,
        from.map((value, i) => value + reach * step[i])
      );
    });
    ring.addEventListener("keyup", (event) => {
      if (KEYS[event.key]) send.letGo();
    });
    rings.set(handle.name, ring);
  };
  const axesOf = () => {
    const [x, y] = camera.getWorldDirection(at2).toArray();
    const away = Math.abs(x) > Math.abs(y) ? [Math.sign(x), 0, 0] : [0, Math.sign(y), 0];
    return [[away[1], -away[0], 0], away];
  };
  const follow = () => {
    if (coming) {
      send.move(held.name, coming);
      coming = null;
    }
    if (!state) return;
    scenery.follow();
    camera.updateMatrixWorld();
    const { clientWidth: width, clientHeight: height } = stage;
    for (const [name, ring] of rings) {
      at2.fromArray(state.handles[name]).project(camera);
      const x = (at2.x + 1) / 2 * width;
      const y = (1 - at2.y) / 2 * height;
      ring.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      ring.hidden = at2.z > 1 || x < 0 || y < 0 || x > width || y > height;
    }
  };
  const place = ({ poses }) => {
    objects.forEach((object, i) => {
      const [x, y, z, a, b, c, d, e, f, g, h, k] = poses.subarray(STRIDE * i, STRIDE * (i + 1));
      object.matrix.set(a, b, c, x, d, e, f, y, g, h, k, z, 0, 0, 0, 1);
    });
  };
  scenery.layOut();
  scenery.look("film");
  return {
    look: scenery.look,
    see: scenery.see,
    layOut: scenery.layOut,
    // The first is on top where they meet.
    addRings: (handles) => handles.toReversed().forEach(addRing),
    show: (now) => {
      state = now;
      place(now);
      scenery.want();
    },
    dispose: () => {
      for (const ring of rings.values()) ring.remove();
      if (slow) disposeLight();
      scenery.dispose();
    }
  };
};

// as-text:widgets/live/worker.js
var worker_default = '(() => {\n  // widgets/live/mlp.js\n  var ACTIVATIONS = {\n    tanh: Math.tanh,\n    relu: (x) => Math.max(0, x)\n  };\n  var MOST = 4;\n  var normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());\n  var deviationOf = (numbers) => {\n    const mean = numbers.reduce((total, value) => total + value, 0) / numbers.length;\n    return Math.sqrt(\n      numbers.reduce((total, value) => total + (value - mean) ** 2, 0) / numbers.length\n    );\n  };\n  var randomOrder = (count, random) => {\n    const order = Array.from({ length: count }, (_, i) => i);\n    for (let i = count - 1; i > 0; i--) {\n      const j = Math.floor(random() * (i + 1));\n      [order[i], order[j]] = [order[j], order[i]];\n    }\n    return order;\n  };\n  var rowsIn = (numbers, columns, order) => {\n    const moved = new Float32Array(numbers.length);\n    order.forEach((from, to) => {\n      moved.set(numbers.subarray(from * columns, (from + 1) * columns), to * columns);\n    });\n    return moved;\n  };\n  var columnsIn = (numbers, columns, order) => numbers.map((_, i) => numbers[i - i % columns + order[i % columns]]);\n  var MLP = class {\n    // network.layers: [{weight: Float32Array, (outputs, inputs) row by row, bias: Float32Array}, ...]\n    // network.mean, network.scale: of observations; network.activation: name\n    constructor(network) {\n      this.activation = ACTIVATIONS[network.activation];\n      if (!this.activation) throw new Error(`A network with ${network.activation} is not known here`);\n      this.mean = network.mean;\n      this.scale = network.scale;\n      this.whole = network.layers.map(({ weight, bias }) => ({\n        weight: Float32Array.from(weight),\n        bias: Float32Array.from(bias)\n      }));\n      this.values = [\n        new Float32Array(this.mean.length),\n        ...this.whole.map(({ bias }) => new Float32Array(bias.length))\n      ];\n      this.noise = null;\n      this.amount = 0;\n      this.silent = this.whole.slice(0, -1).map(({ bias }) => new Uint8Array(bias.length));\n      this.mix();\n    }\n    // The weights that are in use: the network\'s own, and as much noise as was asked for.\n    mix() {\n      this.layers = this.whole.map(({ weight, bias }, k) => {\n        if (!this.amount) return { weight, bias };\n        const scale = this.amount * deviationOf(weight);\n        return { weight: weight.map((value, i) => value + scale * this.noise[k][i]), bias };\n      });\n    }\n    act(observation) {\n      const [input] = this.values;\n      for (let i = 0; i < input.length; i++)\n        input[i] = Math.fround(Math.fround(observation[i]) - this.mean[i]) / this.scale[i];\n      this.layers.forEach(({ weight, bias }, k) => {\n        const [from, to] = [this.values[k], this.values[k + 1]];\n        const silent = this.silent[k];\n        for (let row = 0; row < to.length; row++) {\n          let total = 0;\n          const start = row * from.length;\n          for (let column = 0; column < from.length; column++)\n            total += weight[start + column] * from[column];\n          total += bias[row];\n          if (!silent) to[row] = Math.min(1, Math.max(-1, total));\n          else to[row] = silent[row] ? 0 : this.activation(total);\n        }\n      });\n      return this.values[this.values.length - 1];\n    }\n    // Hidden layers are counted from 0.\n    silence(layer, neuron, on) {\n      this.silent[layer][neuron] = on ? 1 : 0;\n    }\n    // `amount`: in standard deviations of each matrix; the noise itself stays the same.\n    setNoise(amount, random) {\n      this.noise ??= this.whole.map(({ weight }) => weight.map(() => normal(random)));\n      this.amount = amount;\n      this.mix();\n    }\n    // The hidden neurons in another order, and with them all that belongs to them: the same function.\n    shuffle(random) {\n      for (let k = 0; k < this.silent.length; k++) {\n        const order = randomOrder(this.silent[k].length, random);\n        const [before, inputs] = [this.whole[k], this.values[k].length];\n        const after = this.whole[k + 1];\n        before.weight = rowsIn(before.weight, inputs, order);\n        before.bias = rowsIn(before.bias, 1, order);\n        after.weight = columnsIn(after.weight, order.length, order);\n        if (this.noise) {\n          this.noise[k] = rowsIn(this.noise[k], inputs, order);\n          this.noise[k + 1] = columnsIn(this.noise[k + 1], order.length, order);\n        }\n        this.values[k + 1] = rowsIn(this.values[k + 1], 1, order);\n        this.silent[k] = this.silent[k].map((_, i) => this.silent[k][order[i]]);\n      }\n      this.mix();\n    }\n    // What a hidden neuron reads most, and is read most by: [place, weight] of each, strongest first.\n    describe(layer, neuron) {\n      const strongest = (pairs) => pairs.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, MOST);\n      const inputs = this.values[layer].length;\n      const { weight } = this.layers[layer];\n      const after = this.layers[layer + 1];\n      const width = this.values[layer + 1].length;\n      const reads = Array.from({ length: inputs }, (_, i) => [i, weight[neuron * inputs + i]]);\n      const writes = Array.from(after.bias, (_, i) => [i, after.weight[i * width + neuron]]);\n      return { reads: strongest(reads), writes: strongest(writes) };\n    }\n  };\n\n  // widgets/live/tasks.js\n  var sum = (a, b) => a.map((value, i) => value + b[i]);\n  var distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);\n  var seen = (observation) => observation.slice(4, 7);\n  var LOOSE = 9;\n  var NO_TURN = [0, 0, 0, 0];\n  var WORKSPACE = [\n    [-0.5, 0.4, 0.05],\n    [0.5, 1, 0.5]\n  ];\n  var within = (point, [low, high]) => point.map((value, i) => Math.min(high[i], Math.max(low[i], value)));\n  var goalHandle = (flat) => ({\n    name: "goal",\n    title: "the goal",\n    flat,\n    newGoal: true,\n    where: (scene) => scene.goal,\n    move: (scene, to) => scene.setGoal(within(to, scene.task.goals))\n  });\n  var looseHandle = (name, title, body, area) => ({\n    name,\n    title,\n    flat: true,\n    where: (scene) => scene.bodyPlace(body),\n    move: (scene, to) => {\n      const [x, y] = within(to, area);\n      const z = scene.bodyPlace(body)[2];\n      scene.setJoint(LOOSE, [x, y, z]);\n      scene.stopJoint(LOOSE, 6);\n    }\n  });\n  var standingHandle = (name, title, body) => ({\n    name,\n    title,\n    flat: true,\n    newGoal: true,\n    where: (scene) => scene.bodyPlace(body),\n    move: (scene, to) => {\n      const { low, high } = scene.facts.space;\n      const at = low.length - 3;\n      const [x, y] = within(to, [low.slice(at), high.slice(at)]);\n      const draw = [...scene.draw.slice(0, at), x, y, scene.draw[at + 2]];\n      scene.draw = draw;\n      scene.task.stand(scene, draw);\n    }\n  });\n  var jointHandle = (name, title, joint, where) => ({\n    name,\n    title,\n    flat: true,\n    where,\n    move: (scene, to) => scene.followWithJoint(joint, where(scene), to)\n  });\n  var PUCK_AREA = [\n    [-0.2, 0.5, 0],\n    [0.2, 0.92, 1]\n  ];\n  var puckAt = (scene, place) => {\n    scene.setJoint(LOOSE, place);\n    scene.stopJoint(LOOSE, 6);\n    scene.forward();\n  };\n  var puck = {\n    hand: [0, 0.6, 0.2],\n    goals: [\n      [-0.1, 0.8, 0.05],\n      [0.1, 0.9, 0.3]\n    ],\n    object: (scene) => [...scene.bodyPlace("obj"), ...scene.geomTurn("objGeom")],\n    stand: (scene, draw) => scene.setGoal(draw.slice(3, 6)),\n    start: (scene, draw) => {\n      puck.stand(scene, draw);\n      puckAt(scene, draw.slice(0, 3));\n    },\n    undo: (scene) => {\n      scene.setJoint(LOOSE, [...scene.draw.slice(0, 3), 1, 0, 0, 0]);\n      scene.stopJoint(LOOSE, 6);\n    },\n    undoing: "Put the puck back"\n  };\n  var drawer = (depth, height) => ({\n    hand: [0, 0.6, 0.2],\n    goals: WORKSPACE,\n    stand: (scene, draw) => {\n      scene.standBody("drawer", draw);\n      scene.setGoal(sum(draw, [0, -0.16 - depth, 0.09]));\n    },\n    handles: [\n      jointHandle(\n        "drawer",\n        "the drawer",\n        "goal_slidey",\n        (scene) => sum(scene.bodyPlace("drawer_link"), [0, -0.16, height])\n      ),\n      standingHandle("cabinet", "the cabinet", "drawer")\n    ]\n  });\n  var drawerOpen = drawer(0.2, 0);\n  var drawerClose = drawer(0, 0.05);\n  var windowTask = (site, shift) => ({\n    hand: [0, 0.4, 0.2],\n    goals: WORKSPACE,\n    object: (scene) => [...scene.sitePlace(site), ...NO_TURN],\n    stand: (scene, draw) => {\n      scene.standBody("window", draw);\n      scene.setGoal(sum(draw, [shift, 0, 0]));\n    },\n    // The handle that the network sees, not the observation, which is clipped.\n    done: (scene) => Math.abs(scene.sitePlace(site)[0] - scene.goal[0]) <= 0.05,\n    handles: [\n      jointHandle("window", "the window", "window_slide", (scene) => scene.sitePlace(site)),\n      standingHandle("frame", "the frame", "window")\n    ]\n  });\n  var windowOpen = windowTask("handleOpenStart", 0.2);\n  var windowClose = windowTask("handleCloseStart", 0);\n  var TASKS = {\n    "reach-v3": {\n      ...puck,\n      done: (scene) => distance(scene.fingers(), scene.goal) <= 0.05,\n      handles: [goalHandle(false), looseHandle("puck", "the puck", "obj", PUCK_AREA)],\n      undo: void 0,\n      // The network brings the middle of the hand to the goal; success asks for the fingertips, which hang below.\n      hangs: 0.045\n    },\n    "push-v3": {\n      ...puck,\n      goals: [\n        [-0.1, 0.8, 0.01],\n        [0.1, 0.9, 0.02]\n      ],\n      // On the table, as high as the puck lies.\n      stand: (scene, draw) => scene.setGoal([draw[3], draw[4], scene.settled]),\n      start: (scene, draw) => {\n        scene.settled = scene.bodyPlace("obj")[2];\n        TASKS["push-v3"].stand(scene, draw);\n        puckAt(scene, [draw[0], draw[1], scene.settled]);\n      },\n      done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.05,\n      handles: [goalHandle(true), looseHandle("puck", "the puck", "obj", PUCK_AREA)]\n    },\n    "pick-place-v3": {\n      ...puck,\n      done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.07,\n      handles: [goalHandle(false), looseHandle("puck", "the puck", "obj", PUCK_AREA)]\n    },\n    "door-open-v3": {\n      hand: [0, 0.6, 0.2],\n      goals: [\n        [-0.3, 0.4, 0.1499],\n        [-0.2, 0.5, 0.1501]\n      ],\n      object: (scene) => [...scene.geomPlace("handle"), ...scene.geomTurn("handle")],\n      stand: (scene, draw) => {\n        scene.standBody("door", draw);\n        scene.setGoal(sum(draw, [-0.3, -0.45, 0]));\n      },\n      start: (scene, draw) => {\n        TASKS["door-open-v3"].stand(scene, draw);\n        scene.holdJoint("doorjoint", 0);\n        scene.forward();\n      },\n      done: (scene, observation) => Math.abs(observation[4] - scene.goal[0]) <= 0.08,\n      undo: (scene) => scene.sweepJoint("doorjoint", 0),\n      undoing: "Shut the door",\n      handles: [\n        jointHandle("door", "the door", "doorjoint", (scene) => scene.geomPlace("handle")),\n        standingHandle("frame", "the frame", "door")\n      ]\n    },\n    "drawer-open-v3": {\n      ...drawerOpen,\n      object: (scene) => [\n        ...sum(scene.bodyPlace("drawer_link"), [0, -0.16, 0]),\n        ...scene.bodyTurn("drawer_link")\n      ],\n      start: drawerOpen.stand,\n      done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.03,\n      undo: (scene) => scene.sweepJoint("goal_slidey", 0),\n      undoing: "Push the drawer in"\n    },\n    "drawer-close-v3": {\n      ...drawerClose,\n      object: (scene) => [...sum(scene.bodyPlace("drawer_link"), [0, -0.16, 0.05]), ...NO_TURN],\n      start: (scene, draw) => {\n        drawerClose.stand(scene, draw);\n        scene.setJoint(LOOSE, [-0.15]);\n        scene.forward();\n      },\n      done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.065,\n      undo: (scene) => scene.sweepFromRest("goal_slidey", -0.15),\n      undoing: "Pull the drawer out"\n    },\n    "button-press-topdown-v3": {\n      hand: [0, 0.4, 0.2],\n      goals: WORKSPACE,\n      object: (scene) => [\n        ...sum(scene.bodyPlace("button"), [0, 0, 0.193]),\n        ...scene.bodyTurn("button")\n      ],\n      stand: (scene, draw) => {\n        scene.standBody("box", draw);\n        scene.forward();\n        scene.setGoal(scene.sitePlace("hole"), false);\n      },\n      start: (scene, draw) => TASKS["button-press-topdown-v3"].stand(scene, draw),\n      done: (scene, observation) => Math.abs(scene.goal[2] - observation[6]) <= 0.024,\n      handles: [standingHandle("box", "the box", "box")]\n    },\n    "peg-insert-side-v3": {\n      hand: [0, 0.6, 0.2],\n      goals: [\n        [-0.32, 0.4, 0.129],\n        [-0.22, 0.7, 0.131]\n      ],\n      object: (scene) => [...scene.sitePlace("pegGrasp"), ...scene.siteTurn("pegGrasp")],\n      stand: (scene, draw) => {\n        const box = draw.slice(3, 6);\n        scene.standBody("box", box);\n        scene.setGoal(sum(box, [0.03, 0, 0.13]));\n      },\n      start: (scene, draw) => {\n        puckAt(scene, draw.slice(0, 3));\n        TASKS["peg-insert-side-v3"].stand(scene, draw);\n      },\n      done: (scene) => {\n        const [x, y, z] = scene.sitePlace("pegHead").map((value, i) => value - scene.goal[i]);\n        return Math.hypot(x, 2 * y, 2 * z) <= 0.07;\n      },\n      undo: puck.undo,\n      undoing: "Put the peg back",\n      handles: [\n        standingHandle("box", "the box", "box"),\n        looseHandle("peg", "the peg", "peg", [\n          [-0.05, 0.45, 0],\n          [0.25, 0.75, 1]\n        ])\n      ]\n    },\n    "window-open-v3": {\n      ...windowOpen,\n      start: (scene, draw) => {\n        windowOpen.stand(scene, draw);\n        scene.setJointNamed("window_slide", 0);\n      },\n      undo: (scene) => scene.sweepFromRest("window_slide", 0),\n      undoing: "Shut the window"\n    },\n    "window-close-v3": {\n      ...windowClose,\n      start: (scene, draw) => {\n        windowClose.stand(scene, draw);\n        scene.setJointNamed("window_slide", 0.2);\n      },\n      undo: (scene) => scene.sweepFromRest("window_slide", 0.2),\n      undoing: "Open the window"\n    }\n  };\n\n  // widgets/live/scene.js\n  var SUBSTEPS = 5;\n  var SETTLING = 50;\n  var HAND_SPACE = [\n    [-0.525, 0.348, -0.0525],\n    [0.525, 1.025, 0.7]\n  ];\n  var MOCAP_SPACE = [\n    [-0.5, 0.4, 0.05],\n    [0.5, 1, 0.5]\n  ];\n  var HAND_TURN = [1, 0, 1, 0];\n  var ACTION_SCALE = Math.fround(0.01);\n  var WELD_ROWS = 6;\n  var WELD = [0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 5];\n  var NEWER = ["mjDSBL_ISLAND", "mjDSBL_MULTICCD"];\n  var SLIDE = 5e-3;\n  var TURN = 0.05;\n  var LONGEST_SWEEP = 60;\n  var LONGEST_LEAD = 150;\n  var BACK = 0.02;\n  var WRIST = 0.11;\n  var PULL = 220;\n  var STRONGEST = 45;\n  var VIEWS = [\n    "qpos",\n    "qvel",\n    "ctrl",\n    "mocap_pos",\n    "mocap_quat",\n    "qacc",\n    "qacc_warmstart",\n    "xpos",\n    "xquat"\n  ];\n  var MORE_VIEWS = [\n    "geom_xpos",\n    "geom_xmat",\n    "site_xpos",\n    "site_xmat",\n    "xfrc_applied",\n    "xaxis",\n    "xanchor"\n  ];\n  var clip = (value, low, high) => Math.min(high, Math.max(low, value));\n  var distance2 = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);\n  var minus = (a, b) => a.map((value, i) => value - b[i]);\n  var dot = (a, b) => a.reduce((total, value, i) => total + value * b[i], 0);\n  var cross = ([a, b, c], [x, y, z]) => [b * z - c * y, c * x - a * z, a * y - b * x];\n  var turnOf = (matrix, from = 0) => {\n    const m = (row, column) => matrix[from + 3 * row + column];\n    const parts = [m(0, 0), m(1, 1), m(2, 2), m(0, 0) + m(1, 1) + m(2, 2)];\n    const most = parts.indexOf(Math.max(...parts));\n    let q;\n    if (most === 3) q = [m(2, 1) - m(1, 2), m(0, 2) - m(2, 0), m(1, 0) - m(0, 1), 1 + parts[3]];\n    else {\n      const [i, j, k] = [most, (most + 1) % 3, (most + 2) % 3];\n      q = [0, 0, 0, m(k, j) - m(j, k)];\n      q[i] = 1 - parts[3] + 2 * m(i, i);\n      q[j] = m(j, i) + m(i, j);\n      q[k] = m(k, i) + m(i, k);\n    }\n    const length = Math.hypot(...q);\n    return q.map((value) => value / length);\n  };\n  var drawStart = ({ low, high, apart }, random) => {\n    for (; ; ) {\n      const draw = low.map((value, i) => value + random() * (high[i] - value));\n      if (!apart || Math.hypot(draw[0] - draw[3], draw[1] - draw[4]) >= apart) return draw;\n    }\n  };\n  var Scene = class {\n    // `mujoco`: the loaded module; `facts`: of the task, as `app/make/live.py` writes them.\n    constructor(mujoco, facts) {\n      this.mujoco = mujoco;\n      this.facts = facts;\n      this.task = TASKS[facts.task];\n      if (!this.task) throw new Error(`${facts.task} cannot be run here`);\n      this.model = mujoco.MjModel.from_xml_string(facts.xml);\n      for (const flag of NEWER) this.model.opt.disableflags |= mujoco.mjtDisableBit[flag]?.value ?? 0;\n      this.model.eq_data.set(WELD);\n      this.data = new mujoco.MjData(this.model);\n      this.ids = /* @__PURE__ */ new Map();\n      this.pulled = null;\n      this.goal = [0, 0, 0];\n      this.slide = mujoco.mjtJoint.mjJNT_SLIDE.value;\n      this.sweep = null;\n      this.led = null;\n      this.shift = 0;\n      this.look();\n    }\n    // Arrays on the memory of MuJoCo; they are of no use any more when that has grown.\n    look() {\n      for (const name of [...VIEWS, ...MORE_VIEWS]) this[name] = this.data[name];\n      this.body_pos = this.model.body_pos;\n      this.site_pos = this.model.site_pos;\n    }\n    id(kind, name) {\n      const key = `${kind}/${name}`;\n      if (!this.ids.has(key)) {\n        const { mujoco, model } = this;\n        const id = mujoco.mj_name2id(model, mujoco.mjtObj[`mjOBJ_${kind}`].value, name);\n        if (id < 0) throw new Error(`${this.facts.task} has no ${key}`);\n        this.ids.set(key, id);\n      }\n      return this.ids.get(key);\n    }\n    three(array, index) {\n      return [array[3 * index], array[3 * index + 1], array[3 * index + 2]];\n    }\n    bodyPlace(name) {\n      return this.three(this.xpos, this.id("BODY", name));\n    }\n    bodyTurn(name) {\n      const at = 4 * this.id("BODY", name);\n      return [...this.xquat.subarray(at, at + 4)];\n    }\n    geomPlace(name) {\n      return this.three(this.geom_xpos, this.id("GEOM", name));\n    }\n    geomTurn(name) {\n      return turnOf(this.geom_xmat, 9 * this.id("GEOM", name));\n    }\n    sitePlace(name) {\n      return this.three(this.site_xpos, this.id("SITE", name));\n    }\n    siteTurn(name) {\n      return turnOf(this.site_xmat, 9 * this.id("SITE", name));\n    }\n    fingers() {\n      const [right, left] = ["rightEndEffector", "leftEndEffector"].map(\n        (name) => this.sitePlace(name)\n      );\n      return right.map((value, i) => (value + left[i]) / 2);\n    }\n    setJoint(at, values) {\n      this.qpos.set(values, at);\n    }\n    stopJoint(at, count) {\n      this.qvel.fill(0, at, at + count);\n    }\n    setJointNamed(name, value) {\n      this.qpos[this.model.jnt_qposadr[this.id("JOINT", name)]] = value;\n    }\n    holdJoint(name, value) {\n      this.setJointNamed(name, value);\n      this.qvel[this.model.jnt_dofadr[this.id("JOINT", name)]] = 0;\n    }\n    // Move a joint there step by step, as a hand would, which moves away what is in its way.\n    sweepJoint(name, value) {\n      this.sweep = { name, value, steps: 0 };\n    }\n    // The same, after the hand has been led back to where it is at the start, as whoever opens a drawer first takes away\n    // what leans over it.\n    sweepFromRest(name, value) {\n      this.led = { name, value, steps: 0 };\n    }\n    get busy() {\n      return this.sweep !== null || this.led !== null;\n    }\n    // What the hand\'s place becomes instead of what the network wants; null where the network has it.\n    leadOn() {\n      if (!this.led) return null;\n      const there = distance2(this.bodyPlace("hand"), this.task.hand) < BACK;\n      if (this.led.steps++ === LONGEST_LEAD || there) {\n        if (!this.led.begun) this.sweepJoint(this.led.name, this.led.value);\n        this.led.begun = true;\n      }\n      if (this.led.begun && !this.sweep) this.led = null;\n      return this.led && minus(this.task.hand, [...this.mocap_pos]).map((by) => by / ACTION_SCALE);\n    }\n    sweepOn() {\n      if (!this.sweep) return;\n      const { name, value } = this.sweep;\n      const now = this.qpos[this.model.jnt_qposadr[this.id("JOINT", name)]];\n      const most = this.model.jnt_type[this.id("JOINT", name)] === this.slide ? SLIDE : TURN;\n      const left = value - now;\n      const over = Math.abs(left) <= most || ++this.sweep.steps > LONGEST_SWEEP;\n      this.holdJoint(name, over ? value : now + clip(left, -most, most));\n      if (over) this.sweep = null;\n    }\n    standBody(name, place) {\n      this.body_pos.set(place, 3 * this.id("BODY", name));\n    }\n    setGoal(place, marked = true) {\n      this.goal = [...place];\n      if (marked) this.site_pos.set(place, 3 * this.id("SITE", "goal"));\n    }\n    // Turn or slide a joint so that a point that goes with it comes as near to another as it can.\n    followWithJoint(name, from, to) {\n      const joint = this.id("JOINT", name);\n      const axis = this.three(this.xaxis, joint);\n      let change = dot(minus(to, from), axis);\n      if (this.model.jnt_type[joint] === this.mujoco.mjtJoint.mjJNT_HINGE.value) {\n        const anchor = this.three(this.xanchor, joint);\n        const [a, b] = [minus(from, anchor), minus(to, anchor)];\n        const flatten = (v) => minus(\n          v,\n          axis.map((value) => value * dot(v, axis))\n        );\n        const [p, q] = [flatten(a), flatten(b)];\n        change = Math.atan2(dot(cross(p, q), axis), dot(p, q));\n      }\n      const [low, high] = this.model.jnt_range.subarray(2 * joint, 2 * joint + 2);\n      const now = this.qpos[this.model.jnt_qposadr[joint]];\n      this.holdJoint(name, clip(now + change, low, high));\n    }\n    forward() {\n      this.mujoco.mj_forward(this.model, this.data);\n      this.qacc_warmstart.set(this.qacc);\n    }\n    simulate(right, left) {\n      this.ctrl[0] = right;\n      this.ctrl[1] = left;\n      for (let i = 0; i < SUBSTEPS; i++) {\n        this.mujoco.mj_step1(this.model, this.data);\n        this.weldAsBefore();\n        this.mujoco.mj_step2(this.model, this.data);\n      }\n    }\n    // The acceleration that the weld, the first constraint, asks for, as MuJoCo computed it before 3.7: now it takes the\n    // change of the weld\'s Jacobian into account as well, which moves the hand by a millimetre.\n    weldAsBefore() {\n      const { efc_aref, efc_vel, efc_pos, efc_KBIP } = this.data;\n      for (let i = 0; i < WELD_ROWS; i++) {\n        const [stiffness, damping, impedance] = efc_KBIP.subarray(4 * i, 4 * i + 3);\n        efc_aref[i] = -damping * efc_vel[i] - stiffness * impedance * efc_pos[i];\n      }\n    }\n    // Begin an episode. A reset of the suite draws twice, and what has stood somewhere else since the first draw is seen\n    // there until the first step: `before` is the first draw. Returns the observation.\n    reset({ draw, before = draw }) {\n      this.mujoco.mj_resetData(this.model, this.data);\n      this.look();\n      this.draw = [...draw];\n      this.shift = 0;\n      this.pulled = null;\n      this.sweep = null;\n      this.led = null;\n      this.settled = 0;\n      this.task.stand(this, before);\n      for (let i = 0; i < SETTLING; i++) {\n        this.mocap_pos.set(this.task.hand);\n        this.mocap_quat.set(HAND_TURN);\n        this.simulate(-1, 1);\n      }\n      this.task.start(this, draw);\n      this.frame = this.observeFrame();\n      this.before = this.frame;\n      return this.observe();\n    }\n    observeFrame() {\n      const gap = distance2(this.bodyPlace("rightclaw"), this.bodyPlace("leftclaw"));\n      const object = this.task.object(this);\n      while (object.length < 14) object.push(0);\n      return [...this.bodyPlace("hand"), clip(gap / 0.1, 0, 1), ...object];\n    }\n    clipped(observation) {\n      const [low, high] = this.task.goals;\n      for (let i = 0; i < 3; i++) {\n        for (const at of [0, 18])\n          observation[at + i] = clip(observation[at + i], HAND_SPACE[0][i], HAND_SPACE[1][i]);\n        observation[36 + i] = clip(observation[36 + i], low[i], high[i]);\n      }\n      return observation;\n    }\n    // One control step, 12.5 ms. Returns the observation; `done` says whether the task is done then.\n    step(action) {\n      if (!this.qpos.length) this.look();\n      const way = this.leadOn() ?? action;\n      for (let i = 0; i < 3; i++) {\n        const move = Math.fround(Math.fround(clip(way[i], -1, 1)) * ACTION_SCALE);\n        this.mocap_pos[i] = clip(this.mocap_pos[i] + move, MOCAP_SPACE[0][i], MOCAP_SPACE[1][i]);\n      }\n      this.mocap_quat.set(HAND_TURN);\n      this.pull();\n      this.sweepOn();\n      this.simulate(action[3], -action[3]);\n      this.forward();\n      this.before = this.frame;\n      this.frame = this.observeFrame();\n      return this.observe();\n    }\n    // What the network sees: the frame of now, that of the step before, and the goal.\n    observe() {\n      this.observation = this.clipped([...this.frame, ...this.before, ...this.goal]);\n      this.observation[38] += this.shift;\n      return this.observation;\n    }\n    get done() {\n      return this.task.done(this, this.observation);\n    }\n    // The force of a visitor\'s pull on the hand.\n    pull() {\n      const hand = this.id("BODY", "hand");\n      const force = [0, 0, 0];\n      if (this.pulled) {\n        const by = minus(this.pulled, this.wrist());\n        const strength = Math.min(PULL, STRONGEST / (Math.hypot(...by) || 1));\n        by.forEach((value, i) => {\n          force[i] = value * strength;\n        });\n      }\n      this.xfrc_applied.set(force, 6 * hand);\n    }\n    // Where a visitor takes the arm: above the hand, where no goal and no thing is in the way.\n    wrist() {\n      const [x, y, z] = this.bodyPlace("hand");\n      return [x, y, z + WRIST];\n    }\n    get handles() {\n      const arm = {\n        name: "arm",\n        title: "the arm",\n        where: (scene) => scene.wrist(),\n        move: (scene, to) => {\n          scene.pulled = to;\n        },\n        letGo: (scene) => {\n          scene.pulled = null;\n        }\n      };\n      return [...this.task.handles, arm];\n    }\n    // Move what a visitor holds. What was moved is seen at the next step.\n    move(name, to) {\n      const handle = this.handles.find((one) => one.name === name);\n      handle.move(this, to);\n      this.after();\n      return handle;\n    }\n    letGo(name) {\n      this.handles.find((one) => one.name === name)?.letGo?.(this);\n    }\n    undo() {\n      this.task.undo?.(this);\n      this.after();\n    }\n    // Places and observation follow at once, so that a robot that is paused shows what was done, and what is undone is\n    // not taken for done.\n    after() {\n      if (this.task.hangs) this.shift = this.task.hangs;\n      this.forward();\n      this.frame = this.observeFrame();\n      this.observe();\n    }\n    // Places (3) and turns (9, row by row) of all that is drawn, into `poses`, 12 numbers each.\n    writePoses(poses) {\n      let at = 0;\n      const write = (places, turns, index) => {\n        for (let i = 0; i < 3; i++) poses[at++] = places[3 * index + i];\n        for (let i = 0; i < 9; i++) poses[at++] = turns[9 * index + i];\n      };\n      for (const geom of this.facts.geoms) write(this.geom_xpos, this.geom_xmat, geom);\n      for (const site of this.facts.sites) write(this.site_xpos, this.site_xmat, site);\n      return poses;\n    }\n    close() {\n      this.data.delete();\n      this.model.delete();\n    }\n  };\n\n  // widgets/live/simulation.js\n  var STEP_MS = 12.5;\n  var HORIZON = 500;\n  var LONGER = 1e3;\n  var LONGEST = 120;\n  var REST = 80;\n  var Simulation = class {\n    // facts: of the scene; network: see `mlp.js`; start: {before, draw} of the first episode.\n    constructor(mujoco, facts, network, start, random = Math.random) {\n      this.scene = new Scene(mujoco, facts);\n      this.network = new MLP(network);\n      this.random = random;\n      this.first = start;\n      this.playing = false;\n      this.speed = 1;\n      this.debt = 0;\n      this.tries = 0;\n      this.successes = 0;\n      this.endless = false;\n      this.held = null;\n      this.away = false;\n      this.begin();\n      this.reset();\n    }\n    // --- Tries ---------------------------------------------------------------------------------------\n    // The episode from its beginning: with `start`, from another one.\n    reset(start = this.start ?? this.first) {\n      this.forget();\n      this.start = start;\n      this.held = null;\n      this.debt = 0;\n      this.scene.reset(start);\n      this.steps = 0;\n      this.begin();\n    }\n    another() {\n      const draw = drawStart(this.scene.facts.space, this.random);\n      this.reset({ before: draw, draw });\n    }\n    // A try begins.\n    begin() {\n      this.limit = this.steps ? LONGER : HORIZON;\n      this.since = 0;\n      this.success = null;\n      this.failed = false;\n      this.counts = false;\n    }\n    judge() {\n      if (this.held && this.held !== "arm") {\n        this.away ||= !this.scene.done;\n        return;\n      }\n      if (this.scene.busy) {\n        this.since = 0;\n        return;\n      }\n      if (this.since === 1) {\n        this.counts = this.away || !this.scene.done;\n        this.away = false;\n        if (this.counts) this.tries++;\n      }\n      if (!this.counts) return;\n      if (this.success === null && !this.failed && this.scene.done) {\n        this.success = this.since;\n        this.successes++;\n      } else if (this.success === null && this.since >= this.limit) this.failed = true;\n      if (!this.endless || this.success === null && !this.failed) return;\n      if (this.since - (this.failed ? this.limit : this.success) >= REST) this.another();\n    }\n    // --- What the visitor does -----------------------------------------------------------------------\n    move(name, to) {\n      if (this.held !== name) {\n        this.held = name;\n        this.away = false;\n        if (name !== "arm") this.forget();\n      }\n      this.scene.move(name, to);\n    }\n    letGo() {\n      const name = this.held;\n      if (!name) return;\n      this.held = null;\n      this.scene.letGo(name);\n      if (name !== "arm") this.begin();\n    }\n    // What is under way ends without having been decided: it was not a try.\n    forget() {\n      if (this.counts && this.success === null && !this.failed) this.tries--;\n      this.counts = false;\n    }\n    undo() {\n      this.forget();\n      this.scene.undo();\n      this.begin();\n    }\n    // --- Time ----------------------------------------------------------------------------------------\n    step() {\n      this.scene.step(this.network.act(this.scene.observation));\n      this.steps++;\n      this.since++;\n      this.judge();\n    }\n    // So much real time has gone by. Returns how many steps were made.\n    advance(milliseconds) {\n      if (!this.playing) return 0;\n      this.debt += Math.min(LONGEST, milliseconds) * this.speed;\n      let made = 0;\n      for (; this.debt >= STEP_MS; made++) {\n        this.step();\n        this.debt -= STEP_MS;\n      }\n      return made;\n    }\n    // What a page shows; `poses` is filled.\n    state(poses) {\n      const { scene } = this;\n      return {\n        poses: scene.writePoses(poses),\n        hand: scene.bodyPlace("hand"),\n        handles: Object.fromEntries(scene.handles.map(({ name, where }) => [name, where(scene)])),\n        playing: this.playing,\n        steps: this.steps,\n        since: this.since,\n        success: this.success,\n        failed: this.failed,\n        limit: this.limit,\n        done: scene.done,\n        led: scene.led !== null,\n        tries: this.tries,\n        successes: this.successes,\n        values: this.network.values\n      };\n    }\n    close() {\n      this.scene.close();\n    }\n  };\n\n  // widgets/live/worker.js\n  var TICK = 15;\n  var simulation = null;\n  var timer = 0;\n  var last = 0;\n  var chosen = null;\n  var spare = [];\n  var tell = () => {\n    const { facts } = simulation.scene;\n    const poses = spare.pop() ?? new Float32Array(12 * (facts.geoms.length + facts.sites.length));\n    const { network } = simulation;\n    const values = network.values.map((layer) => layer.slice());\n    const neuron = chosen && network.describe(chosen.layer, chosen.neuron);\n    const state = { ...simulation.state(poses), values, silent: network.silent, neuron };\n    state.type = "state";\n    postMessage(state, [poses.buffer]);\n  };\n  var tellWeights = () => postMessage({ type: "weights", layers: simulation.network.layers });\n  var tick = () => {\n    const now = performance.now();\n    const made = simulation.advance(now - last);\n    last = now;\n    if (made) tell();\n  };\n  var setPlaying = (on) => {\n    simulation.playing = on;\n    clearInterval(timer);\n    last = performance.now();\n    if (on) timer = setInterval(tick, TICK);\n  };\n  var COMMANDS = {\n    // script: MuJoCo\'s, as text; module: its WebAssembly, compiled; the rest as `Simulation` takes it.\n    begin: async ({ script, module, facts, network, start, playing }) => {\n      const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));\n      const { default: load } = await import(address);\n      URL.revokeObjectURL(address);\n      const mujoco = await load({\n        locateFile: (name) => name,\n        instantiateWasm: (imports, done) => {\n          WebAssembly.instantiate(module, imports).then((instance) => done(instance, module));\n          return {};\n        }\n      });\n      simulation = new Simulation(mujoco, facts, network, start);\n      const handles = simulation.scene.handles.map(({ name, title, flat }) => ({\n        name,\n        title,\n        flat\n      }));\n      postMessage({ type: "ready", handles, undoing: simulation.scene.task.undoing });\n      tellWeights();\n      setPlaying(playing);\n    },\n    play: ({ on }) => setPlaying(on),\n    speed: ({ speed }) => {\n      simulation.speed = speed;\n    },\n    step: () => {\n      setPlaying(false);\n      simulation.step();\n    },\n    reset: ({ start }) => simulation.reset(start),\n    another: ({ start }) => start ? simulation.reset(start) : simulation.another(),\n    endless: ({ on }) => {\n      simulation.endless = on;\n    },\n    undo: () => simulation.undo(),\n    silence: ({ layer, neuron, on }) => simulation.network.silence(layer, neuron, on),\n    noise: ({ amount }) => {\n      simulation.network.setNoise(amount, Math.random);\n      tellWeights();\n    },\n    shuffle: () => {\n      simulation.network.shuffle(Math.random);\n      chosen = null;\n      tellWeights();\n    },\n    // Another network takes over at the next step.\n    swap: ({ network, amount }) => {\n      simulation.network = new MLP(network);\n      if (amount) simulation.network.setNoise(amount, Math.random);\n      chosen = null;\n      tellWeights();\n    },\n    choose: ({ neuron }) => {\n      chosen = neuron;\n    },\n    move: ({ name, to }) => simulation.move(name, to),\n    letGo: () => simulation.letGo(),\n    spare: ({ poses }) => spare.push(poses)\n  };\n  var chain = Promise.resolve();\n  self.addEventListener("message", ({ data }) => {\n    chain = chain.then(async () => {\n      try {\n        await COMMANDS[data.type](data);\n        if (data.type !== "spare") tell();\n      } catch (error) {\n        clearInterval(timer);\n        postMessage({ type: "failed", text: String(error?.message ?? error) });\n      }\n    });\n  });\n})();\n';

// widgets/live/robot.js
var STEPS_PER_SECOND = 80;
var COMPARED = ".st-key-pair, .st-key-result";
var startWorker = () => {
  const address = URL.createObjectURL(new Blob([worker_default], { type: "text/javascript" }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
};
var sentenceOf = ({ steps, success, failed, limit, done, led }) => {
  const when = `step ${steps}, ${(steps / STEPS_PER_SECOND).toFixed(1)} s`;
  if (led) return `${when}, the hand is led back first`;
  if (success !== null) return `${when} ✓ success after ${success} steps`;
  if (failed) return `${when} ✗ not in ${limit} steps`;
  return done ? `${when} ✓` : when;
};
var countOf = ({ tries, successes }) => `${successes} of ${tries} ${tries === 1 ? "try" : "tries"} succeeded, counted in this browser.`;
var createRobot = (root, data, { load: load2, fail, ask: ask2 }) => {
  root.replaceChildren();
  const stage = element("div", "stage", root);
  const note = element("p", "", stage, "Loading the physics of the robot.");
  const hint = element("p", "hint", stage);
  const transport = element("div", "transport", root);
  const button = (name, text, act) => {
    const made = element("button", name, transport, text);
    made.type = "button";
    made.disabled = true;
    made.addEventListener("click", act);
    return made;
  };
  const all = [];
  let view = null, worker = null, state = null, facts = null, closed = false, wanted = !matchMedia("(prefers-reduced-motion: reduce)").matches, seen2 = true;
  const place = root.getRootNode().host?.closest(COMPARED);
  const company = place ? members(place) : /* @__PURE__ */ new Set();
  const send = (message, transfer) => worker?.postMessage(message, transfer);
  const tell = (message) => {
    send(message);
    for (const one of company) if (one !== me) one.obey?.(message);
  };
  const setWanted = (on) => {
    wanted = on;
    toggle.textContent = on ? "Pause" : "Play";
    send({ type: "play", on: on && seen2 });
  };
  const me = {
    obey: (message) => {
      if (message.type === "play") setWanted(message.on);
      else if (message.type === "step") {
        setWanted(false);
        send(message);
      } else send(message);
      if (message.type === "speed") speeds.value = String(message.speed);
      if (message.type === "endless") endless.checked = message.on;
    },
    look: (name) => view?.look(name),
    see: (place2, target) => view?.see(place2, target)
  };
  const toggle = button("toggle", wanted ? "Pause" : "Play", () => {
    setWanted(!wanted);
    for (const one of company) if (one !== me) one.obey?.({ type: "play", on: wanted });
  });
  const step = button("", "Step", () => {
    setWanted(false);
    tell({ type: "step" });
  });
  step.title = "One step of the network, an eightieth of a second";
  const reset = button("", "Reset", () => tell({ type: "reset" }));
  const another = button("", "Another goal", () => {
    const draw = drawStart(facts.space, Math.random);
    tell({ type: "another", start: { before: draw, draw } });
  });
  const undo = button("", "", () => tell({ type: "undo" }));
  undo.hidden = true;
  const speeds = addSpeeds(transport, 1, 2);
  speeds.addEventListener("change", () => tell({ type: "speed", speed: Number(speeds.value) }));
  all.push(toggle, step, reset, another, undo, speeds);
  const output = element("output", "", transport);
  const counted = element("div", "counted", root);
  const count = element("span", "", counted, countOf({ tries: 0, successes: 0 }));
  const label = element("label", "", counted);
  const endless = element("input", "", label);
  endless.type = "checkbox";
  label.append(" One goal after another");
  endless.addEventListener("change", () => tell({ type: "endless", on: endless.checked }));
  all.push(endless);
  for (const one of all) one.disabled = true;
  const others = () => [...company].filter((one) => one !== me);
  const lookAll = (name) => {
    view?.look(name);
    for (const one of others()) one.look?.(name);
  };
  addCameras(root, lookAll, { follows: true });
  const inside = createInside(root, data, send, ask2);
  const show = (now) => {
    if (state) send({ type: "spare", poses: state.poses }, [state.poses.buffer]);
    state = now;
    view.show(now);
    inside.show(now);
    output.textContent = sentenceOf(now);
    count.textContent = countOf(now);
    root.dataset.steps = now.steps;
    root.dataset.successes = now.successes;
    root.dataset.tries = now.tries;
  };
  const ready = ({ handles, undoing }) => {
    note.remove();
    const things = handles.map(({ title }) => title);
    hint.textContent = `Drag a ring: ${things.slice(0, -1).join(", ")} or ${things.at(-1)}.`;
    stage.addEventListener("pointerdown", ({ target }) => {
      if (target.closest(".ring")) hint.remove();
    });
    view.addRings(handles);
    for (const one of all) one.disabled = false;
    undo.textContent = undoing ?? "";
    undo.hidden = !undoing;
    root.dataset.ready = "true";
  };
  const broke = (error) => {
    if (closed) return;
    console.warn(error);
    close();
    fail(error instanceof Known ? error.message : `The robot cannot run here (${error}).`);
  };
  const MESSAGES = {
    ready,
    state: show,
    weights: ({ layers }) => inside.showWeights(layers),
    failed: ({ text }) => broke(text)
  };
  load2().then(([library, live]) => {
    if (closed) return;
    facts = live.facts;
    worker = startWorker();
    worker.addEventListener("message", ({ data: message }) => {
      if (!closed) MESSAGES[message.type](message);
    });
    worker.addEventListener(
      "error",
      ({ message }) => broke(message ?? "its worker did not start")
    );
    const begin2 = { type: "begin", ...live, network: networkOf(data.network), start: data.start };
    send({ ...begin2, playing: wanted && seen2 });
    view = createLiveView(library, stage, data, facts, {
      move: (name, to) => tell({ type: "move", name, to }),
      letGo: () => tell({ type: "letGo" }),
      look: (place2, target) => {
        for (const one of others()) one.see?.(place2, target);
      },
      lost: () => {
        note.textContent = LOST;
        stage.prepend(note);
      }
    });
    company.add(me);
  }).catch(broke);
  const look = () => {
    const now = !document.hidden && onScreen;
    if (now === seen2) return;
    seen2 = now;
    send({ type: "play", on: wanted && seen2 });
  };
  let onScreen = true;
  const watcher = new IntersectionObserver(([entry]) => {
    onScreen = entry.isIntersecting;
    look();
  });
  watcher.observe(stage);
  document.addEventListener("visibilitychange", look);
  stage.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("button")) return;
    event.preventDefault();
    toggle.click();
  });
  const close = () => {
    closed = true;
    company.delete(me);
    watcher.disconnect();
    document.removeEventListener("visibilitychange", look);
    worker?.terminate();
    worker = null;
    view?.dispose();
    view = null;
    inside.close();
  };
  const layOut = () => {
    view?.layOut();
    inside.layOut();
  };
  return { layOut, close, take: inside.take };
};

// widgets/live/live.js
var makeRobot = (root, data, { setTriggerValue }) => {
  root.dataset.task = data.task;
  delete root.dataset.ready;
  return createRobot(root, data, {
    load: () => Promise.all([load(), loadLive(data.files)]),
    fail: (sentence) => setTriggerValue("failed", sentence),
    ask: (name) => setTriggerValue("other", name)
  });
};
var live_default = livingPart("live", remade(makeRobot));
export {
  live_default as default
};
