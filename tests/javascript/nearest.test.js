import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../app/views/evidence/nearest.js";
import { randomOf } from "./random.js";

test("no other mark is nearer than the one that is named, and none is named from afar", () => {
  const random = randomOf(5);
  const values = Array.from({ length: 60 }, (_, i) => [500 * random(), 300 * random(), `${i}`]);
  const far = (value, at) => Math.hypot(value[0] - at[0], value[1] - at[1]);
  for (let i = 0; i < 400; i++) {
    const at = [500 * random(), 300 * random()];
    const found = nearest(values, at);
    const least = Math.min(...values.map((value) => far(value, at)));
    if (found) assert.equal(far(found, at), least);
    else assert.ok(least > 14);
  }
  for (const value of values) assert.equal(nearest(values, value)[2], value[2]);
});
