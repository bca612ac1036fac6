// One episode in 3D: the poses are here already, the meshes and three.js come from this server once.
// `replay.py` says what `data` holds.
import { element } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { load } from "./library.js";
import { createViewer } from "./viewer.js";

const SPEEDS = [
  ["0.25", "\u00bc speed"],
  ["0.5", "\u00bd speed"],
  ["1", "real time"],
];
const CAMERAS = [
  ["film", "Film"],
  ["front", "Front"],
  ["side", "Side"],
  ["top", "Top"],
  ["hand", "Follow the hand"],
];

// The stage and its controls for one recording.
const makeStage = (root, data) => {
  root.replaceChildren();
  const stage = element("div", "stage", root);
  const note = element("p", "", stage, "Loading the robot.");
  const transport = element("div", "transport", root);
  const toggle = element("button", "toggle", transport, "Play");
  toggle.type = "button";
  const range = element("input", "", transport);
  Object.assign(range, { type: "range", min: 0, max: data.count - 1, step: 1, value: 0 });
  range.setAttribute("aria-label", "Step of the episode");
  const output = element("output", "", transport);
  const speeds = element("select", "", transport);
  speeds.setAttribute("aria-label", "Speed");
  SPEEDS.forEach(([value, text]) => {
    element("option", "", speeds, text).value = value;
  });
  speeds.value = "0.5";
  const cameras = element("div", "cameras", root);
  element("span", "", cameras, "Camera");
  let viewer = null,
    closed = false;

  const show = (frame, playing) => {
    const step = Math.round(frame * data.stepsPerPose);
    const when = (frame / data.posesPerSecond).toFixed(1);
    const done = data.success && step >= data.steps ? " \u2713" : "";
    range.value = Math.round(frame);
    range.setAttribute("aria-valuetext", `step ${step}, ${when} s`);
    output.textContent = `step ${step}, ${when} s${done}`;
    toggle.textContent = playing ? "Pause" : "Play";
  };
  show(0, false);
  const setPlaying = (on) => {
    if (!viewer) return;
    if (on) viewer.play();
    else viewer.pause();
    toggle.textContent = on ? "Pause" : "Play";
  };
  toggle.addEventListener("click", () => setPlaying(!viewer?.playing));
  range.addEventListener("input", () => {
    const to = Number(range.value); // pausing shows, and so sets, where it was
    if (viewer) {
      setPlaying(false);
      viewer.seek(to);
    }
  });
  speeds.addEventListener("change", () => viewer?.setSpeed(Number(speeds.value)));
  // Where nothing says what a camera could follow, none does.
  CAMERAS.filter(([name]) => name !== "hand" || data.hand.length).forEach(([name, text]) => {
    const button = element("button", "", cameras, text);
    button.type = "button";
    button.addEventListener("click", () => viewer?.look(name));
  });
  stage.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      setPlaying(!viewer?.playing);
    }
  });

  load()
    .then((library) => {
      if (closed) return;
      viewer = createViewer(library, stage, data, show);
      note.remove();
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) setPlaying(true);
    })
    .catch(() => {
      note.textContent =
        "This browser cannot draw in 3D (it needs WebGL); the film shows the same.";
    });
  return {
    layOut: () => viewer?.layOut(),
    close: () => {
      closed = true;
      viewer?.dispose();
      viewer = null;
    },
  };
};

const build = (root) => {
  let stage = null;
  const close = () => {
    stage?.close();
    stage = null;
  };
  return {
    show: (data, _call, same) => {
      if (same && stage) return;
      close();
      root.dataset.task = data.task;
      stage = makeStage(root, data);
    },
    layOut: () => stage.layOut(),
    close,
  };
};

export default livingPart("replay", build);
