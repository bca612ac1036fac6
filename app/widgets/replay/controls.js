// What a recorded and a live robot are controlled with alike.
import { element } from "../dom.js";

const SPEEDS = [
  [0.25, "\u00bc speed"],
  [0.5, "\u00bd speed"],
  [1, "real time"],
  [2, "2 times"],
];
const CAMERAS = [
  ["film", "Film"],
  ["front", "Front"],
  ["side", "Side"],
  ["top", "Top"],
  ["hand", "Follow the hand"],
];

// A choice of speeds up to `fastest` times real time, at first `speed`.
export const addSpeeds = (parent, speed, fastest) => {
  const speeds = element("select", "", parent);
  speeds.setAttribute("aria-label", "Speed");
  for (const [value, text] of SPEEDS)
    if (value <= fastest) element("option", "", speeds, text).value = String(value);
  speeds.value = String(speed);
  return speeds;
};

// Buttons that look at the robot from elsewhere: `look(name)`, as scenery has it. Where nothing says what a camera
// could follow, none does.
export const addCameras = (parent, look, { follows }) => {
  const cameras = element("div", "cameras", parent);
  element("span", "", cameras, "Camera");
  for (const [name, text] of CAMERAS) {
    if (name === "hand" && !follows) continue;
    const button = element("button", "", cameras, text);
    button.type = "button";
    button.addEventListener("click", () => look(name));
  }
};
