// An episode as a scene that can be looked at.
import { decode } from "../arrays.js";
import { createScenery } from "./scenery.js";

const TURN = 1 / 32767; // of a quaternion

// Draws a recording into `stage`.
// `span` gives the last frame of the longest of the episodes that are shown together; `lost` is called when the browser
// ends 3D drawing.
export const createViewer = (library, stage, data, { onFrame, span, lost }) => {
  const { three } = library;
  const scenery = createScenery(library, stage, data, {
    // A ball that never moves marks the goal.
    isMark: (i) => data.shapes[i].kind === "sphere" && !data.moving.includes(i),
    tick: (now) => tick(now),
    handAt: () => handAt(),
    lost,
  });
  const { objects, want } = scenery;
  objects.forEach((object, i) => {
    object.position.fromArray(data.start[i], 0);
    object.quaternion.fromArray(data.start[i], 3);
  });
  // Seven numbers a pose, position and quaternion, each in whole parts of its own size.
  const whole = decode(data.poses, "<i2");
  const poses = Float32Array.from(whole, (parts, i) => parts * (i % 7 < 3 ? data.place : TURN));
  // Where the hand has been, as a line.
  const trail = new three.BufferGeometry();
  trail.setAttribute("position", new three.BufferAttribute(Float32Array.from(data.hand.flat()), 3));
  const accent = new three.LineBasicMaterial();
  scenery.lines.push(accent);
  scenery.scene.add(new three.Line(trail, accent));
  const [q, r] = [new three.Quaternion(), new three.Quaternion()];
  const [p, s] = [new three.Vector3(), new three.Vector3()];
  const count = data.moving.length;
  let frame = 0,
    playing = false,
    speed = 0.5,
    last = 0;
  const handAt = () => {
    const low = Math.min(data.count - 1, Math.floor(frame)),
      high = Math.min(data.count - 1, low + 1);
    return p
      .fromArray(data.hand[low])
      .lerp(s.fromArray(data.hand[high]), frame - low)
      .toArray();
  };

  const pose = () => {
    const low = Math.min(data.count - 1, Math.floor(frame)),
      high = Math.min(data.count - 1, low + 1);
    data.moving.forEach((which, i) => {
      const [from, to] = [7 * (low * count + i), 7 * (high * count + i)];
      p.fromArray(poses, from);
      s.fromArray(poses, to);
      q.fromArray(poses, from + 3);
      r.fromArray(poses, to + 3);
      objects[which].position.lerpVectors(p, s, frame - low);
      objects[which].quaternion.slerpQuaternions(q, r, frame - low);
    });
    trail.setDrawRange(0, low + 1);
    scenery.follow();
  };
  const tick = (now) => {
    if (!playing) return;
    // A picture's time may lie before the moment at which playing began.
    const elapsed = Math.max(0, now - last);
    last += elapsed;
    frame += (elapsed / 1000) * data.posesPerSecond * speed;
    // A short rest at the end, then from the beginning, as the film does.
    if (frame > span() + data.posesPerSecond * 0.4) frame = 0;
    pose();
    onFrame(Math.min(frame, data.count - 1), playing);
    want();
  };
  const pause = () => {
    playing = false;
    onFrame(Math.min(frame, data.count - 1), playing);
  };
  scenery.layOut();
  scenery.look("film");
  return {
    look: scenery.look,
    layOut: scenery.layOut,
    seek: (to) => {
      frame = to;
      pose();
      onFrame(Math.min(frame, data.count - 1), playing);
      want();
    },
    play: () => {
      playing = true;
      last = performance.now();
      if (frame >= span()) frame = 0;
      want();
    },
    pause,
    // Stop where it is, without another picture.
    rest: () => {
      pause();
      scenery.rest();
    },
    setSpeed: (to) => {
      speed = to;
    },
    get frame() {
      return frame;
    },
    get playing() {
      return playing;
    },
    dispose: () => {
      trail.dispose();
      scenery.dispose();
    },
  };
};
