// A robot that this browser runs itself, with its controls: physics and network in a worker, drawn by the 3D view.
// `live.py` says what `data` holds.
import { element } from "../dom.js";
import { members } from "../films/phase.js";
import { addCameras, addSpeeds } from "../replay/controls.js";
import { Known, LOST } from "../replay/failures.js";
import { createInside } from "./inside.js";
import { networkOf } from "./network.js";
import { drawStart } from "./scene.js";
import { createLiveView } from "./view.js";
import workerScript from "./worker.js?text";

const STEPS_PER_SECOND = 80;
// Robots there get the same of all that a visitor does, and are seen from the same place.
const COMPARED = ".st-key-pair, .st-key-result";

const startWorker = () => {
  const address = URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }));
  // Not a module: browsers do not start those for a page that was opened from disk.
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
};

// How a try goes, in words.
export const sentenceOf = ({ steps, success, failed, limit, done, led }) => {
  const when = `step ${steps}, ${(steps / STEPS_PER_SECOND).toFixed(1)} s`;
  if (led) return `${when}, the hand is led back first`;
  if (success !== null) return `${when} \u2713 success after ${success} steps`;
  if (failed) return `${when} \u2717 not in ${limit} steps`;
  return done ? `${when} \u2713` : when;
};
export const countOf = ({ tries, successes }) =>
  `${successes} of ${tries} ${tries === 1 ? "try" : "tries"} succeeded, counted in this browser.`;

// `load()` promises what it is drawn with, and {module, script, facts} that it runs on; `fail(sentence)` is called where
// it cannot run; `ask(name)` for another network, one of `data.others`, which `take` then gets.
export const createRobot = (root, data, { load, fail, ask }) => {
  root.replaceChildren();
  const stage = element("div", "stage", root);
  const note = element("p", "", stage, "Loading the physics of the robot.");
  const hint = element("p", "hint", stage);
  const transport = element("div", "transport", root);
  const button = (name, text, act) => {
    const made = element("button", name, transport, text);
    made.type = "button";
    made.disabled = true;
    made.addEventListener("click", act);
    return made;
  };
  const all = []; // what cannot be used before the robot is there
  let view = null,
    worker = null,
    state = null,
    facts = null,
    closed = false,
    wanted = !matchMedia("(prefers-reduced-motion: reduce)").matches, // whether it is to move
    seen = true;
  const place = root.getRootNode().host?.closest(COMPARED);
  const company = place ? members(place) : new Set();
  const send = (message, transfer) => worker?.postMessage(message, transfer);
  // Also to the robots that are compared with this one.
  const tell = (message) => {
    send(message);
    for (const one of company) if (one !== me) one.obey?.(message);
  };
  const setWanted = (on) => {
    wanted = on;
    toggle.textContent = on ? "Pause" : "Play";
    send({ type: "play", on: on && seen });
  };
  const me = {
    obey: (message) => {
      if (message.type === "play") setWanted(message.on);
      else if (message.type === "step") {
        setWanted(false);
        send(message);
      } else send(message);
      if (message.type === "speed") speeds.value = String(message.speed);
      if (message.type === "endless") endless.checked = message.on;
    },
    look: (name) => view?.look(name),
    see: (place, target) => view?.see(place, target),
  };

  const toggle = button("toggle", wanted ? "Pause" : "Play", () => {
    setWanted(!wanted);
    for (const one of company) if (one !== me) one.obey?.({ type: "play", on: wanted });
  });
  const step = button("", "Step", () => {
    setWanted(false);
    tell({ type: "step" });
  });
  step.title = "One step of the network, an eightieth of a second";
  const reset = button("", "Reset", () => tell({ type: "reset" }));
  const another = button("", "Another goal", () => {
    const draw = drawStart(facts.space, Math.random);
    tell({ type: "another", start: { before: draw, draw } });
  });
  const undo = button("", "", () => tell({ type: "undo" }));
  undo.hidden = true;
  const speeds = addSpeeds(transport, 1, 2);
  speeds.addEventListener("change", () => tell({ type: "speed", speed: Number(speeds.value) }));
  all.push(toggle, step, reset, another, undo, speeds);
  const output = element("output", "", transport);
  const counted = element("div", "counted", root);
  const count = element("span", "", counted, countOf({ tries: 0, successes: 0 }));
  const label = element("label", "", counted);
  const endless = element("input", "", label);
  endless.type = "checkbox";
  label.append(" One goal after another");
  endless.addEventListener("change", () => tell({ type: "endless", on: endless.checked }));
  all.push(endless);
  for (const one of all) one.disabled = true;
  const others = () => [...company].filter((one) => one !== me);
  const lookAll = (name) => {
    view?.look(name);
    for (const one of others()) one.look?.(name);
  };
  addCameras(root, lookAll, { follows: true });

  const inside = createInside(root, data, send, ask);

  const show = (now) => {
    if (state) send({ type: "spare", poses: state.poses }, [state.poses.buffer]);
    state = now;
    view.show(now);
    inside.show(now);
    output.textContent = sentenceOf(now);
    count.textContent = countOf(now);
    root.dataset.steps = now.steps;
    root.dataset.successes = now.successes;
    root.dataset.tries = now.tries;
  };
  const ready = ({ handles, undoing }) => {
    note.remove();
    const things = handles.map(({ title }) => title);
    hint.textContent = `Drag a ring: ${things.slice(0, -1).join(", ")} or ${things.at(-1)}.`;
    stage.addEventListener("pointerdown", ({ target }) => {
      if (target.closest(".ring")) hint.remove();
    });
    view.addRings(handles);
    for (const one of all) one.disabled = false;
    undo.textContent = undoing ?? "";
    undo.hidden = !undoing;
    root.dataset.ready = "true";
  };
  const broke = (error) => {
    if (closed) return;
    console.warn(error);
    close();
    fail(error instanceof Known ? error.message : `The robot cannot run here (${error}).`);
  };
  const MESSAGES = {
    ready,
    state: show,
    weights: ({ layers }) => inside.showWeights(layers),
    failed: ({ text }) => broke(text),
  };

  load()
    .then(([library, live]) => {
      if (closed) return;
      facts = live.facts;
      // The worker gets its scene ready while the view is made here.
      worker = startWorker();
      worker.addEventListener("message", ({ data: message }) => {
        if (!closed) MESSAGES[message.type](message);
      });
      worker.addEventListener("error", ({ message }) =>
        broke(message ?? "its worker did not start"),
      );
      const begin = { type: "begin", ...live, network: networkOf(data.network), start: data.start };
      send({ ...begin, playing: wanted && seen });
      view = createLiveView(library, stage, data, facts, {
        move: (name, to) => tell({ type: "move", name, to }),
        letGo: () => tell({ type: "letGo" }),
        look: (place, target) => {
          for (const one of others()) one.see?.(place, target);
        },
        lost: () => {
          note.textContent = LOST;
          stage.prepend(note);
        },
      });
      company.add(me);
    })
    .catch(broke);

  // Off the screen nothing is computed.
  const look = () => {
    const now = !document.hidden && onScreen;
    if (now === seen) return;
    seen = now;
    send({ type: "play", on: wanted && seen });
  };
  let onScreen = true;
  const watcher = new IntersectionObserver(([entry]) => {
    onScreen = entry.isIntersecting;
    look();
  });
  watcher.observe(stage);
  document.addEventListener("visibilitychange", look);
  stage.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("button")) return;
    event.preventDefault();
    toggle.click();
  });
  const close = () => {
    closed = true;
    company.delete(me);
    watcher.disconnect();
    document.removeEventListener("visibilitychange", look);
    worker?.terminate();
    worker = null;
    view?.dispose();
    view = null;
    inside.close();
  };
  const layOut = () => {
    view?.layOut();
    inside.layOut();
  };
  return { layOut, close, take: inside.take };
};
