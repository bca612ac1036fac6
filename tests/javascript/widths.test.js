// How wide the matrices of networks are drawn, so that all layers are seen at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { widthsOf } from "../../app/views/alignment/pictures.js";

const total = (widths) => widths.reduce((sum, { most }) => sum + most, 0);

test("cells are of one size where there is room", () => {
  const widths = widthsOf({ cells: [42, 30, 48], rows: 100, room: 500, ratio: 1 });
  assert.deepEqual(
    widths.map(({ size }) => size),
    [4, 4, 4],
  );
  assert.ok(total(widths) <= 500);
});

test("a matrix of hundreds of columns leaves room for the others", () => {
  for (const ratio of [1, 2, 3]) {
    const cells = [787, 51, 35];
    const widths = widthsOf({ cells, rows: 90, room: 440, ratio });
    assert.ok(total(widths) <= 440);
    // The narrow ones are seen cell for cell.
    for (const l of [1, 2]) assert.ok((cells[l] * widths[l].size) / ratio <= widths[l].most + 1);
    assert.ok(widths[0].most > widths[1].most);
  }
});
