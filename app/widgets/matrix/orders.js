// Orders of neurons: at each place the number of the neuron that stands there.
import { decode } from "../arrays.js";

export const identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);

// At each number the place where that neuron stands.
export const inverse = (order) => {
  const places = [];
  order.forEach((neuron, place) => {
    places[neuron] = place;
  });
  return places;
};

// For each layer of a network the order of its rows and of its columns, from those of its hidden neurons one after
// the other as text; null is the order as it is.
export const ordersOf = ({ layers }, text) => {
  const all = text === null ? null : decode(text, "<u2");
  let start = 0;
  const hidden = layers.slice(0, -1).map(({ rows }) => {
    const order = all ? all.subarray(start, start + rows) : identity(rows);
    start += rows;
    return order;
  });
  return layers.map(({ rows, columns }, l) => ({
    rows: hidden[l] || identity(rows),
    columns: l > 0 ? hidden[l - 1] : identity(columns),
  }));
};
