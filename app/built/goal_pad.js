// Made by `make bundle` out of the files named below; do not edit.

// widgets/dom.js
var element = (tag, name, parent, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== void 0) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};
var setAttributes = (one, attributes) => {
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
};

// widgets/lifecycle.js
var LINGER_MS = 200;
var watch = (root, isNew, layOut) => {
  const ending = new AbortController();
  const { signal } = ending;
  const resized = new ResizeObserver(() => {
    if (isNew(root.clientWidth)) layOut();
  });
  resized.observe(root);
  root.style.transition = "color 1ms";
  const themed = (event) => {
    if (event.target === root) layOut();
  };
  root.addEventListener("transitionend", themed, { signal });
  const watchPixels = () => {
    const now = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = () => {
      layOut();
      watchPixels();
    };
    now.addEventListener("change", changed, { once: true, signal });
  };
  watchPixels();
  return () => {
    ending.abort();
    resized.disconnect();
  };
};
var begin = (root, view) => {
  let key;
  let newest = 0;
  let width = 0;
  let closing;
  let unwatch = null;
  const layOut = () => {
    width = root.clientWidth;
    if (width) view.layOut();
  };
  const end = () => {
    if (root.isConnected) {
      close();
      return;
    }
    unwatch?.();
    unwatch = null;
    view.close?.();
  };
  const close = () => {
    clearTimeout(closing);
    closing = setTimeout(end, LINGER_MS);
  };
  return (call) => {
    clearTimeout(closing);
    const [data, time] = call.data;
    if (time < newest) return close;
    newest = time;
    const same = data.key !== void 0 && data.key === key;
    key = data.key;
    view.show(data, call, same);
    if (!same || !unwatch) layOut();
    unwatch ??= watch(root, (now) => now !== width, layOut);
    return close;
  };
};
var livingPart = (name, build2) => (call) => {
  const root = call.parentElement.querySelector(`.${name}`);
  root.life ??= begin(root, build2(root));
  return root.life(call);
};

// widgets/goals/geometry.js
var SIDES = [1, 0, -1].flatMap((side) => [-1, 0, 1].map((level) => [side, level])).filter(([side, level]) => side || level);
var snapped = (value, { low, high, step }) => {
  const steps = Math.round((Math.min(high, Math.max(low, value)) - low) / step);
  return Math.min(high, Number((low + steps * step).toFixed(6)));
};
var isAnswer = (asked, axes) => asked === null || axes.every(({ value }, i) => Math.abs(value - asked[i]) < 1e-6);

// widgets/goals/pad.js
var KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] };
var STEPS = 4;
var build = (root) => {
  let axes = [];
  let task = null;
  let asked = null;
  let held = false;
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
    said.textContent = `x, y of ${where} m; seen from above, the robot stands below`;
    setAttributes(goal, { "aria-label": `Goal at x, y of ${where} m. Arrow keys move it.` });
  };
  const place = (values) => {
    values.forEach((value, i) => {
      axes[i].value = snapped(value, axes[i]);
    });
    draw();
  };
  let before = [];
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
    event.preventDefault();
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
  field.addEventListener("pointercancel", () => {
    held = false;
    place(before);
  });
  goal.addEventListener("keydown", (event) => {
    const [axis, sign] = KEYS[event.key] ?? [];
    if (axis === void 0) return;
    event.preventDefault();
    const by = sign * (event.shiftKey ? 1 : STEPS) * axes[axis].step;
    place(axes.map(({ value }, i) => i === axis ? value + by : value));
    tell();
  });
  return {
    show: (data, { setTriggerValue }, same) => {
      send = setTriggerValue;
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
    layOut: () => {
    }
  };
};
var pad_default = livingPart("goal_pad", build);
export {
  pad_default as default
};
