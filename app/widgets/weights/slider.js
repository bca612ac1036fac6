// The slider over the matrices that shuffles the neurons of the first network. The robot above is driven by the
// network as it was; that a network does the same in every order is computed here, for the order of the moment.
import { element } from "../dom.js";
import {
  exchangesTo,
  inputsOf,
  largestChange,
  layerOrders,
  movedIn,
  orderAfter,
} from "./shuffling.js";

const STATES = 64;

// 2e-16 as people write it.
const small = (value) => {
  if (!value) return "0";
  const [digit, exponent] = value.toExponential(0).split("e");
  return `${digit}\u00d710^${exponent}`;
};

// `onMove` is called after each change.
export const makeSlider = (parent, { order, activation }, layers, onMove) => {
  const bar = element("div", "shuffle", parent);
  bar.dataset.control = "";
  const label = element("label", "", bar);
  element("span", "", label, "Shuffle the neurons of the left network");
  const range = element("input", "", label);
  Object.assign(range, { type: "range", min: 0, max: 100, step: 1, value: 0 });
  const output = element("output", "", label, "0 %");
  const said = element("p", "", bar);
  said.setAttribute("role", "status");

  const exchanges = order.map((neurons) => exchangesTo(neurons));
  const inputs = inputsOf(STATES, layers[0].columns);
  const asItIs = layerOrders(layers, []);
  const neurons = order.reduce((sum, one) => sum + one.length, 0);
  let now = asItIs;

  const move = () => {
    const share = Number(range.value) / 100;
    const hidden = order.map((one, i) => orderAfter(one.length, exchanges[i], share));
    now = layerOrders(layers, hidden);
    output.textContent = `${range.value} %`;
    range.setAttribute("aria-valuetext", `${range.value} percent shuffled`);
    if (share === 0)
      said.textContent =
        "Drag: the picture falls apart, the robot does the same. It does not need the order of neurons; the model " +
        "that learns does.";
    else {
      const moved = hidden.reduce((sum, one) => sum + movedIn(one), 0);
      const change = small(largestChange(layers, asItIs, now, inputs, activation));
      said.textContent =
        `${moved} of ${neurons} neurons stand elsewhere. Computed just now for ${STATES} random states: ` +
        `no action changes by more than ${change}.`;
    }
    onMove();
  };
  range.addEventListener("input", move);
  return {
    bar,
    orders: () => now,
    percent: () => Number(range.value),
    set: (percent) => {
      range.value = percent;
      move();
    },
  };
};
