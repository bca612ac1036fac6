import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, turned } from "../../app/views/how/keys.js";

const COUNT = 6;
const focuses = [true, false].flatMap((present) =>
  ["page", "text", "menu", "control"].flatMap((kind) =>
    [true, false].map((byKeyboard) => ({ present, kind, byKeyboard })),
  ),
);
const press = (key, more = {}) => ({ key, shift: false, other: false, ...more });

test("page keys turn whatever has the focus", () => {
  for (const focus of focuses) {
    assert.equal(asked(press("PageDown"), focus), "next");
    assert.equal(asked(press("PageUp"), focus), "back");
  }
});

test("a reader alone keeps every other key", () => {
  for (const focus of focuses.filter(({ present }) => !present))
    for (const key of ["ArrowRight", "ArrowLeft", " ", "f", "q", "Escape", "a"])
      assert.equal(asked(press(key), focus), null);
});

test("in a lecture arrows and Space turn after a control was clicked, and not where Tab led to it", () => {
  const clicked = { present: true, kind: "control", byKeyboard: false };
  for (const key of ["ArrowRight", "ArrowDown", " "]) {
    assert.equal(asked(press(key), clicked), "next");
    assert.equal(asked(press(key), { ...clicked, byKeyboard: true }), null);
  }
  for (const key of ["ArrowLeft", "ArrowUp"]) assert.equal(asked(press(key), clicked), "back");
  assert.equal(asked(press(" ", { shift: true }), clicked), "back");
});

test("who writes, or has a menu open, keeps the keys", () => {
  for (const kind of ["text", "menu"])
    for (const key of ["ArrowRight", " ", "f", "q", "Escape"])
      assert.equal(asked(press(key), { present: true, kind, byKeyboard: false }), null);
});

test("nothing is ours with Ctrl, Alt or Meta", () => {
  for (const focus of focuses)
    for (const key of ["PageDown", "ArrowRight", "f"])
      assert.equal(asked(press(key, { other: true }), focus), null);
});

test("a lecture goes through every question and every answer, and back the same way", () => {
  let at = { screen: 1, shown: false, present: true };
  const there = [at];
  for (let i = 1; i < 2 * COUNT; i++) {
    at = turned(at, 1, COUNT);
    there.push(at);
  }
  assert.deepEqual(
    there.map(({ screen, shown }) => [screen, shown]),
    Array.from({ length: 2 * COUNT }, (_, i) => [1 + Math.floor(i / 2), i % 2 === 1]),
  );
  assert.deepEqual(turned(at, 1, COUNT), at);
  for (let i = 2 * COUNT - 2; i >= 0; i--) {
    at = turned(at, -1, COUNT);
    assert.deepEqual(at, there[i]);
  }
  assert.deepEqual(turned(at, -1, COUNT), at);
});

test("a reader alone turns to the question of the next screen", () => {
  const to = turned({ screen: 2, shown: true, present: false }, 1, COUNT);
  assert.deepEqual(to, { screen: 3, shown: false, present: false });
});
