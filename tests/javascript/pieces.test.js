import assert from "node:assert/strict";
import { test } from "node:test";
import { piecesOf, placeAt } from "../../app/views/how/pieces.js";
import { BIAS } from "../../app/widgets/matrix/geometry.js";

const networks = [
  [
    [27, 39],
    [45, 27],
    [4, 45],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [
    [64, 39],
    [64, 64],
    [64, 64],
    [4, 64],
  ],
].map((shapes) => shapes.map(([rows, columns]) => ({ rows, columns })));
const hows = [300, 700, 1500].flatMap((width) =>
  [2, 5.5].map((cell) => ({ width, cell, gap: 8, head: 20 })),
);
const overlap = (a, b) =>
  a.x < b.x + b.w - 1e-9 &&
  b.x < a.x + a.w - 1e-9 &&
  a.y < b.y + b.h - 1e-9 &&
  b.y < a.y + a.h - 1e-9;

for (const layers of networks)
  for (const patch of [8, 16])
    for (const how of hows) {
      const name = `${layers.length} layers, patch ${patch}, ${how.width} px, cells of ${how.cell}`;
      const { pieces, height } = piecesOf(layers, patch, how);

      test(`every cell and every bias is in one piece: ${name}`, () => {
        layers.forEach(({ rows, columns }, l) => {
          const of = pieces.filter((piece) => piece.l === l);
          const cells = of.filter(({ column }) => column !== BIAS);
          const biases = of.filter(({ column }) => column === BIAS);
          assert.equal(
            cells.reduce((sum, p) => sum + p.rows * p.columns, 0),
            rows * columns,
          );
          assert.equal(
            biases.reduce((sum, p) => sum + p.rows, 0),
            rows,
          );
        });
      });

      test(`pieces never lie on each other, before, cut and in the sequence: ${name}`, () => {
        for (const where of ["whole", "cut", "to"]) {
          const boxes = pieces.map((p) => ({
            ...p[where],
            w: p.columns * how.cell,
            h: p.rows * how.cell,
          }));
          boxes.forEach((a, i) => {
            assert.ok(a.y + a.h <= height + 1e-9);
            for (const b of boxes.slice(i + 1)) assert.ok(!overlap(a, b), where);
          });
        }
      });

      test(`the way begins whole and ends in the sequence: ${name}`, () => {
        pieces.forEach((piece, i) => {
          assert.deepEqual(placeAt(piece, 0, i, pieces.length), piece.whole);
          const end = placeAt(piece, 1, i, pieces.length);
          assert.ok(Math.abs(end.x - piece.to.x) + Math.abs(end.y - piece.to.y) < 1e-9);
        });
      });
    }
