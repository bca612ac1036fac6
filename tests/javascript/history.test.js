import assert from "node:assert/strict";
import { test } from "node:test";
import { oneEntryAPage } from "../../app/widgets/history/entries.js";

// A window with a history that behaves as a browser's: `entries` ends with where one is.
const windowAt = (address) => {
  const location = new URL(address);
  const entries = [address];
  const go = (url) => {
    location.href = new URL(url ?? "", location.href).href;
    return location.href;
  };
  const history = {
    pushState(_state, _title, url) {
      entries.push(go(url));
    },
    replaceState(_state, _title, url) {
      entries[entries.length - 1] = go(url);
    },
  };
  return { history, location, entries };
};

test("changes within a page replace its entry, another page adds one", () => {
  const window = windowAt("http://here/");
  oneEntryAPage(window);
  const { history, entries } = window;
  history.pushState(null, "", "?task=a");
  history.pushState(null, "", "/?task=b");
  assert.deepEqual(entries, ["http://here/?task=b"]);
  history.pushState(null, "", "/widths");
  history.pushState(null, "", "?task=b");
  assert.deepEqual(entries, ["http://here/?task=b", "http://here/widths?task=b"]);
  history.pushState(null, "", "/?task=b");
  assert.equal(entries.length, 3);
});

test("parameters of a page that come before its address do not stay with the page that is left", () => {
  const window = windowAt("http://here/");
  oneEntryAPage(window);
  const { history, entries } = window;
  history.pushState(null, "", "/?task=a&arch=9");
  history.pushState(null, "", "/?task=a&arch=10-14");
  history.pushState(null, "", "/?task=a"); // of the page Widths
  history.pushState(null, "", "/widths?task=a");
  assert.deepEqual(entries, ["http://here/?task=a&arch=10-14", "http://here/widths?task=a"]);
});

test("asked for twice, it is done once", () => {
  const window = windowAt("http://here/");
  oneEntryAPage(window);
  const once = window.history.pushState;
  oneEntryAPage(window);
  assert.equal(window.history.pushState, once);
});
