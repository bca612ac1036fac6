import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { LINGER_MS, livingPart } from "../../app/widgets/lifecycle.js";

// What of a browser the life of a part needs, counting what is still observed or heard.
class Heard extends EventTarget {
  heard = new Set();
  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    this.heard.add(listener);
    const end = () => this.heard.delete(listener);
    options?.signal?.addEventListener("abort", end);
    if (options?.once) super.addEventListener(type, end, { once: true });
  }
}
const { setTimeout, clearTimeout } = globalThis;
let waiting = new Set(); // what timers will call
let observers = [];
let media = [];
let root;
let view;

beforeEach(() => {
  observers = [];
  media = [];
  waiting = new Set();
  globalThis.setTimeout = (act, milliseconds) => {
    assert.equal(milliseconds, LINGER_MS);
    waiting.add(act);
    return act;
  };
  globalThis.clearTimeout = (timer) => waiting.delete(timer);
  globalThis.devicePixelRatio = 1;
  globalThis.matchMedia = (query) => {
    media.push(Object.assign(new Heard(), { query }));
    return media.at(-1);
  };
  globalThis.ResizeObserver = class {
    constructor(call) {
      Object.assign(this, { call, of: null });
      observers.push(this);
    }
    observe(element) {
      this.of = element;
      this.call(); // as browsers do at first
    }
    disconnect() {
      this.of = null;
    }
  };
  root = Object.assign(new Heard(), { style: {}, clientWidth: 600 });
  view = { calls: [] };
  for (const name of ["show", "layOut", "close"])
    view[name] = (...given) => view.calls.push(name === "show" ? `show ${given[2]}` : name);
});

const call = (part, key, time = 1) =>
  part({
    data: [{ key }, time],
    parentElement: { querySelector: (name) => name === ".part" && root },
  });
const watched = () => ({
  observers: observers.filter((one) => one.of).length,
  listeners: [root, ...media].reduce((sum, { heard }) => sum + heard.size, 0),
});
const wait = () => {
  const acts = [...waiting];
  waiting.clear();
  for (const act of acts) act();
};

afterEach(() => Object.assign(globalThis, { setTimeout, clearTimeout }));

test("data that was sent earlier than what is shown is not shown any more", () => {
  const shown = [];
  view.show = ({ key }) => shown.push(key);
  const part = livingPart("part", () => view);
  call(part, "new", 2);
  call(part, "old", 1);
  call(part, "newest", 3);
  assert.deepEqual(shown, ["new", "newest"]);
});

test("a part is built once and laid out once, however often Streamlit calls", () => {
  let built = 0;
  const part = livingPart("part", () => {
    built++;
    return view;
  });
  for (let i = 0; i < 4; i++) call(part, "a")();
  call(part, "a");
  assert.equal(built, 1);
  assert.deepEqual(view.calls, ["show false", "layOut", ...Array(4).fill("show true")]);
  call(part, "b");
  assert.deepEqual(view.calls.slice(-2), ["show false", "layOut"]);
  assert.deepEqual(watched(), { observers: 1, listeners: 2 });
});

test("a part that has gone leaves nothing that observes or listens", () => {
  const close = call(
    livingPart("part", () => view),
    "a",
  );
  assert.deepEqual(watched(), { observers: 1, listeners: 2 });
  close();
  close();
  assert.deepEqual(watched(), { observers: 1, listeners: 2 });
  wait();
  assert.deepEqual(watched(), { observers: 0, listeners: 0 });
  assert.deepEqual(view.calls, ["show false", "layOut", "close"]);
  root.dispatchEvent(new Event("transitionend"));
  assert.equal(view.calls.length, 3);
});

test("a part that comes again is watched and laid out again, with what it had", () => {
  const part = livingPart("part", () => view);
  call(part, "a")();
  wait();
  const close = call(part, "a");
  assert.deepEqual(view.calls, ["show false", "layOut", "close", "show true", "layOut"]);
  assert.deepEqual(watched(), { observers: 1, listeners: 2 });
  close();
  wait();
  assert.deepEqual(watched(), { observers: 0, listeners: 0 });
});

test("a part that is still in the document lives on, however late its next call comes", () => {
  root.isConnected = true;
  const part = livingPart("part", () => view);
  const close = call(part, "a");
  close();
  wait();
  wait();
  assert.deepEqual(view.calls, ["show false", "layOut"]);
  assert.deepEqual(watched(), { observers: 1, listeners: 2 });
  root.isConnected = false;
  wait();
  assert.deepEqual(view.calls, ["show false", "layOut", "close"]);
  assert.deepEqual(watched(), { observers: 0, listeners: 0 });
});

test("width, theme and device pixels lay out, nothing else does", () => {
  const close = call(
    livingPart("part", () => view),
    "a",
  );
  const laidOut = () => view.calls.filter((name) => name === "layOut").length;
  observers[0].call(); // of another height
  assert.equal(laidOut(), 1);
  root.clientWidth = 390;
  observers[0].call();
  assert.equal(laidOut(), 2);
  root.dispatchEvent(new Event("transitionend"));
  assert.equal(laidOut(), 3);
  for (let i = 0; i < 3; i++) media.at(-1).dispatchEvent(new Event("change"));
  assert.equal(laidOut(), 6);
  assert.equal(media.length, 4);
  close();
  wait();
  assert.deepEqual(watched(), { observers: 0, listeners: 0 });
});

test("a part without width waits until it has one", () => {
  root.clientWidth = 0;
  call(
    livingPart("part", () => view),
    "a",
  );
  assert.deepEqual(view.calls, ["show false"]);
  root.clientWidth = 600;
  observers[0].call();
  assert.deepEqual(view.calls, ["show false", "layOut"]);
});
