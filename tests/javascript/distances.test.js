import assert from "node:assert/strict";
import { test } from "node:test";
import { listed, together } from "../../app/views/alignment/distances.js";

test("points that lie on each other have one name, others one each", () => {
  const points = [
    [100, 100],
    [104, 97],
    [100, 140],
    [200, 100],
    [101, 101],
  ];
  const groups = together(points);
  assert.deepEqual(
    groups.map(({ members }) => members),
    [[0, 1, 4], [2], [3]],
  );
});

test("many numbers are said in a few words", () => {
  assert.equal(listed([1]), "1");
  assert.equal(listed([1, 2, 4, 6, 7]), "1, 2, 4, 6, 7");
  assert.equal(listed([1, 2, 4, 6, 7, 9]), "1, 2, 4, 6 and 2 more");
});
