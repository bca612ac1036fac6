// The scene that a robot is drawn in: things, light, camera. MuJoCo's axes: x to the right, z up, metres. What moves the
// things is another's matter: a recording (`viewer.js`), or physics that run in the browser (`../live`).
import { accentOf } from "../palette/palette.js";
import { geometryOf } from "./library.js";
import { painterOf } from "./painter.js";

const LOWEST = 0.05; // metres above the table, of the point that is looked at
const FLATTEST = Math.PI / 2 - 0.05; // angle from straight above: never from below
const FARTHEST = 6; // metres
const COARSE = 0.8; // of a page's pixels

// What may be looked at: nothing under the table, nothing far from the scene.
export const keptInside = ([x, y, z], [x0, y0], reach) => {
  const within = (value, middle) => Math.max(middle - reach, Math.min(middle + reach, value));
  return [within(x, x0), within(y, y0), Math.max(LOWEST, Math.min(reach, z))];
};

// Draws into `stage`, only when something has changed, which `want` says. `data` has title, camera and shapes;
// `isMark(i)` says of a ball that it marks a goal, and is no thing; `tick(now)` is called before each picture;
// `handAt()` says where the hand is, three numbers; `turned(place, target)` hears where the visitor looks from; `lost()`
// is called when the browser ends 3D drawing. What is not `fine` has no shadows, no gloss, no smooth edges and larger
// pixels; `make(library, shape)` gives a thing its geometry.
export const createScenery = (
  library,
  stage,
  data,
  { isMark, tick, handAt, turned, lost, fine = true, make = geometryOf },
) => {
  const { three } = library;
  const painter = painterOf(library, fine);
  painter.sheet.addEventListener("webglcontextlost", lost);
  const canvas = stage.appendChild(document.createElement("canvas"));
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute(
    "aria-label",
    `The robot in 3D: ${data.title}. Drag or use the arrow keys to look around.`,
  );
  const scene = new three.Scene();
  scene.add(new three.HemisphereLight(0xffffff, 0x9c948a, 2.3));
  const sun = new three.DirectionalLight(0xffffff, 2.1);
  // Shadows say how high above the table the hand is. The light looks at the middle of the scene, straight enough
  // that they fall close to what throws them.
  const [x0, y0] = data.camera.lookat;
  sun.position.set(x0 - 0.7, y0 - 0.9, 2.6);
  sun.target.position.set(x0, y0, 0);
  sun.castShadow = true;
  sun.shadow.mapSize.set(1024, 1024);
  sun.shadow.radius = 3;
  sun.shadow.bias = -0.0006;
  sun.shadow.normalBias = 0.004;
  Object.assign(sun.shadow.camera, { left: -1, right: 1, top: 1, bottom: -1, near: 0.5, far: 5 });
  scene.add(sun, sun.target);
  const camera = new three.PerspectiveCamera(45, 4 / 3, 0.02, 40);
  camera.up.set(0, 0, 1);
  const controls = new three.OrbitControls(camera, canvas);
  controls.listenToKeyEvents(canvas);
  Object.assign(controls, { maxPolarAngle: FLATTEST, minDistance: 0.1, maxDistance: FARTHEST });
  // The wheel, and a finger, scroll the page until the view has been chosen with a click or the keyboard.
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
    const material = fine
      ? new three.MeshStandardMaterial({ roughness: 0.62, metalness: 0.05, ...seen })
      : new three.MeshLambertMaterial(seen);
    material.color.setRGB(red, green, blue, three.SRGBColorSpace);
    const object = new three.Mesh(make(library, shape), material);
    object.castShadow = opacity === 1 && shape.kind !== "plane" && !isMark(i);
    object.receiveShadow = true;
    scene.add(object);
    return object;
  });
  const hand = new three.Vector3(),
    moved = new three.Vector3();
  let following = false,
    setting = false, // whether the view is being changed from here, and not by the visitor
    asked = 0,
    disposed = false;
  // The close camera goes along with the hand.
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
    if (!canvas.dataset.drawn) stage.querySelector("img")?.remove(); // the picture that held the place
    canvas.dataset.drawn = "true";
  };
  const want = () => {
    if (!asked && !disposed) asked = requestAnimationFrame(draw);
  };
  const rest = () => {
    cancelAnimationFrame(asked);
    asked = 0;
  };
  const lines = []; // materials in the colour of what the visitor controls
  const reach = 1.2 * data.camera.distance;
  const looked = () => {
    const at = controls.target.toArray();
    const kept = keptInside(at, data.camera.lookat, reach);
    const [dx, dy, dz] = kept.map((value, i) => value - at[i]);
    if (dx || dy || dz) {
      controls.target.fromArray(kept);
      camera.position.set(
        camera.position.x + dx,
        camera.position.y + dy,
        Math.max(kept[2], camera.position.z + dz),
      );
    }
    // For tests, and whoever wants to know.
    canvas.dataset.height = camera.position.z.toFixed(3);
    canvas.dataset.distance = camera.position.distanceTo(controls.target).toFixed(3);
    if (!following && !setting) turned?.(camera.position.toArray(), at);
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
      hand: [azimuth, elevation, distance * 0.45],
    };
    following = name === "hand";
    const [a, e, d] = views[name];
    const [x, y] = [(a * Math.PI) / 180, (e * Math.PI) / 180];
    const at = following ? hand.fromArray(handAt()).toArray() : lookat;
    see(
      [
        at[0] - d * Math.cos(y) * Math.cos(x),
        at[1] - d * Math.cos(y) * Math.sin(x),
        at[2] - d * Math.sin(y),
      ],
      at,
    );
  };
  // For the stage's size, the pixels and the theme of the moment.
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
    rest,
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
    },
  };
};
