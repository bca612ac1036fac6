import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asItIs,
  biasMatrix,
  cutPatch,
  paintBiases,
  paintCells,
  valueAt,
} from "../../app/widgets/matrix/cells.js";
import { BIAS } from "../../app/widgets/matrix/geometry.js";
import { identity, inverse, ordersOf } from "../../app/widgets/matrix/orders.js";
import { palette, pixelsOf } from "../../app/widgets/palette/palette.js";
import { layerOf, permutationOf, randomOf } from "./random.js";

const PIXELS = pixelsOf(palette([252, 252, 250]));
const SIZES = [1, 2, 9, 27, 64];
const encode = (order) => Buffer.from(Uint16Array.from(order).buffer).toString("base64");
const compose = (outer, inner) => Uint16Array.from(inner, (place) => outer[place]);

// The layer with its rows and columns in another order, its numbers really moved.
const moved = (layer, order) => ({
  ...layer,
  cells: Int16Array.from(
    layer.cells,
    (_, i) =>
      layer.cells[
        order.rows[Math.floor(i / layer.columns)] * layer.columns + order.columns[i % layer.columns]
      ],
  ),
  biases: Int16Array.from(layer.biases, (_, row) => layer.biases[order.rows[row]]),
});

for (const size of SIZES)
  test(`an order of ${size} neurons and its inverse undo each other`, () => {
    const order = permutationOf(size, randomOf(size));
    assert.deepEqual(compose(order, inverse(order)), identity(size));
    assert.deepEqual(compose(inverse(order), order), identity(size));
    assert.deepEqual(Uint16Array.from(inverse(inverse(order))), order);
  });

test("a neuron that is not in an order has no place in it", () => {
  assert.equal(inverse([2, 0, 1])[5], undefined);
});

test("painting in an order is painting what was moved", () => {
  const random = randomOf(7);
  for (const [rows, columns] of [
    [1, 1],
    [3, 5],
    [27, 39],
  ]) {
    const layer = layerOf(rows, columns, random);
    const order = { rows: permutationOf(rows, random), columns: permutationOf(columns, random) };
    const there = moved(layer, order);
    assert.deepEqual(
      paintCells(layer, order, 0.5, PIXELS),
      paintCells(there, asItIs(there), 0.5, PIXELS),
    );
    assert.deepEqual(
      paintBiases(layer, order, 0.5, PIXELS),
      paintBiases(there, asItIs(there), 0.5, PIXELS),
    );
    for (const column of [BIAS, columns - 1])
      assert.equal(
        valueAt(layer, order, rows - 1, column),
        valueAt(there, asItIs(there), rows - 1, column),
      );
  }
});

test("one order after another is their composition", () => {
  const random = randomOf(3);
  const layer = layerOf(6, 4, random);
  const [first, second] = [0, 1].map(() => ({
    rows: permutationOf(6, random),
    columns: permutationOf(4, random),
  }));
  const both = {
    rows: compose(first.rows, second.rows),
    columns: compose(first.columns, second.columns),
  };
  assert.deepEqual(
    paintCells(moved(layer, first), second, 0.5, PIXELS),
    paintCells(layer, both, 0.5, PIXELS),
  );
});

test("a network's orders: rows of a layer are the columns of the next, both ends stay", () => {
  const random = randomOf(11);
  const layers = [
    [5, 39],
    [8, 5],
    [4, 8],
  ].map(([rows, columns]) => ({ rows, columns }));
  const hidden = [permutationOf(5, random), permutationOf(8, random)];
  const orders = ordersOf({ layers }, encode([...hidden[0], ...hidden[1]]));
  assert.deepEqual(orders[0], { rows: hidden[0], columns: identity(39) });
  assert.deepEqual(orders[1], { rows: hidden[1], columns: hidden[0] });
  assert.deepEqual(orders[2], { rows: identity(4), columns: hidden[1] });
  assert.deepEqual(ordersOf({ layers }, null), layers.map(asItIs));
});

test("patches cut from a layer are all of it, each cell once", () => {
  const random = randomOf(5);
  const layer = layerOf(13, 21, random);
  const order = { rows: permutationOf(13, random), columns: permutationOf(21, random) };
  const seen = new Int16Array(13 * 21);
  for (let row = 0; row < 2; row++)
    for (let column = 0; column < 3; column++) {
      const cut = cutPatch(layer, order, 8, { row, column });
      cut.cells.forEach((cell, i) => {
        const r = 8 * row + Math.floor(i / cut.columns);
        seen[r * 21 + 8 * column + (i % cut.columns)] = cell;
      });
    }
  assert.deepEqual(seen, moved(layer, order).cells);
  const beyond = cutPatch(layer, order, 8, { row: 2, column: 0 });
  assert.equal(beyond.cells.length, 0);
});

test("biases as a matrix are equal in every column", () => {
  const layer = layerOf(5, 3, randomOf(1));
  const { rows, columns, cells } = biasMatrix(layer, 2);
  assert.deepEqual([rows, columns], [5, 2]);
  assert.deepEqual(
    Array.from(cells),
    Array.from(layer.biases).flatMap((bias) => [bias, bias]),
  );
});
