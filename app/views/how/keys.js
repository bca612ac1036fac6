// Which key does what on "How it works". Nothing here touches the page.

// Where a press leads: in a lecture first to the answer, then to the next question; back in the same steps. A reader
// alone turns whole screens.
export const turned = ({ screen, shown, present }, by, count) => {
  if (present && by > 0 && !shown) return { screen, shown: true, present };
  if (present && by < 0 && shown) return { screen, shown: false, present };
  const to = screen + by;
  if (to < 1 || to > count) return { screen, shown, present };
  return { screen: to, shown: present && by < 0, present };
};

const FORWARDS = new Set(["PageDown", "ArrowRight", "ArrowDown", " "]);
const BACKWARDS = new Set(["PageUp", "ArrowLeft", "ArrowUp"]);

/**
 * What a key asks for: "next", "back", "leave", "full", "code", or null where it is not ours.
 *
 * Page keys, and so remote controls, always turn. Arrows, Space and letters do so in a lecture, unless they belong to
 * what has the focus: text that is written, a menu that is open, or a control that was reached with Tab. A control that
 * was only clicked or dragged does not keep them.
 *
 * @param {{key: string, shift: boolean, other: boolean}} press other: Ctrl, Alt or Meta is held
 * @param {{present: boolean, kind: "page"|"text"|"menu"|"control", byKeyboard: boolean}} focus
 */
export const asked = ({ key, shift, other }, { present, kind, byKeyboard }) => {
  if (other) return null;
  if (key === "PageDown") return "next";
  if (key === "PageUp") return "back";
  if (!present || kind === "text" || kind === "menu") return null;
  if (key === "Escape") return "leave";
  if (kind === "control" && byKeyboard) return null;
  if (key === " " && shift) return "back";
  if (FORWARDS.has(key)) return "next";
  if (BACKWARDS.has(key)) return "back";
  if (key === "f") return "full";
  if (key === "q") return "code";
  return null;
};

const TEXT =
  "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, [contenteditable=true]";
const MENU = "[role=listbox], [role=option], [role=menu], [role=combobox], [role=dialog]";
const CONTROL =
  "button, input, select, a, summary, canvas, video, [role=slider], [role=radio], [tabindex]";

// What kind of part an element is.
export const kindOf = (part) => {
  if (!part?.matches) return "page";
  if (part.matches(TEXT)) return "text";
  if (part.closest(MENU)) return "menu";
  if (part.matches("section, main, body, [data-testid=stMain]")) return "page";
  return part.closest(CONTROL) ? "control" : "page";
};
