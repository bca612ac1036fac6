// What the visitor moves: the kind, the slider, the switch, and the robot on the line between two networks.
import { element } from "../../widgets/dom.js";

const FRACTIONS = ["0", "\u00bc", "\u00bd", "\u00be", "1"];

// The bar of controls; every change calls `onChange` with what changed.
export const makeControls = (root, onChange) => {
  const bar = element("div", "bar", root);
  bar.dataset.control = "";
  const kinds = element("div", "kinds", bar);
  kinds.setAttribute("role", "radiogroup");
  kinds.setAttribute("aria-label", "Kind of networks");
  const slide = element("label", "slide", bar);
  element("span", "", slide, "Neurons shuffled");
  const range = element("input", "", slide);
  Object.assign(range, { type: "range", min: 0, max: 20, step: 1, value: 0 });
  const output = element("output", "", slide, "0 %");
  const match = element("label", "match", bar);
  const box = element("input", "", match);
  Object.assign(box, { type: "checkbox" });
  box.setAttribute("role", "switch");
  element("span", "", match, "Align by matching");
  range.addEventListener("input", () => onChange({ step: Number(range.value) }));
  box.addEventListener("change", () => onChange({ matched: box.checked }));
  return {
    show: (data, state, kind) => {
      if (kinds.dataset.of !== data.kinds.map(({ title }) => title).join()) {
        kinds.dataset.of = data.kinds.map(({ title }) => title).join();
        kinds.replaceChildren();
        data.kinds.forEach((one) => {
          const label = element("label", "", kinds);
          const input = element("input", "", label);
          Object.assign(input, { type: "radio", name: "alignment-kind", value: one.kind });
          input.addEventListener("change", () => onChange({ kind: one.kind }));
          element("span", "", label, one.title);
        });
      }
      kinds.querySelectorAll("input").forEach((input) => {
        input.checked = input.value === state.kind;
      });
      const fractions = kind.measured ? kind.measured.fractions : [0];
      range.max = fractions.length - 1;
      range.disabled = box.disabled = !kind.measured;
      range.value = state.step;
      box.checked = state.matched;
      const percent = `${Math.round(100 * fractions[state.step])} %`;
      output.textContent = kind.measured ? percent : "measuring";
      range.setAttribute("aria-valuetext", `${percent} of hidden neurons shuffled`);
    },
  };
};

// Which networks the line joins, and what those along it do: they drive the robot, or read pictures.
export const makeDrive = (figure, onChange, onDrive) => {
  const box = element("div", "drive", figure);
  box.dataset.control = "";
  const label = element("label", "", box, "Network 1 to ");
  const select = element("select", "", label);
  const button = element("button", "", box);
  const results = element("div", "results", figure);
  results.dataset.control = "";
  button.type = "button";
  select.addEventListener("change", () => onChange({ pair: Number(select.value) }));
  button.addEventListener("click", onDrive);
  return {
    show: (data, state, kind) => {
      const possible = kind.measured && kind.measured.shuffled.loss[0].length > 0;
      box.hidden = !possible;
      results.hidden = !possible;
      if (!possible) return;
      button.textContent = data.reads
        ? "Read pictures at five points"
        : "Drive the robot at five points";
      select.replaceChildren();
      kind.networks.slice(1).forEach((network, index) => {
        const option = element("option", "", select, `${index + 2} (${network.label})`);
        option.value = index + 1;
      });
      select.value = state.pair;
      const same = (drive) =>
        ["kind", "step", "pair"].every((name) => drive[name] === state[name]) &&
        drive.realigned === state.matched;
      const drive = data.drives.find(same);
      results.replaceChildren();
      button.disabled = Boolean(drive);
      if (!drive) {
        element(
          "p",
          "",
          results,
          data.reads
            ? "Right answers at 0, \u00bc, \u00bd, \u00be and 1 of the line, three test pictures each."
            : "Success at 0, \u00bc, \u00bd, \u00be and 1 of the line, three goals each.",
        );
        return;
      }
      if (!drive.solved) {
        element("p", "", results, "At work; the page says how far it is.");
        return;
      }
      drive.solved.forEach((solved, index) => {
        const cell = element("span", solved === 3 ? "good" : solved === 0 ? "bad" : "", results);
        element("b", "", cell, `${solved}/3`);
        element("i", "", cell, `at ${FRACTIONS[index]}`);
      });
    },
  };
};
