// What the replay draws with: three.js and the shapes of things, which come from this server once.

import { fetched } from "./failures.js";

// Streamlit serves scripts as plain text, which browsers do not import: fetched, they are.
const loadScript = async (url) => {
  const text = await (await fetched(url)).text();
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
};

const FIRST = "meshes.bin"; // with the meshes of the robot that is seen first
const at = (name) => new URL(`app/static/${name}`, document.baseURI).href;

// three.js and the meshes, once for all parts of the page.
export const load = () => {
  window.nnitReplay ||= (async () => {
    const [three, index, bytes] = await Promise.all([
      loadScript(at("three.bundle.js")),
      fetched(at("meshes.json")).then((answer) => answer.json()),
      fetched(at(FIRST)).then((answer) => answer.arrayBuffer()),
    ]);
    return { three, index, files: new Map([[FIRST, bytes]]), geometries: new Map() };
  })();
  window.nnitReplay.catch(() => {
    delete window.nnitReplay;
  });
  return window.nnitReplay;
};

// The same with the meshes of all these shapes: those of other robots are in files of their own.
export const loadFor = async (shapes) => {
  const library = await load();
  const { index, files } = library;
  const wanted = new Set(shapes.filter(({ mesh }) => mesh).map(({ mesh }) => index[mesh].file));
  await Promise.all(
    [...wanted]
      .filter((file) => !files.has(file))
      .map(async (file) => files.set(file, await (await fetched(at(file))).arrayBuffer())),
  );
  return library;
};

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

// Whether a context of WebGL, or none, computes pictures on the processor.
export const isSoftware = (context) => {
  const names = context?.getExtension("WEBGL_debug_renderer_info");
  return SOFTWARE.test(names ? context.getParameter(names.UNMASKED_RENDERER_WEBGL) : "");
};

const meshGeometry = ({ three, index, files, geometries }, name) => {
  if (!geometries.has(name)) {
    const { file, offset, vertices, faces, scale } = index[name];
    const bytes = files.get(file);
    const whole = new Int16Array(bytes, offset, 3 * vertices);
    const positions = Float32Array.from(whole, (value) => value * scale);
    const geometry = new three.BufferGeometry();
    geometry.setAttribute("position", new three.BufferAttribute(positions, 3));
    geometry.setIndex(
      new three.BufferAttribute(new Uint16Array(bytes, offset + 6 * vertices, 3 * faces), 1),
    );
    geometries.set(name, three.toCreasedNormals(geometry, 0.6));
  }
  return geometries.get(name);
};

export const geometryOf = (library, { kind, size, mesh }) => {
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
