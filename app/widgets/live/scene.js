// One scene of Meta-World in MuJoCo's WebAssembly build: reset, observation, step, success, and what a visitor does
// to it. Needs no page: it runs in a worker, and in Node.js for the tests. After `SawyerXYZEnv` of `metaworld` 3.1.1
// (MIT); each step of that file that has an effect on what the network sees is here, in the same order.
import { TASKS } from "./tasks.js";

const SUBSTEPS = 5; // of 2.5 ms
const SETTLING = 50; // control steps with the hand held at its place, before an episode
const HAND_SPACE = [
  [-0.525, 0.348, -0.0525],
  [0.525, 1.025, 0.7],
];
const MOCAP_SPACE = [
  [-0.5, 0.4, 0.05],
  [0.5, 1, 0.5],
];
const HAND_TURN = [1, 0, 1, 0];
const ACTION_SCALE = Math.fround(0.01); // metres
// As `reset_mocap_welds` of the suite leaves the weld that leads the hand.
const WELD_ROWS = 6;
const WELD = [0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 5];
// What MuJoCo has turned on since 3.3.0, the version that Python runs.
const NEWER = ["mjDSBL_ISLAND", "mjDSBL_MULTICCD"];
// How far a joint goes in a step when a thing is undone: metres, radians.
const SLIDE = 0.005;
const TURN = 0.05;
const LONGEST_SWEEP = 60;
const LONGEST_LEAD = 150; // control steps that the hand is led back at most
const BACK = 0.02; // metres from its place at which it is there
const WRIST = 0.11; // metres above the middle of the hand
// A spring from the hand to where a visitor pulls it.
const PULL = 220; // N/m
const STRONGEST = 45; // N
const VIEWS = [
  "qpos",
  "qvel",
  "ctrl",
  "mocap_pos",
  "mocap_quat",
  "qacc",
  "qacc_warmstart",
  "xpos",
  "xquat",
];
const MORE_VIEWS = [
  "geom_xpos",
  "geom_xmat",
  "site_xpos",
  "site_xmat",
  "xfrc_applied",
  "xaxis",
  "xanchor",
];

const clip = (value, low, high) => Math.min(high, Math.max(low, value));
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const minus = (a, b) => a.map((value, i) => value - b[i]);
const dot = (a, b) => a.reduce((total, value, i) => total + value * b[i], 0);
const cross = ([a, b, c], [x, y, z]) => [b * z - c * y, c * x - a * z, a * y - b * x];

// The quaternion x, y, z, w of the 3 x 3 matrix that begins at `from`, by the largest of its parts, as SciPy does.
export const turnOf = (matrix, from = 0) => {
  const m = (row, column) => matrix[from + 3 * row + column];
  const parts = [m(0, 0), m(1, 1), m(2, 2), m(0, 0) + m(1, 1) + m(2, 2)];
  const most = parts.indexOf(Math.max(...parts));
  let q;
  if (most === 3) q = [m(2, 1) - m(1, 2), m(0, 2) - m(2, 0), m(1, 0) - m(0, 1), 1 + parts[3]];
  else {
    const [i, j, k] = [most, (most + 1) % 3, (most + 2) % 3];
    q = [0, 0, 0, m(k, j) - m(j, k)];
    q[i] = 1 - parts[3] + 2 * m(i, i);
    q[j] = m(j, i) + m(i, j);
    q[k] = m(k, i) + m(i, k);
  }
  const length = Math.hypot(...q);
  return q.map((value) => value / length);
};

// Where things stand at the start, drawn as Meta-World draws: evenly, again while they are too close together.
export const drawStart = ({ low, high, apart }, random) => {
  for (;;) {
    const draw = low.map((value, i) => value + random() * (high[i] - value));
    if (!apart || Math.hypot(draw[0] - draw[3], draw[1] - draw[4]) >= apart) return draw;
  }
};

export class Scene {
  // `mujoco`: the loaded module; `facts`: of the task, as `app/make/live.py` writes them.
  constructor(mujoco, facts) {
    this.mujoco = mujoco;
    this.facts = facts;
    this.task = TASKS[facts.task];
    if (!this.task) throw new Error(`${facts.task} cannot be run here`);
    this.model = mujoco.MjModel.from_xml_string(facts.xml);
    for (const flag of NEWER) this.model.opt.disableflags |= mujoco.mjtDisableBit[flag]?.value ?? 0;
    this.model.eq_data.set(WELD);
    this.data = new mujoco.MjData(this.model);
    this.ids = new Map();
    this.pulled = null; // where a visitor pulls the hand to
    this.goal = [0, 0, 0];
    this.slide = mujoco.mjtJoint.mjJNT_SLIDE.value;
    this.sweep = null; // the joint that is being moved back
    this.led = null; // what happens once the hand, which is led back, is at its place
    this.shift = 0; // how much higher than it is the network sees the goal
    this.look();
  }

  // Arrays on the memory of MuJoCo; they are of no use any more when that has grown.
  look() {
    for (const name of [...VIEWS, ...MORE_VIEWS]) this[name] = this.data[name];
    this.body_pos = this.model.body_pos;
    this.site_pos = this.model.site_pos;
  }

  id(kind, name) {
    const key = `${kind}/${name}`;
    if (!this.ids.has(key)) {
      const { mujoco, model } = this;
      const id = mujoco.mj_name2id(model, mujoco.mjtObj[`mjOBJ_${kind}`].value, name);
      if (id < 0) throw new Error(`${this.facts.task} has no ${key}`);
      this.ids.set(key, id);
    }
    return this.ids.get(key);
  }
  three(array, index) {
    return [array[3 * index], array[3 * index + 1], array[3 * index + 2]];
  }
  bodyPlace(name) {
    return this.three(this.xpos, this.id("BODY", name));
  }
  bodyTurn(name) {
    const at = 4 * this.id("BODY", name);
    return [...this.xquat.subarray(at, at + 4)];
  }
  geomPlace(name) {
    return this.three(this.geom_xpos, this.id("GEOM", name));
  }
  geomTurn(name) {
    return turnOf(this.geom_xmat, 9 * this.id("GEOM", name));
  }
  sitePlace(name) {
    return this.three(this.site_xpos, this.id("SITE", name));
  }
  siteTurn(name) {
    return turnOf(this.site_xmat, 9 * this.id("SITE", name));
  }
  fingers() {
    const [right, left] = ["rightEndEffector", "leftEndEffector"].map((name) =>
      this.sitePlace(name),
    );
    return right.map((value, i) => (value + left[i]) / 2);
  }

  setJoint(at, values) {
    this.qpos.set(values, at);
  }
  stopJoint(at, count) {
    this.qvel.fill(0, at, at + count);
  }
  setJointNamed(name, value) {
    this.qpos[this.model.jnt_qposadr[this.id("JOINT", name)]] = value;
  }
  holdJoint(name, value) {
    this.setJointNamed(name, value);
    this.qvel[this.model.jnt_dofadr[this.id("JOINT", name)]] = 0;
  }
  // Move a joint there step by step, as a hand would, which moves away what is in its way.
  sweepJoint(name, value) {
    this.sweep = { name, value, steps: 0 };
  }
  // The same, after the hand has been led back to where it is at the start, as whoever opens a drawer first takes away
  // what leans over it.
  sweepFromRest(name, value) {
    this.led = { name, value, steps: 0 };
  }
  get busy() {
    return this.sweep !== null || this.led !== null;
  }
  // What the hand's place becomes instead of what the network wants; null where the network has it.
  leadOn() {
    if (!this.led) return null;
    const there = distance(this.bodyPlace("hand"), this.task.hand) < BACK;
    if (this.led.steps++ === LONGEST_LEAD || there) {
      if (!this.led.begun) this.sweepJoint(this.led.name, this.led.value);
      this.led.begun = true;
    }
    // It stays there until the joint has been moved.
    if (this.led.begun && !this.sweep) this.led = null;
    return this.led && minus(this.task.hand, [...this.mocap_pos]).map((by) => by / ACTION_SCALE);
  }
  sweepOn() {
    if (!this.sweep) return;
    const { name, value } = this.sweep;
    const now = this.qpos[this.model.jnt_qposadr[this.id("JOINT", name)]];
    const most = this.model.jnt_type[this.id("JOINT", name)] === this.slide ? SLIDE : TURN;
    const left = value - now;
    // An arm that pushes harder gives way at last.
    const over = Math.abs(left) <= most || ++this.sweep.steps > LONGEST_SWEEP;
    this.holdJoint(name, over ? value : now + clip(left, -most, most));
    if (over) this.sweep = null;
  }
  standBody(name, place) {
    this.body_pos.set(place, 3 * this.id("BODY", name));
  }
  setGoal(place, marked = true) {
    this.goal = [...place];
    if (marked) this.site_pos.set(place, 3 * this.id("SITE", "goal"));
  }
  // Turn or slide a joint so that a point that goes with it comes as near to another as it can.
  followWithJoint(name, from, to) {
    const joint = this.id("JOINT", name);
    const axis = this.three(this.xaxis, joint);
    let change = dot(minus(to, from), axis);
    if (this.model.jnt_type[joint] === this.mujoco.mjtJoint.mjJNT_HINGE.value) {
      const anchor = this.three(this.xanchor, joint);
      const [a, b] = [minus(from, anchor), minus(to, anchor)];
      const flatten = (v) =>
        minus(
          v,
          axis.map((value) => value * dot(v, axis)),
        );
      const [p, q] = [flatten(a), flatten(b)];
      change = Math.atan2(dot(cross(p, q), axis), dot(p, q));
    }
    const [low, high] = this.model.jnt_range.subarray(2 * joint, 2 * joint + 2);
    const now = this.qpos[this.model.jnt_qposadr[joint]];
    this.holdJoint(name, clip(now + change, low, high));
  }

  forward() {
    this.mujoco.mj_forward(this.model, this.data);
    // As `mj_forward` itself did before MuJoCo 3.3.6.
    this.qacc_warmstart.set(this.qacc);
  }
  simulate(right, left) {
    this.ctrl[0] = right;
    this.ctrl[1] = left;
    for (let i = 0; i < SUBSTEPS; i++) {
      this.mujoco.mj_step1(this.model, this.data);
      this.weldAsBefore();
      this.mujoco.mj_step2(this.model, this.data);
    }
  }
  // The acceleration that the weld, the first constraint, asks for, as MuJoCo computed it before 3.7: now it takes the
  // change of the weld's Jacobian into account as well, which moves the hand by a millimetre.
  weldAsBefore() {
    const { efc_aref, efc_vel, efc_pos, efc_KBIP } = this.data;
    for (let i = 0; i < WELD_ROWS; i++) {
      const [stiffness, damping, impedance] = efc_KBIP.subarray(4 * i, 4 * i + 3);
      efc_aref[i] = -damping * efc_vel[i] - stiffness * impedance * efc_pos[i];
    }
  }

  // Begin an episode. A reset of the suite draws twice, and what has stood somewhere else since the first draw is seen
  // there until the first step: `before` is the first draw. Returns the observation.
  reset({ draw, before = draw }) {
    this.mujoco.mj_resetData(this.model, this.data);
    this.look();
    this.draw = [...draw];
    this.shift = 0;
    this.pulled = null;
    this.sweep = null;
    this.led = null;
    this.settled = 0;
    this.task.stand(this, before);
    for (let i = 0; i < SETTLING; i++) {
      this.mocap_pos.set(this.task.hand);
      this.mocap_quat.set(HAND_TURN);
      this.simulate(-1, 1);
    }
    this.task.start(this, draw);
    this.frame = this.observeFrame();
    this.before = this.frame;
    return this.observe();
  }
  observeFrame() {
    const gap = distance(this.bodyPlace("rightclaw"), this.bodyPlace("leftclaw"));
    const object = this.task.object(this);
    while (object.length < 14) object.push(0);
    return [...this.bodyPlace("hand"), clip(gap / 0.1, 0, 1), ...object];
  }
  clipped(observation) {
    const [low, high] = this.task.goals;
    for (let i = 0; i < 3; i++) {
      for (const at of [0, 18])
        observation[at + i] = clip(observation[at + i], HAND_SPACE[0][i], HAND_SPACE[1][i]);
      observation[36 + i] = clip(observation[36 + i], low[i], high[i]);
    }
    return observation;
  }

  // One control step, 12.5 ms. Returns the observation; `done` says whether the task is done then.
  step(action) {
    if (!this.qpos.length) this.look();
    const way = this.leadOn() ?? action;
    for (let i = 0; i < 3; i++) {
      const move = Math.fround(Math.fround(clip(way[i], -1, 1)) * ACTION_SCALE);
      this.mocap_pos[i] = clip(this.mocap_pos[i] + move, MOCAP_SPACE[0][i], MOCAP_SPACE[1][i]);
    }
    this.mocap_quat.set(HAND_TURN);
    this.pull();
    this.sweepOn();
    this.simulate(action[3], -action[3]);
    this.forward();
    this.before = this.frame;
    this.frame = this.observeFrame();
    return this.observe();
  }
  // What the network sees: the frame of now, that of the step before, and the goal.
  observe() {
    this.observation = this.clipped([...this.frame, ...this.before, ...this.goal]);
    this.observation[38] += this.shift;
    return this.observation;
  }
  get done() {
    return this.task.done(this, this.observation);
  }

  // The force of a visitor's pull on the hand.
  pull() {
    const hand = this.id("BODY", "hand");
    const force = [0, 0, 0];
    if (this.pulled) {
      const by = minus(this.pulled, this.wrist());
      const strength = Math.min(PULL, STRONGEST / (Math.hypot(...by) || 1));
      by.forEach((value, i) => {
        force[i] = value * strength;
      });
    }
    this.xfrc_applied.set(force, 6 * hand);
  }

  // Where a visitor takes the arm: above the hand, where no goal and no thing is in the way.
  wrist() {
    const [x, y, z] = this.bodyPlace("hand");
    return [x, y, z + WRIST];
  }
  get handles() {
    const arm = {
      name: "arm",
      title: "the arm",
      where: (scene) => scene.wrist(),
      move: (scene, to) => {
        scene.pulled = to;
      },
      letGo: (scene) => {
        scene.pulled = null;
      },
    };
    return [...this.task.handles, arm];
  }
  // Move what a visitor holds. What was moved is seen at the next step.
  move(name, to) {
    const handle = this.handles.find((one) => one.name === name);
    handle.move(this, to);
    this.after();
    return handle;
  }
  letGo(name) {
    this.handles.find((one) => one.name === name)?.letGo?.(this);
  }
  undo() {
    this.task.undo?.(this);
    this.after();
  }
  // Places and observation follow at once, so that a robot that is paused shows what was done, and what is undone is
  // not taken for done.
  after() {
    if (this.task.hangs) this.shift = this.task.hangs;
    this.forward();
    this.frame = this.observeFrame();
    this.observe();
  }

  // Places (3) and turns (9, row by row) of all that is drawn, into `poses`, 12 numbers each.
  writePoses(poses) {
    let at = 0;
    const write = (places, turns, index) => {
      for (let i = 0; i < 3; i++) poses[at++] = places[3 * index + i];
      for (let i = 0; i < 9; i++) poses[at++] = turns[9 * index + i];
    };
    for (const geom of this.facts.geoms) write(this.geom_xpos, this.geom_xmat, geom);
    for (const site of this.facts.sites) write(this.site_xpos, this.site_xmat, site);
    return poses;
  }
  close() {
    this.data.delete();
    this.model.delete();
  }
}
