// What somebody drew, as the pictures of a data set are: made of few pixels, of one size, in the middle.

// Of the side of a picture that what is drawn takes; the rest is margin (MNIST: 20 of 28 pixels).
const SHARE = 20 / 28;

/**
 * Brings a drawing to a small square picture: its longer side fills `SHARE` of the picture, and its centre of mass is in
 * the middle, as the makers of MNIST did (http://yann.lecun.com/exdb/mnist).
 *
 * @param {ArrayLike<number>} ink of each pixel of the drawing, row by row, 0 to 1
 * @param {number} width of the drawing in pixels
 * @param {number} side of the picture in pixels
 * @returns {Float32Array} the picture, row by row, 0 to 1; all 0 where nothing is drawn
 */
export const centred = (ink, width, side) => {
  const picture = new Float32Array(side * side);
  let [left, right, top, bottom] = [width, -1, ink.length / width, -1];
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (!ink[i]) continue;
    const [row, column] = [Math.floor(i / width), i % width];
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    sum += ink[i];
    x += ink[i] * column;
    y += ink[i] * row;
  }
  if (!sum) return picture;
  const scale = (SHARE * side) / (Math.max(right - left, bottom - top) + 1);
  const middle = (side - 1) / 2;
  // Each pixel of the drawing covers this much of a pixel of the picture.
  const area = scale * scale;
  const put = (row, column, amount) => {
    if (row >= 0 && row < side && column >= 0 && column < side)
      picture[row * side + column] += amount;
  };
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const own = ink[row * width + column] * area;
      if (!own) continue;
      const to = [middle + (row - y / sum) * scale, middle + (column - x / sum) * scale];
      const [r, c] = to.map(Math.floor);
      const [down, across] = [to[0] - r, to[1] - c];
      put(r, c, own * (1 - down) * (1 - across));
      put(r, c + 1, own * (1 - down) * across);
      put(r + 1, c, own * down * (1 - across));
      put(r + 1, c + 1, own * down * across);
    }
  }
  return picture.map((value) => Math.min(1, value));
};
