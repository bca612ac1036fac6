// A finished SVG as a picture, with buttons that save it; `view.py` says what `data` holds.
import { decode } from "../../widgets/arrays.js";
import { element, shape } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { addSaveButtons } from "../../widgets/save_figure/save_figure.js";

// Black on white wherever it goes: a figure has no background of its own.
const onWhite = (text) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  svg.insertBefore(shape("rect", { width, height, fill: "#ffffff" }), svg.firstChild);
  return { text: new XMLSerializer().serializeToString(svg), width, height };
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
  },
  layOut: () => {},
});

export default livingPart("figure", build);
