// The goals of a trial: a button each, and a picture of where they are. `goals.py` says what `data` holds.
import { element, setAttributes, shape } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { fromAbove, numberBoxes } from "./geometry.js";

const SIZE = { width: 300, height: 150 };
const RADIUS = 5;

const words = ({ success, steps }) => {
  const how = success ? "reached" : "not reached";
  return steps === null ? how : `${how} in ${steps} steps`;
};

const metres = (place) => place.map((value) => value.toFixed(2)).join(", ");

// What is at a goal, as a sentence.
const sentence = (goal, number) => {
  const where = goal.place ? `, at x, y, z of ${metres(goal.place)} m` : "";
  return `Goal ${number + 1}: ${words(goal)}${where}`;
};

const drawPlaces = (parent, goals, chosen, choose) => {
  const { points, metre } = fromAbove(
    goals.map(({ place }) => place),
    SIZE,
  );
  const figure = element("figure", "", parent);
  const svg = shape("svg", { ...SIZE, viewBox: `0 0 ${SIZE.width} ${SIZE.height}` }, figure);
  // The same as the buttons under the robot, for who points.
  svg.setAttribute("aria-hidden", "true");
  const boxes = numberBoxes(points, SIZE, RADIUS);
  points.forEach(([x, y], i) => {
    const kind = `${goals[i].success ? "good" : "bad"}${i === chosen ? " chosen" : ""}`;
    const spot = shape("g", { class: kind }, svg);
    if (i === chosen) shape("circle", { cx: x, cy: y, r: RADIUS + 3.5, class: "ring" }, spot);
    shape("circle", { cx: x, cy: y, r: RADIUS }, spot);
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
    "\u25cf reached, \u25cb not; seen from above, the bar is 10\u00a0cm",
  );
};

const build = (root) => {
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
        const mark = goal.success ? "\u2713" : "\u2717";
        const button = element("button", kind, list, `${mark}${i + 1}`);
        setAttributes(button, {
          type: "button",
          title: `${sentence(goal, i)}. Press to see the robots there.`,
          "aria-label": `${sentence(goal, i)}. See the robots there.`,
          "aria-pressed": i === data.chosen,
        });
        button.addEventListener("click", () => choose(i));
      });
    },
    layOut: () => {},
  };
};

export default livingPart("goals", build);
