// Two buttons under a figure that save it as it is shown: as SVG with text as text and lines as lines, or as
// PNG made of that. Parts marked `data-control` are left out.
import { element, setAttributes, shape } from "../dom.js";
import { backgroundOf } from "../palette/palette.js";

const SAVE_MARGIN = 16; // CSS pixels around the figure
const SAVE_TITLE = 15; // CSS pixels of the title's type
const SAVE_SCALE = 3; // of a PNG
const SAVED_STYLES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-family",
];

// Opacity, size or control: whatever decides whether and how a part is seen, from the part up to the figure.
const seenIn = (root, part) => {
  let opacity = 1;
  for (let one = part; one && one !== root; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (
      one.dataset?.control !== undefined ||
      style.display === "none" ||
      style.visibility === "hidden"
    )
      return 0;
    opacity *= Number(style.opacity);
  }
  return opacity;
};

const ascentOf = (font) => {
  const context = document.createElement("canvas").getContext("2d");
  context.font = font;
  return context.measureText("x").fontBoundingBoxAscent;
};

// A text node as one element a line, each where the browser has put it.
const saveText = (node, opacity, svg, left, top) => {
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
    if (!place.width || (clipped && place.right > box.right + 1)) continue;
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
        "font-family": style.fontFamily,
      },
      svg,
    ).textContent = words.join(" ");
  });
};

const saveChart = (chart, opacity, svg, left, top) => {
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

// What of the figure is seen: texts, canvases and charts.
const partsOf = (root) => {
  const parts = [];
  const walk = document.createTreeWalker(
    root,
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    (node) =>
      node.parentElement?.closest("svg") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
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

// The figure as an SVG document, a title above it.
const figureAsSvg = (root, title) => {
  const parts = partsOf(root);
  const style = getComputedStyle(root);
  const svg = shape("svg", {});
  shape("title", {}, svg).textContent = title;
  const paper = shape("rect", { fill: backgroundOf(root) }, svg);
  const heading = {
    "font-size": SAVE_TITLE,
    "font-weight": 600,
    "font-family": style.fontFamily,
    fill: style.color,
  };
  shape("text", { x: SAVE_MARGIN, y: SAVE_MARGIN + SAVE_TITLE, ...heading }, svg).textContent =
    title;
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
          style: "image-rendering: pixelated",
        },
        svg,
      );
  });
  const widest = Math.max(
    left + SAVE_MARGIN + measure.measureText(title).width,
    ...parts.map(({ place }) => place.right),
  );
  const width = Math.ceil(widest - left + SAVE_MARGIN);
  const height = Math.ceil(Math.max(...parts.map(({ place }) => place.bottom)) - top + SAVE_MARGIN);
  for (const sized of [svg, paper]) setAttributes(sized, { width, height });
  setAttributes(svg, { viewBox: `0 0 ${width} ${height}` });
  return { text: new XMLSerializer().serializeToString(svg), width, height };
};

const svgAsPng = async ({ text, width, height }) => {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SAVE_SCALE * width, SAVE_SCALE * height];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};

const saveBlob = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

// The two buttons, at the end of `root`; `describe` gives the file's name without its ending, and a title.
export const addSaveButtons = (
  root,
  describe,
  saved = () => figureAsSvg(root, describe().title),
  words = "Save this figure: ",
) => {
  const row = element("p", "save", root);
  row.dataset.control = "";
  row.append(words);
  const button = (label, act) => {
    const made = element("button", "", row, label);
    made.type = "button";
    made.addEventListener("click", act);
  };
  button("SVG", () =>
    saveBlob(new Blob([saved().text], { type: "image/svg+xml" }), `${describe().name}.svg`),
  );
  button("PNG", async () => saveBlob(await svgAsPng(saved()), `${describe().name}.png`));
};
