// The mark that is pointed at.

const REACH = 14; // units of the figure, in each direction

// The nearest of [x, y, ...] to a point, or null where none is near.
export const nearest = (values, [x, y]) => {
  let best = null;
  let least = REACH ** 2;
  for (const value of values) {
    const far = (value[0] - x) ** 2 + (value[1] - y) ** 2;
    if (far <= least) {
      best = value;
      least = far;
    }
  }
  return best;
};
