// The numbers of a chart: where a value is drawn, which range an axis has, how a value is written.

// From one range of numbers to another, end to end.
export const scaleOf =
  ([low, high], [from, to]) =>
  (value) =>
    high === low ? from : from + ((value - low) / (high - low)) * (to - from);

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

// The next round number above, so that an axis ends at one.
export const roundUp = (value) => {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ROUND.find((step) => step * unit >= value * 0.999);
};

// A round range that holds all numbers and zero; what is hardly below zero counts as zero.
export const rangeOf = (numbers) => {
  const known = numbers.filter(Number.isFinite);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  if (high <= low) return [0, 1];
  return [low < -0.04 * high ? -roundUp(-low) : 0, high > 0 ? roundUp(high) : 0];
};

// The index of the number nearest to one.
export const nearest = (numbers, to) =>
  numbers.reduce(
    (best, number, i) => (Math.abs(number - to) < Math.abs(numbers[best] - to) ? i : best),
    0,
  );

// A value with as many digits as it needs.
export const short = (value) => {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
  return text.replace("-", "\u2212").replace(/^\u2212(0\.?0*)$/, "$1");
};
