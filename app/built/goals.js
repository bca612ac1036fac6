// Made by `make bundle` out of the files named below; do not edit.

// widgets/dom.js
var SVG = "http://www.w3.org/2000/svg";
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
var shape = (tag, attributes, parent, text) => {
  const made = document.createElementNS(SVG, tag);
  setAttributes(made, attributes);
  if (text !== void 0) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
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
var MARGIN = 18;
var LEAST = 0.08;
var fromAbove = (places, { width, height }) => {
  const ends = [0, 1].map((axis) => {
    const values = places.map((place) => place[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const [wide, deep] = ends.map(([low, high]) => Math.max(LEAST, high - low));
  const metre = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / deep);
  const [x0, y0] = ends.map(([low, high]) => (low + high) / 2);
  return {
    metre,
    points: places.map(([x, y]) => [width / 2 + (x - x0) * metre, height / 2 - (y - y0) * metre])
  };
};
var DIGIT = { width: 6.5, height: 9 };
var GAP = 2;
var boxBeside = ([x, y], [side, level], length, radius) => {
  const [width, height] = [length * DIGIT.width, DIGIT.height];
  const away = radius + GAP;
  const diagonal = side && level ? 0.7 : 1;
  const left = x + side * away * diagonal - (side === 0 ? width / 2 : side < 0 ? width : 0);
  const top = y + level * away * diagonal - (level === 0 ? height / 2 : level < 0 ? height : 0);
  return { left, top, right: left + width, bottom: top + height };
};
var overlap = (one, other) => Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left)) * Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
var SIDES = [1, 0, -1].flatMap((side) => [-1, 0, 1].map((level) => [side, level])).filter(([side, level]) => side || level);
var numberBoxes = (points, { width, height }, radius) => {
  const taken = points.map(([x, y]) => ({
    left: x - radius,
    top: y - radius,
    right: x + radius,
    bottom: y + radius
  }));
  return points.map((point, i) => {
    const length = `${i + 1}`.length;
    const boxes = SIDES.map((side) => boxBeside(point, side, length, radius));
    const costs = boxes.map((box2) => {
      const inside = overlap(box2, { left: 0, top: 0, right: width, bottom: height });
      const outside = (box2.right - box2.left) * (box2.bottom - box2.top) - inside;
      return taken.reduce((sum, other) => sum + overlap(box2, other), 10 * outside);
    });
    const box = boxes[costs.indexOf(Math.min(...costs))];
    taken.push(box);
    return box;
  });
};

// widgets/goals/goals.js
var SIZE = { width: 300, height: 150 };
var RADIUS = 5;
var words = ({ success, steps }) => {
  const how = success ? "reached" : "not reached";
  return steps === null ? how : `${how} in ${steps} steps`;
};
var metres = (place) => place.map((value) => value.toFixed(2)).join(", ");
var sentence = (goal, number) => {
  const where = goal.place ? `, at x, y, z of ${metres(goal.place)} m` : "";
  return `Goal ${number + 1}: ${words(goal)}${where}`;
};
var drawPlaces = (parent, goals, chosen, choose) => {
  const { points, metre } = fromAbove(
    goals.map(({ place }) => place),
    SIZE
  );
  const figure = element("figure", "", parent);
  const svg = shape("svg", { ...SIZE, viewBox: `0 0 ${SIZE.width} ${SIZE.height}` }, figure);
  svg.setAttribute("aria-hidden", "true");
  const boxes = numberBoxes(points, SIZE, RADIUS);
  points.forEach(([x, y2], i) => {
    const kind = `${goals[i].success ? "good" : "bad"}${i === chosen ? " chosen" : ""}`;
    const spot = shape("g", { class: kind }, svg);
    if (i === chosen) shape("circle", { cx: x, cy: y2, r: RADIUS + 3.5, class: "ring" }, spot);
    shape("circle", { cx: x, cy: y2, r: RADIUS }, spot);
    shape("title", {}, spot, sentence(goals[i], i));
    shape("text", { x: boxes[i].left, y: boxes[i].bottom }, spot, `${i + 1}`);
    spot.addEventListener("click", () => choose(i));
  });
  const tenth = metre / 10;
  const y = SIZE.height - 4;
  shape("line", { x1: 4, x2: 4 + tenth, y1: y, y2: y, class: "bar" }, svg);
  element(
    "figcaption",
    "",
    figure,
    "● reached, ○ not; seen from above, the bar is 10 cm"
  );
};
var build = (root) => {
  let send = null;
  const choose = (number) => send?.("goal", number);
  return {
    show: (data, { setTriggerValue }, same) => {
      send = setTriggerValue;
      if (same) return;
      root.replaceChildren();
      if (data.picture) {
        drawPlaces(root, data.goals, data.chosen, choose);
        return;
      }
      const list = element("div", "list", root);
      list.setAttribute("role", "group");
      list.setAttribute("aria-label", `Goals of the network that ${data.whose}`);
      data.goals.forEach((goal, i) => {
        const kind = goal.success ? "good" : "bad";
        const mark = goal.success ? "✓" : "✗";
        const button = element("button", kind, list, `${mark}${i + 1}`);
        setAttributes(button, {
          type: "button",
          title: `${sentence(goal, i)}. Press to see the robots there.`,
          "aria-label": `${sentence(goal, i)}. See the robots there.`,
          "aria-pressed": i === data.chosen
        });
        button.addEventListener("click", () => choose(i));
      });
    },
    layOut: () => {
    }
  };
};
var goals_default = livingPart("goals", build);
export {
  goals_default as default
};
