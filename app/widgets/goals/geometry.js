// Where goals are, seen from above, in a picture of a given size.

const MARGIN = 18; // pixels around the outermost goals
const LEAST = 0.08; // metres that a picture shows at least: goals that hardly differ stay together

/**
 * @param {number[][]} places x and y of each goal in metres; x to the right, y away from who looks
 * @param {{width: number, height: number}} size of the picture in pixels
 * @returns {{points: number[][], metre: number}} a point of the picture for each goal, and the pixels of a metre
 */
export const fromAbove = (places, { width, height }) => {
  const ends = [0, 1].map((axis) => {
    const values = places.map((place) => place[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const [wide, deep] = ends.map(([low, high]) => Math.max(LEAST, high - low));
  const metre = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / deep);
  const [x0, y0] = ends.map(([low, high]) => (low + high) / 2);
  return {
    metre,
    points: places.map(([x, y]) => [width / 2 + (x - x0) * metre, height / 2 - (y - y0) * metre]),
  };
};
