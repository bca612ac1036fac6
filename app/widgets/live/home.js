// A live robot and its weights outside the app: in a file of its own, which `take_home.py` writes, or in a notebook,
// where `notebook.py` hands what is exported here to anywidget. Neither has a server: all that the robot runs on comes
// packed, in elements of the page or as answers of the notebook's Python.
import { element } from "../dom.js";
import { kept } from "./files.js";
import { drawWeights } from "./pictures.js";
import { createRobot } from "./robot.js";

// packed(name) promises the bytes of a part.
const loadFrom = async (packed) => {
  const unpacked = async (name, type) => {
    const bytes = await packed(name);
    const body = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(body, { headers: { "Content-Type": type } });
  };
  const imported = async (name) => {
    const text = await (await unpacked(name, "text/javascript")).text();
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      return await import(address);
    } finally {
      URL.revokeObjectURL(address);
    }
  };
  const [three, bytes, module, script, facts] = await Promise.all([
    kept("three", () => imported("three")), // which wants to be there once a page
    unpacked("meshes", "application/octet-stream").then((answer) => answer.arrayBuffer()),
    WebAssembly.compileStreaming(unpacked("wasm", "application/wasm")),
    unpacked("script", "text/javascript").then((answer) => answer.text()),
    unpacked("scene", "application/json").then((answer) => answer.json()),
  ]);
  // All in one file here, whatever the index calls it.
  const names = Object.values(facts.meshes).map(({ file }) => file);
  const files = new Map(names.map((name) => [name, bytes]));
  const library = { three, index: facts.meshes, files, geometries: new Map() };
  return [library, { module, script, facts }];
};

// Draws robot and weights into their places; a task without a scene has no robot. Returns what ends them.
const show = (stage, pictures, data, packed) => {
  const weights = drawWeights(pictures, data);
  if (!data.start) {
    weights.draw();
    return () => weights.close();
  }
  const robot = createRobot(stage, data, {
    load: () => loadFrom(packed),
    fail: (sentence) => {
      stage.replaceChildren();
      element("p", "", stage, sentence);
    },
    // Other networks are here already, where there are any.
    ask: (name) => robot.take({ other: { name, network: data.networks[name] } }),
  });
  const resized = new ResizeObserver(() => robot.layOut());
  resized.observe(stage);
  return () => {
    resized.disconnect();
    robot.close();
    weights.close();
  };
};

// --- In a file of its own ------------------------------------------------------------------------------

const alone = document.getElementById("nnit-data");
if (alone) {
  const bytesOf = async (name) =>
    Uint8Array.from(atob(document.getElementById(`packed-${name}`).textContent), (c) =>
      c.charCodeAt(0),
    );
  const data = JSON.parse(alone.textContent);
  show(document.querySelector(".live"), document.getElementById("weights"), data, bytesOf);
}

// --- In a notebook --------------------------------------------------------------------------------------

// Asks Python for a part, once for all robots of the page.
const asking = (model, version) => {
  const waiting = new Map();
  model.on("msg:custom", (message, buffers) => {
    if (!waiting.has(message.part)) return;
    const [{ buffer, byteOffset, byteLength }] = buffers;
    waiting.get(message.part)(new Uint8Array(buffer, byteOffset, byteLength));
    waiting.delete(message.part);
  });
  return (part) =>
    kept(
      `${version[part]} ${part}`,
      () =>
        new Promise((resolve) => {
          waiting.set(part, resolve);
          model.send({ part });
        }),
    );
};

// Notebooks choose light or dark themselves, whatever the system is set to: by the colour of their text.
const isDark = (element) => {
  const [red, green, blue] = getComputedStyle(element)
    .color.match(/[\d.]+/g)
    .map(Number);
  return red + green + blue > 384;
};

export default {
  render({ model, el }) {
    const data = model.get("data");
    const root = element("div", "nnit-robot", el);
    root.classList.add(isDark(el) ? "dark" : "light");
    element("b", "", root, data.heading);
    element("p", "quiet", root, data.facts);
    const stage = element("div", "live", root);
    const pictures = element("div", "weights", root);
    pictures.setAttribute("role", "group");
    pictures.setAttribute("aria-label", "The weights of the network, one picture a layer");
    return show(stage, pictures, data, asking(model, data.parts));
  },
};
