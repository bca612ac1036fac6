import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, rangeOf, roundUp, scaleOf, short } from "../../app/widgets/line_chart/scales.js";
import { randomOf } from "./random.js";

test("a scale maps ends to ends, and the way back undoes it", () => {
  const random = randomOf(2);
  for (let i = 0; i < 100; i++) {
    const from = [random() - 0.5, 1 + random()];
    const to = i % 2 ? [96 * random(), 200] : [200, 96 * random()];
    const [there, back] = [scaleOf(from, to), scaleOf(to, from)];
    from.forEach((end, e) => {
      assert.ok(Math.abs(there(end) - to[e]) < 1e-9);
    });
    const value = from[0] + random() * (from[1] - from[0]);
    assert.ok(Math.abs(back(there(value)) - value) < 1e-9);
  }
});

test("a scale of one value puts it at the start", () => {
  assert.equal(scaleOf([3, 3], [10, 90])(3), 10);
});

test("an axis ends at a round number that holds all values, not far above", () => {
  const random = randomOf(4);
  for (let i = 0; i < 300; i++) {
    const value = 10 ** (8 * random() - 4);
    const top = roundUp(value);
    assert.ok(top >= value * 0.999, `${value} ${top}`);
    assert.ok(top <= value * 1.34, `${value} ${top}`);
  }
});

test("a range holds zero and what is known", () => {
  assert.deepEqual(rangeOf([0.2, 0.93, Number.NaN]), [0, 1]);
  assert.deepEqual(rangeOf([-0.01, 1]), [0, 1]);
  assert.deepEqual(rangeOf([-0.5, 1]), [-0.5, 1]);
  assert.deepEqual(rangeOf([0, 0]), [0, 1]);
  assert.deepEqual(rangeOf([]), [0, 1]);
});

test("the stop that is pointed at is the nearest", () => {
  const stops = [0, 0.25, 0.5, 1];
  assert.deepEqual(
    [-3, 0.1, 0.13, 0.7, 0.8, 9].map((at) => nearest(stops, at)),
    [0, 0, 1, 2, 3, 3],
  );
});

test("values have as many digits as they need, and zero no sign", () => {
  assert.deepEqual([0, 12.34, 0.5, 0.0123, -0.5, -0.0001].map(short), [
    "0.00",
    "12.3",
    "0.50",
    "0.012",
    "\u22120.50",
    "0.000",
  ]);
});
