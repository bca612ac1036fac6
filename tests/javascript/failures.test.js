// Where the 3D view fails, the cause that was found is what is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fetched, Known, needingWebGL, sentenceOf } from "../../app/widgets/replay/failures.js";

const said = async (make) => {
  try {
    await make();
  } catch (error) {
    return sentenceOf(error);
  }
  return "";
};

test("a file that the server lacks is named, and WebGL is not blamed", async () => {
  for (const status of [404, 403, 500]) {
    const words = await said(() =>
      fetched("http://host/app/static/meshes.bin", async () => ({ ok: false, status })),
    );
    assert.match(words, new RegExp(`no meshes\\.bin .*${status}`));
    assert.doesNotMatch(words, /WebGL/);
  }
});

test("a server that is gone is not taken for a browser without WebGL", async () => {
  const words = await said(() =>
    fetched("http://host/app/static/meshes.json", async () => {
      throw new TypeError("Failed to fetch");
    }),
  );
  assert.match(words, /does not answer/);
  assert.doesNotMatch(words, /WebGL/);
});

test("an answer is passed on", async () => {
  const answer = { ok: true, status: 200 };
  assert.equal(await fetched("http://host/file", async () => answer), answer);
});

test("WebGL is named where it is the cause, and only there", async () => {
  const make = () =>
    needingWebGL(() => {
      throw new Error("Error creating WebGL context.");
    });
  assert.throws(make, Known);
  assert.match(await said(make), /no WebGL/);
  const words = await said(() => {
    throw new RangeError("Invalid typed array length");
  });
  assert.match(words, /RangeError: Invalid typed array length/);
  assert.doesNotMatch(words, /WebGL/);
});
