// What a network that classifies says of a picture.
import { identity } from "../matrix/orders.js";
import { outputsOf } from "../weights/shuffling.js";

export const softmax = (values) => {
  const most = Math.max(...values);
  const shares = Array.from(values, (value) => Math.exp(value - most));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
};

export const likeliest = (shares) => shares.indexOf(Math.max(...shares));

/**
 * The probability of each class.
 *
 * @param {{layers: object[], activation: string, mean: ArrayLike<number>, scale: ArrayLike<number>}} network
 * @param {ArrayLike<number>} picture its pixels, row by row
 */
export const probabilitiesOf = ({ layers, activation, mean, scale }, picture) => {
  const input = Float64Array.from(picture, (value, i) => (value - mean[i]) / scale[i]);
  const orders = layers.map(({ rows, columns }) => ({
    rows: identity(rows),
    columns: identity(columns),
  }));
  return softmax(outputsOf(layers, orders, input, activation));
};
