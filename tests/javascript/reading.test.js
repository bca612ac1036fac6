// What is drawn becomes a picture as training had them, and networks read it as they do in Python.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { likeliest, probabilitiesOf, softmax } from "../../app/widgets/reading/answers.js";
import { centred } from "../../app/widgets/reading/picture.js";

const WIDTH = 280;

// A drawing with a filled box of ink.
const boxAt = (left, top, width, height) => {
  const ink = new Float32Array(WIDTH * WIDTH);
  for (let row = top; row < top + height; row++)
    for (let column = left; column < left + width; column++) ink[row * WIDTH + column] = 1;
  return ink;
};

const massOf = (picture, side) => {
  let [sum, x, y] = [0, 0, 0];
  picture.forEach((value, i) => {
    sum += value;
    x += value * (i % side);
    y += value * Math.floor(i / side);
  });
  return { sum, x: x / sum, y: y / sum };
};

test("nothing drawn is an empty picture", () => {
  const picture = centred(new Float32Array(WIDTH * WIDTH), WIDTH, 28);
  assert.equal(picture.length, 28 * 28);
  assert.ok(picture.every((value) => value === 0));
});

test("the same drawing is the same picture wherever and however large it is drawn", () => {
  const first = centred(boxAt(10, 20, 40, 80), WIDTH, 28);
  const moved = centred(boxAt(200, 150, 40, 80), WIDTH, 28);
  const larger = centred(boxAt(60, 40, 100, 200), WIDTH, 28);
  first.forEach((value, i) => {
    assert.ok(Math.abs(value - moved[i]) < 1e-5);
    assert.ok(Math.abs(value - larger[i]) < 0.12);
  });
});

test("it is centred, its longer side takes 20 of 28 pixels, and its ink is whole", () => {
  for (const [width, height] of [
    [50, 100],
    [120, 30],
    [60, 60],
  ]) {
    const picture = centred(boxAt(33, 71, width, height), WIDTH, 28);
    const { sum, x, y } = massOf(picture, 28);
    assert.ok(Math.abs(x - 13.5) < 0.2 && Math.abs(y - 13.5) < 0.2);
    const scale = 20 / Math.max(width, height);
    assert.ok(Math.abs(sum - width * height * scale * scale) < 2);
    assert.ok(Math.max(...picture) <= 1);
    const inked = (along) => {
      const places = [...picture.keys()].filter((i) => picture[i] > 0.4).map(along);
      return Math.max(...places) - Math.min(...places) + 1;
    };
    assert.ok(Math.abs(inked((i) => i % 28) - width * scale) <= 1);
    assert.ok(Math.abs(inked((i) => Math.floor(i / 28)) - height * scale) <= 1);
  }
});

test("probabilities add up to 1 and keep the order of the outputs", () => {
  for (const outputs of [
    [0, 0, 0],
    [1000, 999, -1000],
    [-3, 2, 0.5],
  ]) {
    const shares = softmax(outputs);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-12);
    assert.equal(likeliest(shares), outputs.indexOf(Math.max(...outputs)));
  }
});

test("a network answers as `Policy.act` does in Python", () => {
  const { networks } = JSON.parse(readFileSync(new URL("reading.json", import.meta.url)));
  for (const { picture, probabilities, layers, ...network } of networks) {
    const own = layers.map((layer) => ({
      ...layer,
      cells: Float32Array.from(layer.cells),
      biases: Float32Array.from(layer.biases),
    }));
    const found = probabilitiesOf({ ...network, layers: own }, picture);
    probabilities.forEach((share, i) => {
      assert.ok(Math.abs(share - found[i]) < 1e-5);
    });
  }
});
