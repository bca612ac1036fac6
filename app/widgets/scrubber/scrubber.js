// A range over steps, with a button that plays them. `onGo(step, playing)` is called at every change.
import { element } from "../dom.js";

export const makeScrubber = (root, { label, milliseconds, onGo }) => {
  const bar = element("div", "scrubber", root);
  bar.dataset.control = "";
  const button = element("button", "", bar, "Play");
  button.type = "button";
  const range = element("input", "", bar);
  Object.assign(range, { type: "range", min: 0, step: 1 });
  range.setAttribute("aria-label", label);
  let timer = null;

  const go = (step) => {
    range.value = step;
    onGo(step, timer !== null);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  };
  const advance = () => {
    const at = Number(range.value);
    const end = at >= Number(range.max);
    if (end) stop();
    go(end ? at : at + 1);
  };
  const toggle = () => {
    const at = Number(range.value);
    if (timer !== null) {
      stop();
      go(at);
      return;
    }
    button.textContent = "Pause";
    timer = setInterval(advance, milliseconds);
    go(at >= Number(range.max) ? 0 : at);
  };
  button.addEventListener("click", toggle);
  range.addEventListener("input", () => {
    stop();
    go(Number(range.value));
  });
  return {
    go,
    stop,
    play: () => {
      if (timer === null) toggle();
    },
    // For so many steps, standing at one of them.
    set: (count, at) => {
      stop();
      range.max = count - 1;
      range.value = at;
    },
    describe: (text) => range.setAttribute("aria-valuetext", text),
  };
};
