// A finished SVG as a picture, with buttons that save it; `view.py` says what `data` holds.
import { decode } from "../../widgets/arrays.js";
import { element, shape } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { makeInspector } from "../../widgets/matrix/inspector.js";
import { addSaveButtons } from "../../widgets/save_figure/save_figure.js";

import { nearest } from "./nearest.js";

// Black on white wherever it goes: a figure has no background of its own.
const onWhite = (text) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  svg.insertBefore(shape("rect", { width, height, fill: "#ffffff" }), svg.firstChild);
  return { text: new XMLSerializer().serializeToString(svg), width, height };
};

// What the figure's marks stand for, [x, y, text] of each in units of its viewBox; `nnit/evaluation/drawing.py` wrote it.
const valuesOf = (text) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const kept = svg.querySelector("#values");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return { values: kept ? JSON.parse(kept.textContent) : [], width, height };
};

// The values stand at the pointer; with the arrow keys one goes from mark to mark.
const addValues = (root, image, { values, width, height }) => {
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
      ((clientX - bounds.left) / bounds.width) * width,
      ((clientY - bounds.top) / bounds.height) * height,
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

const build = (root) => ({
  show: (data) => {
    root.replaceChildren();
    const image = element("img", data.dark ? "dark" : "", root);
    image.alt = data.alt;
    image.src = `data:image/svg+xml;base64,${data.svg}`;
    const text = new TextDecoder().decode(decode(data.svg, "|u1"));
    addSaveButtons(
      root,
      () => ({ name: data.name, title: data.alt }),
      () => onWhite(text),
    );
    addValues(root, image, valuesOf(text));
  },
  layOut: () => {},
});

export default livingPart("figure", build);
