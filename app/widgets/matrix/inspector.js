// What is said about a cell beside it: a line that follows the pointer or the arrow keys, and a card that stays once
// the cell is clicked, or Enter is pressed.
import { element } from "../dom.js";
import { placeBeside } from "./geometry.js";

const GAP = 12; // CSS pixels between a cell and what is said of it

export const makeInspector = (root) => {
  const tip = element("div", "tip", root);
  const card = element("section", "pinned", root);
  for (const part of [tip, card]) {
    part.dataset.control = ""; // no part of a saved figure
    part.hidden = true;
  }
  tip.setAttribute("aria-hidden", "true"); // the figure's status says the same
  card.setAttribute("aria-label", "Pinned weight");

  const place = (part, box) => {
    part.hidden = false;
    const outer = root.getBoundingClientRect();
    const cell = { ...box, left: box.left - outer.left, top: box.top - outer.top };
    const size = { width: part.offsetWidth, height: part.offsetHeight };
    const { left, top } = placeBeside(cell, size, { width: root.clientWidth }, GAP);
    part.style.left = `${left}px`;
    part.style.top = `${top}px`;
  };

  return {
    // `box` of the cell in the window.
    say: (text, box) => {
      tip.textContent = text;
      place(tip, box);
    },
    hush: () => {
      tip.hidden = true;
    },
    // A heading, and name and text of each line under it.
    pin: (heading, lines, box, onClose) => {
      tip.hidden = true;
      card.replaceChildren();
      const head = element("div", "head", card);
      element("b", "", head, heading);
      const close = element("button", "", head, "Close");
      close.type = "button";
      close.addEventListener("click", onClose);
      const list = element("dl", "", card);
      for (const [name, text] of lines) {
        element("dt", "", list, name);
        element("dd", "", list, text);
      }
      place(card, box);
    },
    unpin: () => {
      card.hidden = true;
    },
  };
};
