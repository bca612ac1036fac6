import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnPath, oneEntryAPage } from "../../app/widgets/history/entries.js";

// A window with a history that behaves as a browser's, whose visitor clicks on links and steps back and forward.
// `drawn` is the path of the page that Streamlit has drawn.
const windowAt = (address) => {
  const location = new URL(address);
  const listeners = {};
  let entries = [address];
  let at = 0;
  const go = (url) => {
    location.href = new URL(url ?? "", location.href).href;
    return location.href;
  };
  const history = {
    pushState(_state, _title, url) {
      entries = [...entries.slice(0, at + 1), go(url)];
      at++;
    },
    replaceState(_state, _title, url) {
      entries[at] = go(url);
    },
  };
  const happens = (type, event = {}) => {
    const whole = { composedPath: () => [], button: 0, ...event };
    for (const listener of listeners[type] ?? []) listener(whole);
  };
  const window = {
    history,
    location,
    drawn: location.pathname,
    addEventListener(type, listener) {
      listeners[type] = [...(listeners[type] ?? []), listener];
    },
  };
  oneEntryAPage(window, () => window.drawn);
  const shown = () => entries.map((entry) => entry.replace("http://here", ""));
  const steps = (by) => {
    at += by;
    location.href = entries[at];
    happens("popstate");
  };
  const follows = (href, how = {}) => {
    const link = {
      localName: "a",
      href: `http://here${href}`,
      target: "",
      hasAttribute: () => false,
    };
    happens("click", { composedPath: () => [{ localName: "span" }, link], ...how });
  };
  const presses = (key, how = {}) => happens("keydown", { key, button: undefined, ...how });
  // A whole visit of another page: click, new address, parameters.
  const visits = (path, search) => {
    follows(path);
    history.pushState({}, "", path);
    window.drawn = path;
    history.pushState({}, "", `${path}${search}`);
  };
  return { window, history, shown, steps, follows, presses, visits, happens, at: () => at };
};

// Three pages visited one after the other.
const threePages = () => {
  const one = windowAt("http://here/?task=a&seed=0");
  one.visits("/alignment", "?task=a");
  one.visits("/widths", "?task=a&max=9");
  return one;
};
const THREE = ["/?task=a&seed=0", "/alignment?task=a", "/widths?task=a&max=9"];

test("changes within a page replace its entry, another page adds one", () => {
  const { history, shown, visits } = windowAt("http://here/");
  history.pushState(null, "", "?task=a");
  history.pushState(null, "", "/?task=b");
  assert.deepEqual(shown(), ["/?task=b"]);
  visits("/widths", "?task=b");
  assert.deepEqual(shown(), ["/?task=b", "/widths?task=b"]);
  visits("/", "?task=b");
  assert.equal(shown().length, 3);
});

test("parameters of a page that come before its address do not stay with the page that is left", () => {
  const { history, shown, follows } = windowAt("http://here/?task=a&arch=9");
  history.pushState(null, "", "/?task=a&arch=10-14");
  follows("/widths");
  history.pushState(null, "", "/?task=a"); // of the page Widths
  history.pushState(null, "", "/widths?task=a");
  assert.deepEqual(shown(), ["/?task=a&arch=10-14", "/widths?task=a"]);
});

test("nor if the page that is left leads there by itself", () => {
  const { history, shown, happens } = windowAt("http://here/widths?task=a");
  happens("pointerup");
  happens("click");
  history.pushState(null, "", "/widths?task=a&arch=9"); // of the first page
  history.pushState(null, "", "/?task=a&arch=9");
  assert.deepEqual(shown(), ["/widths?task=a", "/?task=a&arch=9"]);
});

test("after quick Backs nothing is written of a page that was gone through", () => {
  const { window, history, shown, steps, at } = threePages();
  steps(-1);
  steps(-1);
  history.pushState({}, "", "/alignment?task=a&seed=0"); // the server's answer to the first Back
  window.drawn = "/alignment";
  history.replaceState({}, "", "/?task=a"); // its parameters, with the path that the address has now
  history.pushState({}, "", "/?task=a");
  window.drawn = "/";
  history.pushState({}, "", "/?task=a&seed=0");
  assert.deepEqual([shown(), at()], [THREE, 0]);
  steps(2);
  assert.equal(window.location.href, "http://here/widths?task=a&max=9");
});

test("a page that was gone back to writes its own parameters, and leads on by itself once something is done", () => {
  const { window, history, shown, steps, happens } = threePages();
  steps(-1);
  window.drawn = "/alignment";
  history.pushState({}, "", "/alignment?task=b");
  assert.equal(shown()[1], "/alignment?task=b");
  happens("pointerup");
  history.pushState({}, "", "/?task=b");
  assert.deepEqual(shown(), ["/?task=a&seed=0", "/alignment?task=b", "/?task=b"]);
});

test("of two links clicked one after the other only the second adds an entry", () => {
  const { history, shown, follows } = windowAt("http://here/?task=a");
  follows("/noise");
  follows("/how");
  history.pushState({}, "", "/noise");
  history.pushState({}, "", "/how");
  assert.deepEqual(shown(), ["/?task=a", "/how"]);
});

test("keys that step back are not taken for something done on the page, nor are links to other windows", () => {
  const { history, shown, steps, presses, follows, happens } = threePages();
  steps(-1);
  presses("Alt");
  presses("ArrowLeft", { altKey: true });
  happens("pointerup", { button: 3 });
  history.pushState({}, "", "/widths?task=a&max=9");
  assert.deepEqual(shown(), THREE);
  follows("/how", { ctrlKey: true });
  history.pushState({}, "", "/?task=a");
  assert.deepEqual(shown(), [THREE[0], THREE[1], "/?task=a"]);
});

test("the page that is drawn is the one that the navigation marks", () => {
  const asked = [];
  const document = (link) => ({
    querySelector: (selector) => {
      asked.push(selector);
      return link;
    },
  });
  assert.equal(drawnPath(document({ href: "http://here/base/noise" })), "/base/noise");
  assert.equal(drawnPath(document(null)), null);
  assert.match(asked[0], /aria-current=page/);
});

test("asked for twice, it is done once", () => {
  const { window } = windowAt("http://here/");
  const once = window.history.pushState;
  oneEntryAPage(window);
  assert.equal(window.history.pushState, once);
});
