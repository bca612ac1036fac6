// What a live robot looks like: the scene of the 3D view, moved by what the worker tells, and a ring on each thing that
// can be moved, with the pointer, a finger or the keyboard.
import { element } from "../dom.js";
import { drawsInSoftware } from "../replay/painter.js";
import { createScenery } from "../replay/scenery.js";
import { disposeLight, lightGeometryOf } from "./light.js";

const STRIDE = 12; // numbers of a pose: place, and turn row by row
const KEY_STEP = 0.01; // metres that an arrow key moves a thing
const KEYS = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  PageUp: [0, 0, 1],
  PageDown: [0, 0, -1],
};
const MOVES = "Drag it, or use the arrow keys";
const HIGHER = "; Page Up and Page Down move it up and down";

// Where a ray from `from` along `along` meets the plane through `point` with this normal; null where it never does.
export const onPlane = (from, along, point, normal) => {
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const slope = dot(along, normal);
  if (Math.abs(slope) < 1e-6) return null;
  const far = dot(
    point.map((value, i) => value - from[i]),
    normal,
  );
  const length = far / slope;
  return length > 0 ? from.map((value, i) => value + length * along[i]) : null;
};

// send.move(name, to), send.letGo(), send.look(place, target): the visitor looks from there; send.lost(): the browser
// draws no more
export const createLiveView = (library, stage, data, facts, send) => {
  const { three } = library;
  let state = null;
  const slow = drawsInSoftware(library);
  const scenery = createScenery(
    library,
    stage,
    { ...data, shapes: facts.shapes },
    {
      // Sites are marks, and the only ones: goals, and places of the arm that are small as a pea.
      isMark: (i) => i >= facts.geoms.length,
      tick: () => follow(),
      ...(slow ? { fine: false, make: lightGeometryOf } : {}),
      handAt: () => state?.hand ?? data.camera.lookat,
      turned: send.look,
      lost: send.lost,
    },
  );
  const { camera, canvas, objects, controls } = scenery;
  for (const object of objects) object.matrixAutoUpdate = false;

  const at = new three.Vector3();
  const rings = new Map();
  let held = null; // {name, plane point and normal, offset}

  const rayOf = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    at.set(
      ((clientX - box.left) / box.width) * 2 - 1,
      1 - ((clientY - box.top) / box.height) * 2,
      0.5,
    );
    at.unproject(camera).sub(camera.position).normalize();
    return [camera.position.toArray(), at.toArray()];
  };
  const pointAt = (event) => {
    const [from, along] = rayOf(event);
    return onPlane(from, along, held.point, held.normal);
  };
  const take = (event, handle) => {
    const point = state.handles[handle.name];
    const normal = handle.flat ? [0, 0, 1] : camera.getWorldDirection(at).toArray();
    held = { name: handle.name, point, normal, offset: [0, 0, 0] };
    const to = pointAt(event);
    if (to) held.offset = point.map((value, i) => value - to[i]);
  };
  let coming = null; // where it is to be moved before the next picture
  const drag = (event) => {
    const to = pointAt(event);
    if (to) coming = to.map((value, i) => value + held.offset[i]);
    scenery.want();
  };
  const drop = () => {
    if (!held) return;
    if (coming) send.move(held.name, coming);
    coming = null;
    held = null;
    send.letGo();
  };

  const addRing = (handle) => {
    const ring = element("button", `ring ${handle.name}`, stage);
    ring.type = "button";
    element("span", "", ring, handle.title);
    const how = `${MOVES}${handle.flat ? "" : HIGHER}`;
    ring.setAttribute("aria-label", `Move ${handle.title}. ${how}.`);
    ring.addEventListener("pointerdown", (event) => {
      if (!state || event.button) return;
      event.preventDefault();
      ring.focus({ preventScroll: true });
      ring.setPointerCapture(event.pointerId);
      controls.enabled = false;
      take(event, handle);
    });
    ring.addEventListener("pointermove", (event) => {
      if (held?.name === handle.name) drag(event);
    });
    const end = () => {
      controls.enabled = true;
      drop();
    };
    ring.addEventListener("pointerup", end);
    ring.addEventListener("pointercancel", end);
    ring.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way || !state || (handle.flat && way[2])) return;
      event.preventDefault();
      event.stopPropagation();
      // Left and right, near and far are those of the picture, as far as the axes allow.
      const [right, away] = axesOf();
      const step = [0, 1, 2].map((i) => KEY_STEP * (way[0] * right[i] + way[1] * away[i]));
      step[2] += KEY_STEP * way[2];
      const reach = handle.name === "arm" ? 8 : 1; // a pull must be far to be felt
      const from = state.handles[handle.name];
      send.move(
        handle.name,
        from.map((value, i) => value + reach * step[i]),
      );
    });
    ring.addEventListener("keyup", (event) => {
      if (KEYS[event.key]) send.letGo();
    });
    rings.set(handle.name, ring);
  };
  // The axis of the table that is nearest to the picture's right, and the one that leads away.
  const axesOf = () => {
    const [x, y] = camera.getWorldDirection(at).toArray();
    const away = Math.abs(x) > Math.abs(y) ? [Math.sign(x), 0, 0] : [0, Math.sign(y), 0];
    return [[away[1], -away[0], 0], away];
  };

  const follow = () => {
    if (coming) {
      send.move(held.name, coming);
      coming = null;
    }
    if (!state) return;
    scenery.follow();
    camera.updateMatrixWorld();
    const { clientWidth: width, clientHeight: height } = stage;
    for (const [name, ring] of rings) {
      at.fromArray(state.handles[name]).project(camera);
      const x = ((at.x + 1) / 2) * width;
      const y = ((1 - at.y) / 2) * height;
      ring.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      ring.hidden = at.z > 1 || x < 0 || y < 0 || x > width || y > height;
    }
  };
  const place = ({ poses }) => {
    objects.forEach((object, i) => {
      const [x, y, z, a, b, c, d, e, f, g, h, k] = poses.subarray(STRIDE * i, STRIDE * (i + 1));
      object.matrix.set(a, b, c, x, d, e, f, y, g, h, k, z, 0, 0, 0, 1);
    });
  };

  scenery.layOut();
  scenery.look("film");
  return {
    look: scenery.look,
    see: scenery.see,
    layOut: scenery.layOut,
    // The first is on top where they meet.
    addRings: (handles) => handles.toReversed().forEach(addRing),
    show: (now) => {
      state = now;
      place(now);
      scenery.want();
    },
    dispose: () => {
      for (const ring of rings.values()) ring.remove();
      if (slow) disposeLight();
      scenery.dispose();
    },
  };
};
