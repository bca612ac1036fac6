import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BIAS,
  BIAS_GAP,
  cellAt,
  cellByKey,
  cornerOf,
  geometryOf,
  patchAt,
  placeBeside,
} from "../../app/widgets/matrix/geometry.js";

const shapes = [
  [1, 1],
  [4, 27],
  [27, 39],
  [64, 64],
].map(([rows, columns]) => ({ rows, columns }));
const hows = [1, 3, 8].flatMap((size) =>
  [1, 1.5, 2, 3].map((ratio) => ({ size, ratio, bias: true, bars: true, outline: true })),
);

test("the cell at any pixel of a drawn cell is that cell", () => {
  for (const shape of shapes)
    for (const how of hows) {
      const geometry = geometryOf(shape, how);
      for (let row = 0; row < shape.rows; row++)
        for (let column = BIAS; column < shape.columns; column++) {
          const { x, y } = cornerOf(geometry, row, column);
          const last = how.size - 0.01;
          assert.deepEqual(cellAt(geometry, x, y), { row, column });
          assert.deepEqual(cellAt(geometry, x + last, y + last), { row, column });
        }
    }
});

test("beside the cells there is none", () => {
  const geometry = geometryOf({ rows: 3, columns: 5 }, hows[0]);
  assert.equal(cellAt(geometry, -1, 0), null);
  assert.equal(cellAt(geometry, 0, -1), null);
  assert.equal(cellAt(geometry, 0, geometry.height), null);
  assert.equal(cellAt(geometry, geometry.width + 0.5, 0), null);
});

test("half of the gap is the biases', if there are any", () => {
  const how = { size: 4, ratio: 1, bars: false, outline: true };
  const shape = { rows: 3, columns: 5 };
  const x = 4 * (5 + BIAS_GAP - 1);
  assert.deepEqual(cellAt(geometryOf(shape, { ...how, bias: true }), x, 5), {
    row: 1,
    column: BIAS,
  });
  assert.equal(cellAt(geometryOf(shape, { ...how, bias: false }), x, 5), null);
});

test("all that is drawn lies inside the canvas, at any number of device pixels", () => {
  for (const shape of shapes)
    for (const how of hows) {
      const { whole, strip, bars, size, height } = geometryOf(shape, how);
      assert.ok(whole.width >= strip + size + 1);
      assert.ok(bars.top > height);
      assert.ok(bars.top + bars.height <= whole.height);
      assert.ok([whole.width, whole.height, bars.top, bars.height].every(Number.isInteger));
    }
});

test("a picture without a line around is as large as its cells", () => {
  const how = { size: 6, ratio: 2, bias: false, bars: false, outline: false };
  assert.deepEqual(geometryOf({ rows: 8, columns: 2 }, how).whole, { width: 12, height: 48 });
});

test("a patch holds the cells from its corner on", () => {
  assert.deepEqual(patchAt(8, { row: 7, column: 8 }), { row: 0, column: 1 });
  assert.deepEqual(patchAt(8, { row: 16, column: 38 }), { row: 2, column: 4 });
});

test("arrow keys reach every cell and the biases, and never leave the matrix", () => {
  for (const shape of shapes.slice(0, 3)) {
    const geometry = geometryOf(shape, hows[0]);
    const seen = new Set();
    const open = [{ row: 0, column: 0 }];
    while (open.length) {
      const cell = open.pop();
      const name = `${cell.row} ${cell.column}`;
      if (seen.has(name)) continue;
      seen.add(name);
      for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"]) {
        const to = cellByKey(geometry, cell, key);
        assert.ok(to.row >= 0 && to.row < shape.rows);
        assert.ok(to.column === BIAS || (to.column >= 0 && to.column < shape.columns));
        open.push(to);
      }
    }
    assert.equal(seen.size, shape.rows * (shape.columns + 1));
    assert.equal(cellByKey(geometry, { row: 0, column: 0 }, "PageDown"), null);
  }
});

test("what is said of a cell stays in the figure and off the cell", () => {
  for (const width of [390, 800, 1400])
    for (let left = 0; left <= width - 10; left += 7) {
      const cell = { left, top: 40, width: 8, height: 8 };
      const box = { width: 220, height: 60 };
      const at = placeBeside(cell, box, { width }, 12);
      assert.ok(at.left >= 0 && at.left + box.width <= width);
      const beside = at.left >= left + 8 || at.left + box.width <= left;
      assert.ok(beside || at.top >= cell.top + cell.height);
    }
});
