// Made by `make bundle` out of the files named below; do not edit.

// widgets/dom.js
var element = (tag, name, parent, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== void 0) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};

// widgets/films/phase.js
var places = /* @__PURE__ */ new WeakMap();
var members = (place) => {
  if (!places.has(place)) places.set(place, /* @__PURE__ */ new Set());
  return places.get(place);
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
var sentenceOf = (error) => {
  const found = error instanceof Known ? error.message : `The 3D view failed (${error}).`;
  return `${found} The film shows the same.`;
};

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
var loadFor = async (shapes) => {
  const library = await load();
  const { index, files } = library;
  const wanted = new Set(shapes.filter(({ mesh }) => mesh).map(({ mesh }) => index[mesh].file));
  await Promise.all(
    [...wanted].filter((file) => !files.has(file)).map(async (file) => files.set(file, await (await fetched(at(file))).arrayBuffer()))
  );
  return library;
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
var HALF = 255;
var STEPS = 2 * HALF + 1;
var accentOf = (element2) => getComputedStyle(element2).getPropertyValue("--st-primary-color").trim() || "#5b3fc4";

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

// widgets/replay/scenery.js
var LOWEST = 0.05;
var FLATTEST = Math.PI / 2 - 0.05;
var FARTHEST = 6;
var COARSE = 0.8;
var keptInside = ([x, y, z], [x0, y0], reach) => {
  const within = (value, middle) => Math.max(middle - reach, Math.min(middle + reach, value));
  return [within(x, x0), within(y, y0), Math.max(LOWEST, Math.min(reach, z))];
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
    const seen = { transparent: opacity < 1, opacity };
    const material = fine ? new three.MeshStandardMaterial({ roughness: 0.62, metalness: 0.05, ...seen }) : new three.MeshLambertMaterial(seen);
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
  const rest2 = () => {
    cancelAnimationFrame(asked);
    asked = 0;
  };
  const lines = [];
  const reach = 1.2 * data.camera.distance;
  const looked = () => {
    const at2 = controls.target.toArray();
    const kept = keptInside(at2, data.camera.lookat, reach);
    const [dx, dy, dz] = kept.map((value, i) => value - at2[i]);
    if (dx || dy || dz) {
      controls.target.fromArray(kept);
      camera.position.set(
        camera.position.x + dx,
        camera.position.y + dy,
        Math.max(kept[2], camera.position.z + dz)
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
    const { azimuth, elevation, distance, lookat } = data.camera;
    const views = {
      film: [azimuth, elevation, distance],
      front: [90, -18, distance * 1.1],
      side: [180, -14, distance * 1.1],
      top: [90, -89, distance * 1.15],
      hand: [azimuth, elevation, distance * 0.45]
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
    rest: rest2,
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

// widgets/replay/viewer.js
var TURN = 1 / 32767;
var createViewer = (library, stage, data, { onFrame, span, lost }) => {
  const { three } = library;
  const scenery = createScenery(library, stage, data, {
    // A ball that never moves marks the goal.
    isMark: (i) => data.shapes[i].kind === "sphere" && !data.moving.includes(i),
    tick: (now) => tick(now),
    handAt: () => handAt(),
    lost
  });
  const { objects, want } = scenery;
  objects.forEach((object, i) => {
    object.position.fromArray(data.start[i], 0);
    object.quaternion.fromArray(data.start[i], 3);
  });
  const whole = decode(data.poses, "<i2");
  const poses = Float32Array.from(whole, (parts, i) => parts * (i % 7 < 3 ? data.place : TURN));
  const trail = new three.BufferGeometry();
  trail.setAttribute("position", new three.BufferAttribute(Float32Array.from(data.hand.flat()), 3));
  const accent = new three.LineBasicMaterial();
  scenery.lines.push(accent);
  scenery.scene.add(new three.Line(trail, accent));
  const [q, r] = [new three.Quaternion(), new three.Quaternion()];
  const [p, s] = [new three.Vector3(), new three.Vector3()];
  const count = data.moving.length;
  let frame = 0, playing = false, speed = 0.5, last = 0;
  const handAt = () => {
    const low = Math.min(data.count - 1, Math.floor(frame)), high = Math.min(data.count - 1, low + 1);
    return p.fromArray(data.hand[low]).lerp(s.fromArray(data.hand[high]), frame - low).toArray();
  };
  const pose = () => {
    const low = Math.min(data.count - 1, Math.floor(frame)), high = Math.min(data.count - 1, low + 1);
    data.moving.forEach((which, i) => {
      const [from, to] = [7 * (low * count + i), 7 * (high * count + i)];
      p.fromArray(poses, from);
      s.fromArray(poses, to);
      q.fromArray(poses, from + 3);
      r.fromArray(poses, to + 3);
      objects[which].position.lerpVectors(p, s, frame - low);
      objects[which].quaternion.slerpQuaternions(q, r, frame - low);
    });
    trail.setDrawRange(0, low + 1);
    scenery.follow();
  };
  const tick = (now) => {
    if (!playing) return;
    const elapsed = Math.max(0, now - last);
    last += elapsed;
    frame += elapsed / 1e3 * data.posesPerSecond * speed;
    if (frame > span() + data.posesPerSecond * 0.4) frame = 0;
    pose();
    onFrame(Math.min(frame, data.count - 1), playing);
    want();
  };
  const pause = () => {
    playing = false;
    onFrame(Math.min(frame, data.count - 1), playing);
  };
  scenery.layOut();
  scenery.look("film");
  return {
    look: scenery.look,
    layOut: scenery.layOut,
    seek: (to) => {
      frame = to;
      pose();
      onFrame(Math.min(frame, data.count - 1), playing);
      want();
    },
    play: () => {
      playing = true;
      last = performance.now();
      if (frame >= span()) frame = 0;
      want();
    },
    pause,
    // Stop where it is, without another picture.
    rest: () => {
      pause();
      scenery.rest();
    },
    setSpeed: (to) => {
      speed = to;
    },
    get frame() {
      return frame;
    },
    get playing() {
      return playing;
    },
    dispose: () => {
      trail.dispose();
      scenery.dispose();
    }
  };
};

// widgets/replay/replay.js
var LATEST = 1500;
var rest = () => new Promise((resolve) => {
  if (window.requestIdleCallback) requestIdleCallback(resolve, { timeout: LATEST });
  else setTimeout(resolve);
});
var OTHER_KIND = "[class*=st-key-robot_kind_] [role=radio][aria-checked=false]";
var COMPARED = ".st-key-pair";
var companyOf = (root) => {
  const place = root.getRootNode().host?.closest(COMPARED);
  return place ? members(place) : /* @__PURE__ */ new Set();
};
var makeStage = (root, data) => {
  root.dataset.task = data.task;
  root.replaceChildren();
  const stage = element("div", "stage", root);
  const still = data.still ? element("img", "", stage) : null;
  if (still)
    Object.assign(still, { src: data.still, alt: `The robot before it moves: ${data.title}.` });
  const note = element("p", "", stage, still ? "" : "Loading the robot.");
  const transport = element("div", "transport", root);
  const toggle = element("button", "toggle", transport, "Play");
  toggle.type = "button";
  const range = element("input", "", transport);
  Object.assign(range, { type: "range", min: 0, max: data.count - 1, step: 1, value: 0 });
  range.setAttribute("aria-label", "Step of the episode");
  const output = element("output", "", transport);
  const speeds = addSpeeds(transport, 0.5, 1);
  let viewer = null, closed = false;
  addCameras(root, (name) => viewer?.look(name), { follows: data.hand.length > 0 });
  const company = companyOf(root);
  const me = {
    count: data.count,
    get viewer() {
      return viewer;
    },
    get speed() {
      return Number(speeds.value);
    },
    // As another view was set.
    follow: (frame, playing) => {
      if (!viewer) return;
      if (viewer.playing) viewer.pause();
      viewer.seek(frame);
      if (playing) viewer.play();
      toggle.textContent = playing ? "Pause" : "Play";
    },
    setSpeed: (speed) => {
      speeds.value = String(speed);
      viewer?.setSpeed(speed);
    }
  };
  const others = () => [...company].filter((one) => one !== me && one.viewer);
  const tell = () => {
    for (const one of others()) one.follow(viewer.frame, viewer.playing);
  };
  const span = () => Math.max(data.count, ...[...company].map(({ count }) => count)) - 1;
  const show = (frame, playing) => {
    const step = Math.round(frame * data.stepsPerPose);
    const when = (frame / data.posesPerSecond).toFixed(1);
    const done = data.success && step >= data.steps ? " ✓" : "";
    range.value = Math.round(frame);
    range.setAttribute("aria-valuetext", `step ${step}, ${when} s`);
    output.textContent = `step ${step}, ${when} s${done}`;
    toggle.textContent = playing ? "Pause" : "Play";
  };
  show(0, false);
  const setPlaying = (on) => {
    if (!viewer) return;
    if (on) viewer.play();
    else viewer.pause();
    toggle.textContent = on ? "Pause" : "Play";
  };
  toggle.addEventListener("click", () => {
    setPlaying(!viewer?.playing);
    if (viewer) tell();
  });
  range.addEventListener("input", () => {
    const to = Number(range.value);
    if (viewer) {
      setPlaying(false);
      viewer.seek(to);
      tell();
    }
  });
  speeds.addEventListener("change", () => {
    viewer?.setSpeed(Number(speeds.value));
    for (const one of others()) one.setSpeed(Number(speeds.value));
  });
  stage.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      setPlaying(!viewer?.playing);
      if (viewer) tell();
    }
  });
  const lost = () => {
    note.textContent = LOST;
    stage.prepend(note);
  };
  Promise.all([loadFor(data.shapes), rest()]).then(([library]) => {
    if (closed) return;
    viewer = createViewer(library, stage, data, { onFrame: show, span, lost });
    note.remove();
    const [first2] = others();
    company.add(me);
    if (first2) {
      me.setSpeed(first2.speed);
      me.follow(first2.viewer.frame, first2.viewer.playing);
    } else if (!matchMedia("(prefers-reduced-motion: reduce)").matches) setPlaying(true);
  }).catch((error) => {
    if (closed) return;
    console.warn(error);
    viewer?.dispose();
    viewer = null;
    stage.replaceChildren(note);
    note.textContent = sentenceOf(error);
  });
  const leave = ({ target, key }) => {
    if (key && key !== "Enter" && key !== " ") return;
    if (target.closest?.(OTHER_KIND)) viewer?.rest();
  };
  const ending = new AbortController();
  const first = { capture: true, signal: ending.signal };
  for (const type of ["pointerup", "keyup"]) window.addEventListener(type, leave, first);
  return {
    layOut: () => viewer?.layOut(),
    close: () => {
      closed = true;
      ending.abort();
      company.delete(me);
      viewer?.dispose();
      viewer = null;
    }
  };
};
var replay_default = livingPart("replay", remade(makeStage));
export {
  replay_default as default
};
