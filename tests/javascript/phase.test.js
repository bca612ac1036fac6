import assert from "node:assert/strict";
import { test } from "node:test";
import { followed } from "../../app/widgets/films/phase.js";
import { keptInside } from "../../app/widgets/replay/viewer.js";
import { randomOf } from "./random.js";

const film = (currentTime, paused, ended = false, duration = 8) => ({
  currentTime,
  paused,
  ended,
  duration,
});

test("a film that is played or paused takes the other along", () => {
  assert.deepEqual(followed(film(2, false), film(2, true)), { play: true });
  assert.deepEqual(followed(film(2, true), film(2, false)), { play: false });
  assert.deepEqual(followed(film(2, false), film(2.02, false)), {});
});

test("a film that is moved moves the other, to its end at most", () => {
  assert.deepEqual(followed(film(5, true), film(1, true)), { seek: 5 });
  assert.deepEqual(followed(film(7, true), film(1, true, false, 4)), { seek: 4 });
});

test("a film that has only been moved lets the other play on", () => {
  assert.deepEqual(followed(film(5, true), film(1, false), true), { seek: 5 });
});

test("a film that has ended lets the longer one play on, and does not begin again before it ends", () => {
  assert.deepEqual(followed(film(4, true, true, 4), film(4, false)), {});
  assert.deepEqual(followed(film(6, false), film(4, true, true, 4)), {});
});

test("nothing under the table and nothing far away is looked at", () => {
  const random = randomOf(3);
  for (let i = 0; i < 500; i++) {
    const at = [0, 1, 2].map(() => 20 * random() - 10);
    const [x, y, z] = keptInside(at, [0.1, 0.6, 0.2], 2);
    assert.ok(Math.abs(x - 0.1) <= 2 && Math.abs(y - 0.6) <= 2 && z >= 0.05 && z <= 2);
  }
  assert.deepEqual(keptInside([0.1, 0.6, 0.2], [0.1, 0.6, 0.2], 2), [0.1, 0.6, 0.2]);
});
