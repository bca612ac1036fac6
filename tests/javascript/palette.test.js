import assert from "node:assert/strict";
import { test } from "node:test";
import { indexOf, palette, parseColour, pixelsOf } from "../../app/widgets/palette/palette.js";

const THEMES = { light: [252, 252, 250], dark: [16, 19, 23] };

const luminance = (colour) => {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

for (const [theme, background] of Object.entries(THEMES)) {
  const colours = palette(background);
  const half = (colours.length - 1) / 2;

  test(`in the ${theme} theme zero is the background`, () => {
    assert.deepEqual(colours[half], background);
  });

  test(`in the ${theme} theme luminance goes one way from zero, on both sides as far`, () => {
    const towards = theme === "light" ? -1 : 1;
    for (const side of [-1, 1])
      for (let step = 0; step < half; step++) {
        const change =
          luminance(colours[half + side * (step + 1)]) - luminance(colours[half + side * step]);
        // Colours are whole numbers: a step may round back by one of 255.
        assert.ok(towards * change > -0.002, `${side * step}: ${change}`);
      }
    const reach = [0, 2 * half].map((end) =>
      Math.abs(luminance(colours[end]) - luminance(background)),
    );
    assert.ok(Math.max(...reach) / Math.min(...reach) < 1.25, String(reach));
  });

  test(`in the ${theme} theme the two sides are told apart`, () => {
    for (const step of [100, 200, 255]) {
      const [below, above] = [colours[half - step], colours[half + step]];
      assert.ok(below[2] > below[0], "blue below");
      assert.ok(above[0] > above[2], "orange above");
    }
  });
}

test("a value and its negative are as far from zero", () => {
  for (const limit of [0.03, 1, 7])
    for (let value = -2 * limit; value <= 2 * limit; value += limit / 97)
      assert.equal(indexOf(value, limit) + indexOf(-value, limit), 2 * indexOf(0, limit));
});

test("indices grow with the value and end at the limit", () => {
  let before = -1;
  for (let value = -1.2; value <= 1.2; value += 0.001) {
    const index = indexOf(value, 1);
    assert.ok(index >= before);
    before = index;
  }
  assert.deepEqual(
    [-9, -1, 0, 1, 9].map((value) => indexOf(value, 1)),
    [0, 0, 255, 510, 510],
  );
});

test("pixels are opaque, red first in memory", () => {
  assert.deepEqual(Array.from(new Uint8Array(pixelsOf([[1, 2, 3]]).buffer)), [1, 2, 3, 255]);
});

test("colours are read as browsers write them", () => {
  assert.deepEqual(parseColour("rgb(28, 32, 36)"), [28, 32, 36]);
  assert.deepEqual(parseColour("rgba(28, 32, 36, 0.5)"), [28, 32, 36]);
});
