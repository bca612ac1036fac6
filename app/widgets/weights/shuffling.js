// Neurons on the way from one order to another, a few exchanged at a time, and what the network then does.
import { identity } from "../matrix/orders.js";

// Pairs of places; exchanging the neurons of one pair after the other leads from the order as it is to this one.
// Each exchange brings at least one neuron to its new place for good.
export const exchangesTo = (order) => {
  const now = identity(order.length);
  const exchanges = [];
  // The places are visited in the new order: as good as by chance, and the same every time.
  for (const place of order) {
    const from = now.indexOf(order[place]);
    if (from === place) continue;
    [now[place], now[from]] = [now[from], now[place]];
    exchanges.push([place, from]);
  }
  return exchanges;
};

// The order after a share of the exchanges, 0 to 1.
export const orderAfter = (count, exchanges, share) => {
  const now = identity(count);
  for (const [a, b] of exchanges.slice(0, Math.round(share * exchanges.length)))
    [now[a], now[b]] = [now[b], now[a]];
  return now;
};

// How many neurons stand where another one stood.
export const movedIn = (order) => order.reduce((sum, neuron, place) => sum + (neuron !== place), 0);

// For each layer the order of its rows and of its columns, from those of the hidden layers; none is as it is.
export const layerOrders = (layers, hidden) =>
  layers.map(({ rows, columns }, l) => ({
    rows: hidden[l] || identity(rows),
    columns: (l > 0 && hidden[l - 1]) || identity(columns),
  }));

const ACTIVATIONS = { tanh: Math.tanh, relu: (x) => Math.max(0, x) };

// What the last layer of a network gives for an input: its layers one after the other, each with its neurons in an
// order, {rows, columns}; the last one without activation.
export const outputsOf = (layers, orders, input, activation) => {
  const act = ACTIVATIONS[activation];
  if (!act) throw new TypeError(`There is no activation ${activation} here.`);
  let values = input;
  layers.forEach(({ rows, columns, cells, biases }, l) => {
    const order = orders[l];
    const next = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const from = order.rows[row];
      let sum = biases[from];
      for (let column = 0; column < columns; column++)
        sum += cells[from * columns + order.columns[column]] * values[column];
      next[row] = l < layers.length - 1 ? act(sum) : sum;
    }
    values = next;
  });
  return values;
};

// What a network does with an input: its outputs, clipped to [-1, 1] as the robot takes them.
export const actionOf = (layers, orders, input, activation) =>
  outputsOf(layers, orders, input, activation).map((value) => Math.min(1, Math.max(-1, value)));

// Inputs that look random and are always the same: each number of a normalised observation within two standard
// deviations of its mean.
export const inputsOf = (count, size) => {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 4 * (state / 2 ** 32) - 2;
  };
  return Array.from({ length: count }, () => Float64Array.from({ length: size }, next));
};

// The largest difference between what two orders of a network's neurons make of any of the inputs.
export const largestChange = (layers, first, second, inputs, activation) => {
  let largest = 0;
  for (const input of inputs) {
    const [before, after] = [first, second].map((o) => actionOf(layers, o, input, activation));
    before.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - after[i]));
    });
  }
  return largest;
};
