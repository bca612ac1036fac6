// One episode in 3D: the poses are here already, the meshes and three.js come from this server once.
// `replay.py` says what `data` holds.
import { element } from "../dom.js";
import { members } from "../films/phase.js";
import { livingPart, remade } from "../lifecycle.js";
import { addCameras, addSpeeds } from "./controls.js";
import { LOST, sentenceOf } from "./failures.js";
import { loadFor } from "./library.js";
import { createViewer } from "./viewer.js";

// A 3D view takes a browser without a GPU half a second: what is drawn faster comes first.
const LATEST = 1500; // ms
const rest = () =>
  new Promise((resolve) => {
    if (window.requestIdleCallback) requestIdleCallback(resolve, { timeout: LATEST });
    else setTimeout(resolve);
  });

const OTHER_KIND = "[class*=st-key-robot_kind_] [role=radio][aria-checked=false]"; // `robot.py` names it
const COMPARED = ".st-key-pair"; // the place of robots that show the same moment

// The other 3D views that are compared with one in this root; the one itself included.
const companyOf = (root) => {
  const place = root.getRootNode().host?.closest(COMPARED);
  return place ? members(place) : new Set();
};

// The stage and its controls for one recording.
const makeStage = (root, data) => {
  root.dataset.task = data.task;
  root.replaceChildren();
  const stage = element("div", "stage", root);
  const still = data.still ? element("img", "", stage) : null;
  if (still)
    Object.assign(still, { src: data.still, alt: `The robot before it moves: ${data.title}.` });
  const note = element("p", "", stage, still ? "" : "Loading the robot.");
  const transport = element("div", "transport", root);
  const toggle = element("button", "toggle", transport, "Play");
  toggle.type = "button";
  const range = element("input", "", transport);
  Object.assign(range, { type: "range", min: 0, max: data.count - 1, step: 1, value: 0 });
  range.setAttribute("aria-label", "Step of the episode");
  const output = element("output", "", transport);
  const speeds = addSpeeds(transport, 0.5, 1);
  let viewer = null,
    closed = false;
  addCameras(root, (name) => viewer?.look(name), { follows: data.hand.length > 0 });
  const company = companyOf(root);
  const me = {
    count: data.count,
    get viewer() {
      return viewer;
    },
    get speed() {
      return Number(speeds.value);
    },
    // As another view was set.
    follow: (frame, playing) => {
      if (!viewer) return;
      if (viewer.playing) viewer.pause();
      viewer.seek(frame);
      if (playing) viewer.play();
      toggle.textContent = playing ? "Pause" : "Play";
    },
    setSpeed: (speed) => {
      speeds.value = String(speed);
      viewer?.setSpeed(speed);
    },
  };
  const others = () => [...company].filter((one) => one !== me && one.viewer);
  const tell = () => {
    for (const one of others()) one.follow(viewer.frame, viewer.playing);
  };
  const span = () => Math.max(data.count, ...[...company].map(({ count }) => count)) - 1;

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
  toggle.addEventListener("click", () => {
    setPlaying(!viewer?.playing);
    if (viewer) tell();
  });
  range.addEventListener("input", () => {
    const to = Number(range.value); // pausing shows, and so sets, where it was
    if (viewer) {
      setPlaying(false);
      viewer.seek(to);
      tell();
    }
  });
  speeds.addEventListener("change", () => {
    viewer?.setSpeed(Number(speeds.value));
    for (const one of others()) one.setSpeed(Number(speeds.value));
  });
  stage.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      setPlaying(!viewer?.playing);
      if (viewer) tell();
    }
  });

  const lost = () => {
    note.textContent = LOST;
    stage.prepend(note);
  };
  Promise.all([loadFor(data.shapes), rest()])
    .then(([library]) => {
      if (closed) return;
      viewer = createViewer(library, stage, data, { onFrame: show, span, lost });
      note.remove();
      const [first] = others();
      company.add(me);
      if (first) {
        me.setSpeed(first.speed);
        me.follow(first.viewer.frame, first.viewer.playing);
      } else if (!matchMedia("(prefers-reduced-motion: reduce)").matches) setPlaying(true);
    })
    .catch((error) => {
      if (closed) return;
      console.warn(error);
      viewer?.dispose();
      viewer = null;
      stage.replaceChildren(note);
      note.textContent = sentenceOf(error);
    });
  // Who wants to see the robot in another way does not wait for pictures of this one, which take a browser without a
  // GPU a fifth of a second each.
  const leave = ({ target, key }) => {
    if (key && key !== "Enter" && key !== " ") return;
    if (target.closest?.(OTHER_KIND)) viewer?.rest();
  };
  // Before the button hears of it, which is another one then.
  const ending = new AbortController();
  const first = { capture: true, signal: ending.signal };
  for (const type of ["pointerup", "keyup"]) window.addEventListener(type, leave, first);
  return {
    layOut: () => viewer?.layOut(),
    close: () => {
      closed = true;
      ending.abort();
      company.delete(me);
      viewer?.dispose();
      viewer = null;
    },
  };
};

export default livingPart("replay", remade(makeStage));
