import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode } from "../../app/widgets/arrays.js";

// Made by Python's `encoded`, with which test_app_parts.py compares it.
const arrays = JSON.parse(readFileSync(new URL("arrays.json", import.meta.url), "utf8"));

for (const { kind, numbers, text } of arrays)
  test(`what Python encodes as ${kind} is read back`, () => {
    assert.deepEqual(Array.from(decode(text, kind)), numbers);
  });

test("an empty array is empty", () => {
  assert.equal(decode("", "<f4").length, 0);
});

test("a kind that nobody knows is refused", () => {
  assert.throws(() => decode("AAAA", "<f8"), /no array of <f8/);
});
