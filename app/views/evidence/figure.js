// A finished SVG as a picture, with buttons that save it; `view.py` says what `data` holds, and puts
// `save_figure.js` before this.
export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".figure");
  root.replaceChildren();
  const image = element("img", data.dark ? "dark" : "", root);
  image.alt = data.alt;
  image.src = `data:image/svg+xml;base64,${data.svg}`;
  const text = new TextDecoder().decode(Uint8Array.from(atob(data.svg), (c) => c.charCodeAt(0)));
  // Black on white wherever it goes: a figure has no background of its own.
  const saved = () => {
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    svg.insertBefore(shape("rect", { width, height, fill: "#ffffff" }), svg.firstChild);
    return { text: new XMLSerializer().serializeToString(svg), width, height };
  };
  addSaveButtons(root, () => ({ name: data.name, title: data.alt }), saved);
}
