import assert from "node:assert/strict";
import { test } from "node:test";
import { fromAbove } from "../../app/widgets/goals/geometry.js";
import { randomOf } from "./random.js";

const SIZE = { width: 132, height: 66 };

test("every goal is in the picture, however far apart goals are", () => {
  const random = randomOf(1);
  for (let spread = 1e-3; spread < 1e3; spread *= 10) {
    const places = Array.from({ length: 10 }, () => [spread * random(), spread * random(), 0]);
    const { points } = fromAbove(places, SIZE);
    for (const [x, y] of points) {
      assert.ok(x >= 0 && x <= SIZE.width);
      assert.ok(y >= 0 && y <= SIZE.height);
    }
  }
});

test("distances keep their proportions, right is right and away is up", () => {
  const { points, metre } = fromAbove(
    [
      [0, 0],
      [0.3, 0],
      [0, 0.1],
    ],
    SIZE,
  );
  const [origin, right, away] = points;
  assert.ok(Math.abs(right[0] - origin[0] - 0.3 * metre) < 1e-9);
  assert.ok(Math.abs(right[1] - origin[1]) < 1e-9);
  assert.ok(Math.abs(origin[1] - away[1] - 0.1 * metre) < 1e-9);
});

test("one goal is in the middle", () => {
  const { points } = fromAbove([[0.1, 0.8, 0.2]], SIZE);
  assert.deepEqual(points, [[SIZE.width / 2, SIZE.height / 2]]);
});
