import assert from "node:assert/strict";
import { test } from "node:test";
import { listed, placed, together } from "../../app/views/alignment/distances.js";

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

const boxes = (names, ways) =>
  ways.map(({ x, y, anchor }, i) => {
    const width = 6 * names[i].text.length;
    const x0 = x - { start: 0, middle: width / 2, end: width }[anchor];
    return { x0, x1: x0 + width, y0: y - 9, y1: y };
  });

test("no name covers another, and all stand on the plane", () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  for (const seed of seeds) {
    // Some in a crowd, some far away; names of all lengths.
    const at = (i, by) => 130 + (i % 3 ? 24 : 100) * Math.sin(seed + i * by);
    const points = Array.from({ length: 20 }, (_, i) => [at(i, 1.7), at(i, 2.9)]);
    const names = together(points).map(({ x, y, members }) => ({
      x,
      y,
      text: listed(members.map((i) => i + 1)),
    }));
    const found = boxes(names, placed(names, 260));
    found.forEach((a, i) => {
      assert.ok(a.x0 >= 0 && a.x1 <= 260 && a.y0 >= 0 && a.y1 <= 260);
      for (const b of found.slice(i + 1))
        assert.ok(a.x0 >= b.x1 || b.x0 >= a.x1 || a.y0 >= b.y1 || b.y0 >= a.y1);
    });
  }
});

test("a name alone stands beside its point, on the side with more room", () => {
  const name = (x) => ({ x, y: 50, text: "1" });
  assert.deepEqual(placed([name(40)], 260), [{ x: 48, y: 54, anchor: "start" }]);
  assert.deepEqual(placed([name(240)], 260), [{ x: 232, y: 54, anchor: "end" }]);
});
