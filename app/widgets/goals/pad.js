// A goal on the table, to choose: seen from above, moved with mouse, finger or arrow keys. `pad.py` says what `data`
// holds.
import { element, setAttributes } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { isAnswer, snapped } from "./geometry.js";

const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] };
const STEPS = 4; // of the grid that an arrow key moves the goal by; one with Shift

const build = (root) => {
  let axes = [];
  let task = null;
  let asked = null; // the goal that was told last, until the page follows
  let held = false; // whether a pointer moves the goal
  let send = null;
  const field = element("div", "field", root);
  const goal = element("button", "goal", field);
  goal.type = "button";
  const said = element("p", "said", root);

  const draw = () => {
    const [x, y] = axes.map(({ low, high, value }) => (value - low) / (high - low));
    goal.style.left = `${100 * x}%`;
    goal.style.top = `${100 * (1 - y)}%`;
    const where = axes.map(({ value }) => value.toFixed(2)).join(", ");
    said.textContent = `x, y of ${where}\u00a0m; seen from above, the robot stands below`;
    setAttributes(goal, { "aria-label": `Goal at x, y of ${where} m. Arrow keys move it.` });
  };
  const place = (values) => {
    values.forEach((value, i) => {
      axes[i].value = snapped(value, axes[i]);
    });
    draw();
  };
  let before = []; // values when the goal was taken hold of
  const tell = () => {
    held = false;
    asked = axes.map(({ value }) => value);
    send?.("goal", Object.fromEntries(axes.map((one) => [one.name, one.value])));
  };

  const follow = ({ clientX, clientY }) => {
    const box = field.getBoundingClientRect();
    const shares = [(clientX - box.left) / box.width, 1 - (clientY - box.top) / box.height];
    place(axes.map(({ low, high }, i) => low + shares[i] * (high - low)));
  };
  field.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // no selection of text
    field.setPointerCapture(event.pointerId);
    goal.focus();
    before = axes.map(({ value }) => value);
    held = true;
    follow(event);
  });
  field.addEventListener("pointermove", (event) => {
    if (field.hasPointerCapture(event.pointerId)) follow(event);
  });
  field.addEventListener("pointerup", tell);
  // The browser took the finger's way for something else: nothing was chosen.
  field.addEventListener("pointercancel", () => {
    held = false;
    place(before);
  });
  goal.addEventListener("keydown", (event) => {
    const [axis, sign] = KEYS[event.key] ?? [];
    if (axis === undefined) return;
    event.preventDefault();
    const by = sign * (event.shiftKey ? 1 : STEPS) * axes[axis].step;
    place(axes.map(({ value }, i) => (i === axis ? value + by : value)));
    tell();
  });

  return {
    show: (data, { setTriggerValue }, same) => {
      send = setTriggerValue;
      // An answer to an earlier move must not undo a later one.
      const arrived = isAnswer(asked, data.axes);
      if (arrived) asked = null;
      if (data.task === task && (same || held || !arrived)) return;
      asked = null;
      held = false;
      task = data.task;
      axes = data.axes.map((one) => ({ ...one }));
      const [wide, deep] = axes.map(({ low, high }) => high - low);
      field.style.aspectRatio = `${wide} / ${deep}`;
      draw();
    },
    layOut: () => {},
  };
};

export default livingPart("goal_pad", build);
