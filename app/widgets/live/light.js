// Drawing where there is no GPU: the browser computes every picture on the processor, where the number of triangles
// decides. Meshes with fewer of them, no shadows and no smoothed edges make a picture ten times as fast.
import { geometryOf } from "../replay/library.js";

const CELL = 0.009; // metres: points of a mesh that are closer together than this become one

// A mesh with one point for all that lie in one cell of a grid: {positions, faces}.
export const simplified = (positions, faces, cell = CELL) => {
  const cells = new Map();
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
    const sum = sums[to[v]];
    for (let i = 0; i < 3; i++) sum[i] += place[i];
    sum[3]++;
  }
  const seen = new Set();
  const kept = [];
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [to[faces[f]], to[faces[f + 1]], to[faces[f + 2]]];
    const key = [...corners].sort((a, b) => a - b).join();
    if (new Set(corners).size < 3 || seen.has(key)) continue;
    seen.add(key);
    kept.push(...corners);
  }
  return {
    positions: Float32Array.from(sums.flatMap(([x, y, z, n]) => [x / n, y / n, z / n])),
    faces: Uint32Array.from(kept),
  };
};

// As `geometryOf`, with fewer triangles; kept for all robots of a page.
const light = new Map();
export const lightGeometryOf = (library, shape) => {
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
      new Uint16Array(bytes, offset + 6 * vertices, 3 * faces),
    );
    const geometry = new three.BufferGeometry();
    geometry.setAttribute("position", new three.BufferAttribute(fewer.positions, 3));
    geometry.setIndex(new three.BufferAttribute(fewer.faces, 1));
    light.set(shape.mesh, three.toCreasedNormals(geometry, 0.6));
  }
  return light.get(shape.mesh);
};
export const disposeLight = () => {
  for (const geometry of light.values()) geometry.dispose();
};
