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
var HALF = 255;
var STEPS = 2 * HALF + 1;
var backgroundOf = (element2) => getComputedStyle(element2).getPropertyValue("--st-background-color").trim() || "#ffffff";

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

// views/evidence/nearest.js
var REACH = 14;
var nearest = (values, [x, y]) => {
  let best = null;
  let least = REACH ** 2;
  for (const value of values) {
    const far = (value[0] - x) ** 2 + (value[1] - y) ** 2;
    if (far <= least) {
      best = value;
      least = far;
    }
  }
  return best;
};

// views/evidence/figure.js
var onWhite = (text) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  svg.insertBefore(shape("rect", { width, height, fill: "#ffffff" }), svg.firstChild);
  return { text: new XMLSerializer().serializeToString(svg), width, height };
};
var valuesOf = (text) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const kept = svg.querySelector("#values");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return { values: kept ? JSON.parse(kept.textContent) : [], width, height };
};
var addValues = (root, image, { values, width, height }) => {
  if (!values.length) return;
  const inspector = makeInspector(root);
  const status = element("span", "unseen", root);
  status.setAttribute("role", "status");
  const say = (value) => {
    if (!value) {
      inspector.hush();
      return;
    }
    const [x, y, text] = value;
    const bounds = image.getBoundingClientRect();
    const unit = bounds.width / width;
    const left = bounds.left + x * unit;
    inspector.say(text, { left, top: bounds.top + y * unit, width: 0, height: 0 });
    status.textContent = text;
  };
  image.addEventListener("pointermove", ({ clientX, clientY }) => {
    const bounds = image.getBoundingClientRect();
    const at = [
      (clientX - bounds.left) / bounds.width * width,
      (clientY - bounds.top) / bounds.height * height
    ];
    say(nearest(values, at));
  });
  image.addEventListener("pointerleave", () => say(null));
  let number = -1;
  image.tabIndex = 0;
  image.addEventListener("blur", () => say(null));
  image.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    number = (number + step + values.length) % values.length;
    say(values[number]);
  });
};
var build = (root) => ({
  show: (data) => {
    root.replaceChildren();
    const image = element("img", data.dark ? "dark" : "", root);
    image.alt = data.alt;
    image.src = `data:image/svg+xml;base64,${data.svg}`;
    const text = new TextDecoder().decode(decode(data.svg, "|u1"));
    addSaveButtons(
      root,
      () => ({ name: data.name, title: data.alt }),
      () => onWhite(text)
    );
    addValues(root, image, valuesOf(text));
  },
  layOut: () => {
  }
});
var figure_default = livingPart("figure", build);
export {
  figure_default as default
};
