// A live robot in a file of its own, which needs no server: `take_home.py` writes it. All that it runs on is in the
// page, packed, in elements of the names below.
import { element, picture } from "../dom.js";
import { Matrix } from "../matrix/matrix.js";
import { themeOf } from "../palette/palette.js";
import { networkOf } from "./network.js";
import { createRobot } from "./robot.js";

const CELL = 7; // pixels
const NARROW = 760; // pixels of the window

const unpacked = (name, type) => {
  const packed = document.getElementById(`packed-${name}`).textContent;
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const body = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(body, { headers: { "Content-Type": type } });
};
const imported = async (name) => {
  const text = await unpacked(name, "text/javascript").text();
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
};

const load = async () => {
  const [three, bytes, module, script, facts] = await Promise.all([
    imported("three"),
    unpacked("meshes", "application/octet-stream").arrayBuffer(),
    WebAssembly.compileStreaming(unpacked("wasm", "application/wasm")),
    unpacked("script", "text/javascript").text(),
    unpacked("scene", "application/json").json(),
  ]);
  // All in one file here, whatever the index calls it.
  const names = Object.values(facts.meshes).map(({ file }) => file);
  const files = new Map(names.map((name) => [name, bytes]));
  const library = { three, index: facts.meshes, files, geometries: new Map() };
  return [library, { module, script, facts }];
};

// The weights as pictures, one scale for all.
const drawWeights = (place, data) => {
  const { layers } = networkOf(data.network);
  const limit = Math.max(...layers.flatMap(({ weight }) => Array.from(weight, Math.abs))) * 0.6;
  const made = layers.map(({ weight, bias }, i) => {
    const figure = element("figure", "", place);
    const [rows, columns] = [bias.length, weight.length / bias.length];
    element("figcaption", "", figure, `W${i + 1} ${rows}\u00d7${columns}`);
    const canvas = picture(figure, `Weights of layer ${i + 1}`);
    const shape = { rows, columns };
    const matrix = new Matrix(canvas, { shape, patch: data.patch });
    return { matrix, layer: { ...shape, cells: weight, biases: bias, scale: 1 } };
  });
  const draw = () => {
    const theme = themeOf(place);
    const cell = window.innerWidth < NARROW ? CELL / 2 : CELL;
    for (const { matrix, layer } of made) {
      matrix.place(Math.round(cell * (window.devicePixelRatio || 1)));
      matrix.paint(layer, theme, { limit });
      matrix.draw();
    }
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
};

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.querySelector(".live");
const robot = createRobot(root, data, {
  load,
  fail: (sentence) => {
    root.replaceChildren();
    element("p", "", root, sentence);
  },
});
new ResizeObserver(() => robot.layOut()).observe(root);
drawWeights(document.getElementById("weights"), data);
