// A robot that runs as long as somebody watches: steps in time, tries and successes, and what the visitor does.
// Needs no page; the worker gives it the time.
import { MLP } from "./mlp.js";
import { drawStart, Scene } from "./scene.js";

export const STEP_MS = 12.5; // of a control step
const HORIZON = 500; // control steps of a try from a reset, as in an episode
const LONGER = 1000; // of one that begins wherever the arm is
const LONGEST = 120; // ms of real time that are caught up with after a pause of the browser
const REST = 80; // control steps from the end of a try to the next goal, where goals come by themselves

export class Simulation {
  // facts: of the scene; network: see `mlp.js`; start: {before, draw} of the first episode.
  constructor(mujoco, facts, network, start, random = Math.random) {
    this.scene = new Scene(mujoco, facts);
    this.network = new MLP(network);
    this.random = random;
    this.first = start;
    this.playing = false;
    this.speed = 1;
    this.debt = 0;
    this.tries = 0;
    this.successes = 0;
    this.endless = false; // goals come one after another
    this.held = null; // the handle that is being moved
    this.away = false; // whether the task was not done at some moment while it was
    this.begin();
    this.reset();
  }

  // --- Tries ---------------------------------------------------------------------------------------

  // The episode from its beginning: with `start`, from another one.
  reset(start = this.start ?? this.first) {
    this.forget();
    this.start = start;
    this.held = null;
    this.debt = 0;
    this.scene.reset(start);
    this.steps = 0;
    this.begin();
  }
  another() {
    const draw = drawStart(this.scene.facts.space, this.random);
    this.reset({ before: draw, draw });
  }
  // A try begins.
  begin() {
    this.limit = this.steps ? LONGER : HORIZON;
    this.since = 0;
    this.success = null; // after how many steps of this try
    this.failed = false;
    this.counts = false;
  }
  judge() {
    if (this.held && this.held !== "arm") {
      this.away ||= !this.scene.done;
      return;
    }
    if (this.scene.busy) {
      this.since = 0;
      return;
    }
    // What is done already when it begins does not count as a try, unless it was undone while a thing was moved; at a
    // reset, some of it is seen one step late.
    if (this.since === 1) {
      this.counts = this.away || !this.scene.done;
      this.away = false;
      if (this.counts) this.tries++;
    }
    if (!this.counts) return;
    if (this.success === null && !this.failed && this.scene.done) {
      this.success = this.since;
      this.successes++;
    } else if (this.success === null && this.since >= this.limit) this.failed = true;
    if (!this.endless || (this.success === null && !this.failed)) return;
    if (this.since - (this.failed ? this.limit : this.success) >= REST) this.another();
  }

  // --- What the visitor does -----------------------------------------------------------------------

  move(name, to) {
    if (this.held !== name) {
      this.held = name;
      this.away = false;
      if (name !== "arm") this.forget();
    }
    this.scene.move(name, to);
  }
  letGo() {
    const name = this.held;
    if (!name) return;
    this.held = null;
    this.scene.letGo(name);
    // Who pushes the arm sets no other task.
    if (name !== "arm") this.begin();
  }
  // What is under way ends without having been decided: it was not a try.
  forget() {
    if (this.counts && this.success === null && !this.failed) this.tries--;
    this.counts = false;
  }
  undo() {
    this.forget();
    this.scene.undo();
    this.begin();
  }

  // --- Time ----------------------------------------------------------------------------------------

  step() {
    this.scene.step(this.network.act(this.scene.observation));
    this.steps++;
    this.since++;
    this.judge();
  }
  // So much real time has gone by. Returns how many steps were made.
  advance(milliseconds) {
    if (!this.playing) return 0;
    this.debt += Math.min(LONGEST, milliseconds) * this.speed;
    let made = 0;
    for (; this.debt >= STEP_MS; made++) {
      this.step();
      this.debt -= STEP_MS;
    }
    return made;
  }

  // What a page shows; `poses` is filled.
  state(poses) {
    const { scene } = this;
    return {
      poses: scene.writePoses(poses),
      hand: scene.bodyPlace("hand"),
      handles: Object.fromEntries(scene.handles.map(({ name, where }) => [name, where(scene)])),
      playing: this.playing,
      steps: this.steps,
      since: this.since,
      success: this.success,
      failed: this.failed,
      limit: this.limit,
      done: scene.done,
      led: scene.led !== null,
      tries: this.tries,
      successes: this.successes,
      values: this.network.values,
    };
  }
  close() {
    this.scene.close();
  }
}
