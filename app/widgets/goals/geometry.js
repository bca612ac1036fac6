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

const DIGIT = { width: 6.5, height: 9 }; // pixels of one in the picture's type, at least
const GAP = 2; // pixels between a point and its number

// The box of a text of `length` digits beside a point, for a side (-1, 0 or 1 along each axis).
const boxBeside = ([x, y], [side, level], length, radius) => {
  const [width, height] = [length * DIGIT.width, DIGIT.height];
  const away = radius + GAP;
  const diagonal = side && level ? 0.7 : 1; // where the circle is nearer to the corner
  const left = x + side * away * diagonal - (side === 0 ? width / 2 : side < 0 ? width : 0);
  const top = y + level * away * diagonal - (level === 0 ? height / 2 : level < 0 ? height : 0);
  return { left, top, right: left + width, bottom: top + height };
};

const overlap = (one, other) =>
  Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left)) *
  Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));

// Of the sides that are as free as each other the first is taken.
const SIDES = [1, 0, -1]
  .flatMap((side) => [-1, 0, 1].map((level) => [side, level]))
  .filter(([side, level]) => side || level);

/**
 * Where the numbers of points stand: beside their points, off other points and numbers where there is room.
 *
 * @param {number[][]} points of the picture
 * @param {{width: number, height: number}} size of the picture in pixels
 * @param {number} radius of the points in pixels
 * @returns {{left: number, top: number, right: number, bottom: number}[]} a box for each number
 */
export const numberBoxes = (points, { width, height }, radius) => {
  const taken = points.map(([x, y]) => ({
    left: x - radius,
    top: y - radius,
    right: x + radius,
    bottom: y + radius,
  }));
  return points.map((point, i) => {
    const length = `${i + 1}`.length;
    const boxes = SIDES.map((side) => boxBeside(point, side, length, radius));
    const costs = boxes.map((box) => {
      const inside = overlap(box, { left: 0, top: 0, right: width, bottom: height });
      const outside = (box.right - box.left) * (box.bottom - box.top) - inside;
      return taken.reduce((sum, other) => sum + overlap(box, other), 10 * outside);
    });
    const box = boxes[costs.indexOf(Math.min(...costs))];
    taken.push(box);
    return box;
  });
};

/**
 * The nearest value on a grid, within its range.
 *
 * @param {number} value
 * @param {{low: number, high: number, step: number}} range the grid begins at `low`
 */
export const snapped = (value, { low, high, step }) => {
  const steps = Math.round((Math.min(high, Math.max(low, value)) - low) / step);
  return Math.min(high, Number((low + steps * step).toFixed(6)));
};

/**
 * Whether coordinates are those that were asked for; any are where nothing was.
 *
 * @param {number[] | null} asked
 * @param {{value: number}[]} axes
 */
export const isAnswer = (asked, axes) =>
  asked === null || axes.every(({ value }, i) => Math.abs(value - asked[i]) < 1e-6);
