import assert from "node:assert/strict";
import { test } from "node:test";
import { identity } from "../../app/widgets/matrix/orders.js";
import {
  actionOf,
  exchangesTo,
  inputsOf,
  largestChange,
  layerOrders,
  movedIn,
  orderAfter,
} from "../../app/widgets/weights/shuffling.js";
import { permutationOf, randomOf } from "./random.js";

const SIZES = [1, 2, 9, 27, 64, 256];
const sorted = (order) => [...order].sort((a, b) => a - b);

const networkOf = (sizes, random) =>
  sizes.slice(1).map((rows, l) => ({
    rows,
    columns: sizes[l],
    cells: Float32Array.from({ length: rows * sizes[l] }, () => random() - 0.5),
    biases: Float32Array.from({ length: rows }, () => random() - 0.5),
  }));

test("exchanges lead from the order as it is to the wanted one, always through whole orders", () => {
  for (const size of SIZES) {
    const order = permutationOf(size, randomOf(size));
    const exchanges = exchangesTo(order);
    assert.ok(exchanges.length < size || size === 1);
    assert.deepEqual(orderAfter(size, exchanges, 0), identity(size));
    assert.deepEqual(orderAfter(size, exchanges, 1), Uint16Array.from(order));
    let before = 0;
    for (let share = 0; share <= 1; share += 0.05) {
      const now = orderAfter(size, exchanges, share);
      assert.deepEqual(sorted(now), [...identity(size)]);
      const at = order.reduce((sum, neuron, place) => sum + (now[place] === neuron), 0);
      const settled = at - order.reduce((sum, neuron, place) => sum + (neuron === place), 0);
      assert.ok(settled >= before);
      before = settled;
    }
  }
});

test("a list and a typed array of the same order are exchanged alike", () => {
  const order = permutationOf(27, randomOf(3));
  assert.deepEqual(exchangesTo([...order]), exchangesTo(order));
});

test("what moved is counted by place", () => {
  assert.equal(movedIn(identity(9)), 0);
  assert.equal(movedIn(Uint16Array.from([1, 0, 2])), 2);
});

for (const activation of ["tanh", "relu"])
  test(`no order of the neurons changes what a network of ${activation} does`, () => {
    const random = randomOf(5);
    const layers = networkOf([7, 12, 9, 5, 3], random);
    const hidden = [12, 9, 5].map((width) => permutationOf(width, random));
    const change = largestChange(
      layers,
      layerOrders(layers, []),
      layerOrders(layers, hidden),
      inputsOf(40, 7),
      activation,
    );
    assert.ok(change < 1e-12);
  });

test("an order of rows that the next layer does not follow is another function", () => {
  const random = randomOf(6);
  const layers = networkOf([7, 12, 3], random);
  const broken = layerOrders(layers, [permutationOf(12, random)]);
  broken[1].columns = identity(12);
  const change = largestChange(layers, layerOrders(layers, []), broken, inputsOf(40, 7), "tanh");
  assert.ok(change > 1e-3);
});

test("an action is what the formula says, clipped", () => {
  const layers = [
    { rows: 2, columns: 1, cells: [1, -1], biases: [0, 0.5] },
    { rows: 2, columns: 2, cells: [1, 1, 50, 0], biases: [0, 0] },
  ];
  const action = actionOf(layers, layerOrders(layers, []), [0.3], "tanh");
  assert.ok(Math.abs(action[0] - (Math.tanh(0.3) + Math.tanh(0.2))) < 1e-12);
  assert.equal(action[1], 1);
  assert.throws(() => actionOf(layers, layerOrders(layers, []), [0.3], "sine"), TypeError);
});

test("states are the same every time, and differ from each other", () => {
  const [first, again] = [inputsOf(8, 39), inputsOf(8, 39)];
  assert.deepEqual(first, again);
  assert.notDeepEqual(first[0], first[1]);
  assert.ok(first.every((input) => input.every((value) => Math.abs(value) <= 2)));
});
