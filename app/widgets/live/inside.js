// What goes on inside the network while the robot moves: a row of cells for the observation, each hidden layer and the
// action, and the same along the matrices between them; what a neuron reads and writes; noise on the weights, neurons
// that are silent, another order of neurons, another network.
import { element, picture } from "../dom.js";
import { groupOf, signed } from "../matrix/words.js";
import { indexOf, themeOf } from "../palette/palette.js";
import { createMatrices, READ } from "./matrices.js";
import { networkOf } from "./network.js";

const ROW = 15; // pixels
const GAP = 4;
const LARGEST = 14; // pixels of a cell's width
const LABEL = 88; // pixels, for the name of a row

// Names of the rows.
export const rowNames = (widths) =>
  widths.map((_, i) =>
    i === 0 ? "observation" : i === widths.length - 1 ? "action" : `hidden layer ${i}`,
  );

const sizeOf = (count, width) => Math.min(LARGEST, (width - LABEL) / count);

// The cell of a row, or null.
export const cellAt = (widths, width, x, y) => {
  const row = Math.floor(y / (ROW + GAP));
  if (row < 0 || row >= widths.length) return null;
  const cell = Math.floor((x - LABEL) / sizeOf(widths[row], width));
  return cell >= 0 && cell < widths[row] ? { row, cell } : null;
};

const AXES = ["x", "y", "z"];
// "goal z", "observation 17 (previous frame)"
export const inputName = (groups, index) => {
  const group = groupOf(groups, index);
  if (!group) return `observation ${index}`;
  const [name, start, end] = group;
  if (end - start === 1) return name;
  const place = index - start;
  return place < 3 ? `${name} ${AXES[place]}` : `${name}, number ${place + 1}`;
};

const listOf = (pairs, nameOf) =>
  pairs.map(([index, weight]) => `${nameOf(index)} (${signed(weight)})`).join(", ");

const OWN = "own";

// A choice of networks that may take over: `swap(network)`. Those that have come once are kept.
const addOthers = (tools, data, ask, swap) => {
  const names = Object.entries(data.others ?? {});
  if (!names.length || !ask) return { take: () => {} };
  const known = new Map([[OWN, networkOf(data.network)]]);
  const label = element("label", "", tools, "Network");
  const choice = element("select", "", label);
  for (const [name, title] of [[OWN, "As shown"], ...names])
    element("option", "", choice, title).value = name;
  const note = element("output", "", label);
  let waiting = null;
  const show = (name) => {
    waiting = null;
    note.textContent = "";
    swap(known.get(name));
  };
  choice.addEventListener("change", () => {
    const name = choice.value;
    if (known.has(name)) show(name);
    else {
      waiting = name;
      note.textContent = "is being written";
      ask(name);
    }
  });
  return {
    take: ({ other }) => {
      if (!other || known.has(other.name)) return;
      if (other.network) known.set(other.name, networkOf(other.network));
      if (waiting !== other.name) return;
      if (other.network) show(other.name);
      else {
        waiting = null;
        note.textContent = `It cannot be had: ${other.wrong}.`;
      }
    },
  };
};

// send(message) tells the worker; ask(name) the server, for one of `data.others`.
export const createInside = (root, data, send, ask) => {
  const box = element("details", "inside", root);
  element("summary", "", box, "Look inside the network");
  const body = element("div", "", box);
  const canvas = picture(body, "What the neurons say at this moment. Arrow keys choose one.");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const said = element("p", "said", body, "Click a neuron of a hidden layer.");
  said.setAttribute("role", "status");
  const tools = element("div", "tools", body);
  const quiet = element("button", "", tools, "Silence it");
  quiet.type = "button";
  quiet.disabled = true;
  const shuffle = element("button", "", tools, "Shuffle the neurons");
  shuffle.type = "button";
  const label = element("label", "", tools, "Noise on the weights");
  const noise = element("input", "", label);
  Object.assign(noise, { type: "range", min: 0, max: 100, step: 5, value: 0 });
  const amount = element("output", "", label, "0 %");
  label.title = "In hundredths of each matrix's standard deviation";
  const others = addOthers(tools, data, ask, (network) => {
    chosen = null;
    quiet.disabled = true;
    said.textContent = "Another network has taken over, in the middle of the motion.";
    send({ type: "swap", network, amount: Number(noise.value) / 100 });
  });
  const matrices = createMatrices(body);

  let state = null,
    theme = null,
    chosen = null, // {row, cell}
    asked = 0;
  const widths = [data.network.mean, ...data.network.layers.map(({ bias }) => bias)].map(
    (text) => (text.length * 3) / 4 / 4,
  );
  const counts = () => state?.values.map((layer) => layer.length) ?? widths.map(Math.floor);

  const draw = () => {
    asked = 0;
    if (!box.open || !state || !body.clientWidth) return;
    const now = counts();
    const ratio = window.devicePixelRatio || 1;
    const width = body.clientWidth;
    const height = now.length * (ROW + GAP);
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    theme ??= themeOf(root);
    const names = rowNames(now);
    context.font = `11px ${getComputedStyle(root).fontFamily}`;
    state.values.forEach((layer, row) => {
      const size = sizeOf(layer.length, width);
      const top = row * (ROW + GAP);
      const left = (i) => LABEL + i * size;
      context.fillStyle = `rgb(${theme.ink.join(" ")})`;
      context.fillText(names[row], 0, top + ROW - 4);
      layer.forEach((value, i) => {
        const pixel = theme.pixels[indexOf(value, row ? 1 : READ)];
        context.fillStyle = `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
        context.fillRect(left(i), top, size, ROW);
        if (state.silent[row - 1]?.[i]) {
          context.strokeStyle = `rgb(${theme.ink.join(" ")})`;
          context.beginPath();
          context.moveTo(left(i) + 1, top + 1);
          context.lineTo(left(i + 1) - 1, top + ROW - 1);
          context.stroke();
        }
      });
      context.strokeStyle = `rgb(${theme.ink.join(" ")} / 0.3)`;
      context.strokeRect(LABEL + 0.5, top + 0.5, size * layer.length - 1, ROW - 1);
      if (chosen?.row === row) {
        context.strokeStyle = theme.accent;
        context.lineWidth = 2;
        context.strokeRect(left(chosen.cell), top, size, ROW);
        context.lineWidth = 1;
      }
    });
    matrices.draw(state.values, theme, width);
    say();
  };
  const say = () => {
    if (!chosen || !state) return;
    const { row, cell } = chosen;
    const value = state.values[row][cell];
    const last = counts().length - 1;
    quiet.disabled = row === 0 || row === last;
    if (quiet.disabled) {
      const name = row ? `action ${data.actions[cell]}` : inputName(data.groups, cell);
      const unit = row ? "" : ", as the network reads it";
      said.textContent = `${name}: ${signed(value)}${unit}.`;
      return;
    }
    const silent = state.silent[row - 1][cell];
    quiet.textContent = silent ? "Let it speak" : "Silence it";
    const { reads, writes } = state.neuron ?? { reads: [], writes: [] };
    const from = (i) => (row === 1 ? inputName(data.groups, i) : `neuron ${i}`);
    const to = (i) => (row + 1 === last ? `action ${data.actions[i]}` : `neuron ${i}`);
    const now = silent ? "silent" : signed(value);
    said.textContent =
      `${rowNames(counts())[row]}, neuron ${cell}: ${now}. It reads most ${listOf(reads, from)}; ` +
      `it is read most by ${listOf(writes, to)}.`;
  };
  const want = () => {
    asked ||= requestAnimationFrame(draw);
  };
  const choose = (next) => {
    chosen = next;
    const { row, cell } = next;
    const hidden = row > 0 && row < counts().length - 1;
    send({ type: "choose", neuron: hidden ? { layer: row - 1, neuron: cell } : null });
    want();
  };

  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const found = cellAt(counts(), body.clientWidth, offsetX, offsetY);
    if (found) choose(found);
  });
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Enter" && !quiet.disabled) quiet.click();
    const move = moves[event.key];
    if (!move || !state) return;
    event.preventDefault();
    const now = counts();
    const from = chosen ?? { row: 1, cell: -1 };
    const row = Math.max(0, Math.min(now.length - 1, from.row + move[0]));
    choose({ row, cell: Math.max(0, Math.min(now[row] - 1, from.cell + move[1])) });
  });
  quiet.addEventListener("click", () => {
    const { row, cell } = chosen;
    const on = !state.silent[row - 1][cell];
    send({ type: "silence", layer: row - 1, neuron: cell, on });
  });
  shuffle.addEventListener("click", () => {
    chosen = null;
    said.textContent = "Another order of neurons: the robot does the same.";
    quiet.disabled = true;
    send({ type: "shuffle" });
  });
  noise.addEventListener("input", () => {
    amount.textContent = `${noise.value} %`;
    send({ type: "noise", amount: Number(noise.value) / 100 });
  });
  box.addEventListener("toggle", want);
  return {
    show: (now) => {
      state = now;
      want();
    },
    showWeights: (layers) => {
      matrices.setWeights(layers);
      want();
    },
    take: others.take,
    layOut: () => {
      theme = null;
      want();
    },
    close: () => cancelAnimationFrame(asked),
  };
};
