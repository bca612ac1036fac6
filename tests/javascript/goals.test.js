import assert from "node:assert/strict";
import { test } from "node:test";
import { fromAbove, isAnswer, numberBoxes, snapped } from "../../app/widgets/goals/geometry.js";
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

const PICTURE = { width: 300, height: 150 };
const overlap = (one, other) =>
  one.left < other.right &&
  other.left < one.right &&
  one.top < other.bottom &&
  other.top < one.bottom;

test("numbers of goals that are a millimetre apart do not lie on one another, nor on other goals", () => {
  // Those of the example: the fifth and the sixth.
  const places = [
    [-0.258, 0.401],
    [-0.291, 0.491],
    [-0.272, 0.476],
    [-0.292, 0.466],
    [-0.28, 0.4],
    [-0.281, 0.401],
    [-0.286, 0.443],
    [-0.249, 0.479],
    [-0.207, 0.488],
    [-0.258, 0.45],
  ];
  const { points } = fromAbove(places, PICTURE);
  const boxes = numberBoxes(points, PICTURE, 5);
  boxes.forEach((box, i) => {
    assert.ok(
      box.left >= 0 && box.right <= PICTURE.width && box.top >= 0 && box.bottom <= PICTURE.height,
    );
    for (const other of boxes.slice(i + 1)) assert.ok(!overlap(box, other));
    for (const [x, y] of points)
      assert.ok(!overlap(box, { left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  });
});

test("numbers stay in the picture, and as long as there is room each is free", () => {
  const random = randomOf(7);
  for (let round = 0; round < 200; round++) {
    const places = Array.from({ length: 3 }, () => [random() * 0.3, random() * 0.2]);
    const { points } = fromAbove(places, PICTURE);
    const boxes = numberBoxes(points, PICTURE, 5);
    boxes.forEach((box, i) => {
      assert.ok(box.left >= 0 && box.right <= PICTURE.width);
      assert.ok(box.top >= 0 && box.bottom <= PICTURE.height);
      for (const other of boxes.slice(i + 1)) assert.ok(!overlap(box, other));
    });
  }
});

test("a value is brought to the grid, within its range", () => {
  const range = { low: -0.3, high: 0.3, step: 0.005 };
  assert.equal(snapped(0.1012, range), 0.1);
  assert.equal(snapped(0.1026, range), 0.105);
  assert.equal(snapped(-1, range), -0.3);
  assert.equal(snapped(1, range), 0.3);
  const random = randomOf(4);
  for (let i = 0; i < 200; i++) {
    const value = snapped(random() - 0.5, range);
    assert.ok(value >= range.low && value <= range.high);
    assert.equal(snapped(value, range), value);
  }
});

test("an answer is one to what was asked last, and any where nothing was", () => {
  const axes = [{ value: 0.1 }, { value: 0.85 }];
  assert.ok(isAnswer(null, axes));
  assert.ok(isAnswer([0.1, 0.85], axes));
  assert.ok(!isAnswer([0.12, 0.85], axes));
});
