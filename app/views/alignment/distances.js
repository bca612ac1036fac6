// All networks: distances of every pair, and networks as points on a plane, before and after.
import { element, picture, shape } from "../../widgets/dom.js";

const SQUARE = 240; // CSS pixels of a matrix of distances
const PLANE = { size: 260, edge: 24 };
const NEAR = { x: 16, y: 12 }; // units of the plane
const LETTER = { width: 6.5, height: 13 }; // of names, about
const MOST_NAMED = 5;
const TITLES = ["As they are", "Aligned"];

const short = (value) => value.toFixed(3);

// Points so near each other that their names would cover each other have one name.
export const together = (points) => {
  const groups = [];
  points.forEach(([x, y], place) => {
    const near = groups.find((one) => Math.abs(one.x - x) < NEAR.x && Math.abs(one.y - y) < NEAR.y);
    if (near) near.members.push(place);
    else groups.push({ x, y, members: [place] });
  });
  return groups;
};

const overlap = (a, b) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

// Where names stand so that none covers another: beside their point, above or below it, or else further down or up.
// Points and names as {x, y, text}; back come the places of the texts, with the side on which their point is.
export const placed = (names, size) => {
  const taken = [];
  return names.map(({ x, y, text }) => {
    const width = LETTER.width * text.length;
    const box = (at) => {
      const x0 =
        at.anchor === "start" ? at.x : at.anchor === "end" ? at.x - width : at.x - width / 2;
      return { x0, x1: x0 + width, y0: at.y - LETTER.height + 2, y1: at.y + 2 };
    };
    const right = { x: x + 8, y: y + 4, anchor: "start" };
    const left = { x: x - 8, y: y + 4, anchor: "end" };
    // Towards the side with more room.
    const sides = x < size * 0.6 ? [right, left] : [left, right];
    const ways = [...sides];
    const half = Math.min(width, size) / 2;
    const middle = { x: Math.max(half, Math.min(size - half, x)), y: y + 4, anchor: "middle" };
    for (let step = 1; step <= names.length + 1; step++)
      for (const down of [1, -1])
        for (const side of [...sides, middle])
          ways.push({ ...side, y: side.y + down * step * LETTER.height });
    const inside = ({ x0, x1, y0, y1 }) => x0 >= 0 && x1 <= size && y0 >= 0 && y1 <= size;
    const free = (way) => !taken.some((other) => overlap(box(way), other));
    const way = ways.find((one) => free(one) && inside(box(one))) ?? ways.find(free) ?? ways[0];
    taken.push(box(way));
    return way;
  });
};

// Numbers in a few words: 1, 2, 4 and 9 more.
export const listed = (numbers) =>
  numbers.length > MOST_NAMED
    ? `${numbers.slice(0, MOST_NAMED - 1).join(", ")} and ${numbers.length - MOST_NAMED + 1} more`
    : numbers.join(", ");

export const makeDistances = (parent, choose) => {
  const root = element("section", "distances", parent);
  element("h3", "", root, "All networks");
  element(
    "p",
    "",
    root,
    "Full cells: the same weights, distance 0. Empty ones: unrelated, 1. Aligned: each to the reference; of two others " +
      "as they are, where that is nearer. On a plane, points are as far apart as two dimensions allow. Click a network " +
      "to look at it.",
  );
  const row = element("div", "row", root);
  const readout = element("p", "readout", root);
  readout.dataset.control = "";
  readout.setAttribute("role", "status");
  let squares = [];
  let planes = [];

  const cellAt = (canvas, count, event) => {
    const box = canvas.getBoundingClientRect();
    const place = (at, size) => Math.max(0, Math.min(count - 1, Math.floor((at / size) * count)));
    return [place(event.clientY - box.top, box.height), place(event.clientX - box.left, box.width)];
  };

  const drawSquare = ({ canvas, values }, data, { ink, accent }) => {
    const count = data.networks.length;
    const ratio = window.devicePixelRatio || 1;
    const cell = Math.max(1, Math.floor((SQUARE * ratio) / count));
    canvas.width = canvas.height = cell * count;
    canvas.style.width = canvas.style.height = `${(cell * count) / ratio}px`;
    const context = canvas.getContext("2d");
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) {
        const near = 1 - Math.min(1, values[i * count + j]);
        context.fillStyle = `rgba(${ink}, ${0.04 + 0.86 * near})`;
        context.fillRect(j * cell, i * cell, cell - (cell > 5 ? 1 : 0), cell - (cell > 5 ? 1 : 0));
      }
    context.strokeStyle = accent;
    context.lineWidth = 2 * ratio;
    context.strokeRect(data.reference * cell, data.chosen * cell, cell, cell);
  };

  const drawPlane = ({ svg, points }, all, data, theme) => {
    svg.replaceChildren();
    const most = Math.max(1e-6, ...all.flat(2).map(Math.abs));
    const { size, edge } = PLANE;
    const at = (value) => size / 2 + (value / most) * (size / 2 - edge);
    points.forEach(([x, y], place) => {
      const look = place === data.chosen || place === data.reference;
      const dot = shape(
        "circle",
        {
          cx: at(x),
          cy: at(-y),
          r: look ? 6 : 4,
          fill: look ? theme.accent : `rgba(${theme.ink}, 0.7)`,
        },
        svg,
      );
      shape("title", {}, dot, `${place + 1} \u00b7 ${data.networks[place].label}`);
      dot.style.cursor = "pointer";
      dot.addEventListener("click", () => choose(place));
    });
    const named = (place) =>
      points.length <= 24 || place === data.chosen || place === data.reference;
    const places = points.map(([x, y]) => [at(x), at(-y)]);
    const numbers = places.flatMap((_, i) => (named(i) ? [i + 1] : []));
    const names = together(places.filter((_, i) => named(i))).map(({ x, y, members }) => ({
      x,
      y,
      text: listed(members.map((i) => numbers[i])),
    }));
    placed(names, size).forEach(({ x, y, anchor }, place) => {
      shape("text", { x, y, "text-anchor": anchor, fill: `rgb(${theme.ink})` }, svg).textContent =
        names[place].text;
    });
  };

  return {
    root,
    build: (data) => {
      const count = data.networks.length;
      root.hidden = count < 2;
      row.replaceChildren();
      squares = [];
      planes = [];
      [data.distances.before, data.distances.after].forEach((values, index) => {
        if (!values) return;
        const figure = element("figure", "", row);
        element("figcaption", "", figure, `Distances, ${TITLES[index].toLowerCase()}`);
        const canvas = picture(figure, `Distances of all pairs, ${TITLES[index].toLowerCase()}`);
        canvas.addEventListener("pointermove", (event) => {
          const [i, j] = cellAt(canvas, count, event);
          readout.textContent = `${i + 1} and ${j + 1}: ${short(values[i * count + j])}`;
        });
        canvas.addEventListener("click", (event) => {
          const [i, j] = cellAt(canvas, count, event);
          choose(i === data.reference ? j : i);
        });
        squares.push({ canvas, values });
      });
      (data.planes ?? []).forEach(({ points, kept }, index) => {
        if (count < 3) return;
        const figure = element("figure", "plane", row);
        const share = `${Math.round(100 * kept)} % of the spread`;
        element("figcaption", "", figure, `Plane, ${TITLES[index].toLowerCase()} (${share})`);
        const { size } = PLANE;
        const label = `Networks as points, ${TITLES[index].toLowerCase()}`;
        const svg = shape(
          "svg",
          { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label },
          figure,
        );
        planes.push({ svg, points });
      });
    },
    draw: (data, theme) => {
      for (const square of squares) drawSquare(square, data, theme);
      const all = planes.map(({ points }) => points);
      for (const plane of planes) drawPlane(plane, all, data, theme);
    },
  };
};
