// What each of Meta-World's ten MT10 tasks adds to the robot that all have in common: where things stand at the
// start, what the network sees of them, when the task is done, and what a visitor can move. After the environments of
// `metaworld` 3.1.1 (MIT). A `scene` is that of `scene.js`; lengths are metres, angles radians.

const sum = (a, b) => a.map((value, i) => value + b[i]);
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const seen = (observation) => observation.slice(4, 7);

// The joint of the one loose thing is behind the nine of the arm.
const LOOSE = 9;
const NO_TURN = [0, 0, 0, 0];
const WORKSPACE = [
  [-0.5, 0.4, 0.05],
  [0.5, 1, 0.5],
];

// --- What can be moved ----------------------------------------------------------------------------
// where(scene): place of the handle; move(scene, to): as near to `to` as it goes; `flat`: along the table.

const within = (point, [low, high]) =>
  point.map((value, i) => Math.min(high[i], Math.max(low[i], value)));

const goalHandle = (flat) => ({
  name: "goal",
  title: "the goal",
  flat,
  newGoal: true,
  where: (scene) => scene.goal,
  move: (scene, to) => scene.setGoal(within(to, scene.task.goals)),
});

// Something that lies loose on the table.
const looseHandle = (name, title, body, area) => ({
  name,
  title,
  flat: true,
  where: (scene) => scene.bodyPlace(body),
  move: (scene, to) => {
    const [x, y] = within(to, area);
    const z = scene.bodyPlace(body)[2];
    scene.setJoint(LOOSE, [x, y, z]);
    scene.stopJoint(LOOSE, 6);
  },
});

// A body that stands where the start's draw puts it; the goal goes with it.
const standingHandle = (name, title, body) => ({
  name,
  title,
  flat: true,
  newGoal: true,
  where: (scene) => scene.bodyPlace(body),
  move: (scene, to) => {
    const { low, high } = scene.facts.space;
    const at = low.length - 3;
    const [x, y] = within(to, [low.slice(at), high.slice(at)]);
    const draw = [...scene.draw.slice(0, at), x, y, scene.draw[at + 2]];
    scene.draw = draw;
    scene.task.stand(scene, draw);
  },
});

// A door, drawer or window: what its handle is moved by turns or slides the joint.
const jointHandle = (name, title, joint, where) => ({
  name,
  title,
  flat: true,
  where,
  move: (scene, to) => scene.followWithJoint(joint, where(scene), to),
});

// --- The tasks ------------------------------------------------------------------------------------
// hand: where it is held while the robot settles. goals: the box of goals, which observations are clipped to.
// stand(scene, draw): what the draw says of where things stand. start(scene, draw): and how they lie, at a reset.
// undo: puts the task back to undone; undoing: what its button says.

const PUCK_AREA = [
  [-0.2, 0.5, 0],
  [0.2, 0.92, 1],
];
const puckAt = (scene, place) => {
  scene.setJoint(LOOSE, place);
  scene.stopJoint(LOOSE, 6);
  scene.forward();
};
const puck = {
  hand: [0, 0.6, 0.2],
  goals: [
    [-0.1, 0.8, 0.05],
    [0.1, 0.9, 0.3],
  ],
  object: (scene) => [...scene.bodyPlace("obj"), ...scene.geomTurn("objGeom")],
  stand: (scene, draw) => scene.setGoal(draw.slice(3, 6)),
  start: (scene, draw) => {
    puck.stand(scene, draw);
    puckAt(scene, draw.slice(0, 3));
  },
  undo: (scene) => {
    scene.setJoint(LOOSE, [...scene.draw.slice(0, 3), 1, 0, 0, 0]);
    scene.stopJoint(LOOSE, 6);
  },
  undoing: "Put the puck back",
};

const drawer = (depth, height) => ({
  hand: [0, 0.6, 0.2],
  goals: WORKSPACE,
  stand: (scene, draw) => {
    scene.standBody("drawer", draw);
    scene.setGoal(sum(draw, [0, -0.16 - depth, 0.09]));
  },
  handles: [
    jointHandle("drawer", "the drawer", "goal_slidey", (scene) =>
      sum(scene.bodyPlace("drawer_link"), [0, -0.16, height]),
    ),
    standingHandle("cabinet", "the cabinet", "drawer"),
  ],
});
const drawerOpen = drawer(0.2, 0);
const drawerClose = drawer(0, 0.05);

const windowTask = (site, shift) => ({
  hand: [0, 0.4, 0.2],
  goals: WORKSPACE,
  object: (scene) => [...scene.sitePlace(site), ...NO_TURN],
  stand: (scene, draw) => {
    scene.standBody("window", draw);
    scene.setGoal(sum(draw, [shift, 0, 0]));
  },
  // The handle that the network sees, not the observation, which is clipped.
  done: (scene) => Math.abs(scene.sitePlace(site)[0] - scene.goal[0]) <= 0.05,
  handles: [
    jointHandle("window", "the window", "window_slide", (scene) => scene.sitePlace(site)),
    standingHandle("frame", "the frame", "window"),
  ],
});
const windowOpen = windowTask("handleOpenStart", 0.2);
const windowClose = windowTask("handleCloseStart", 0);

export const TASKS = {
  "reach-v3": {
    ...puck,
    done: (scene) => distance(scene.fingers(), scene.goal) <= 0.05,
    handles: [goalHandle(false), looseHandle("puck", "the puck", "obj", PUCK_AREA)],
    undo: undefined,
    // The network brings the middle of the hand to the goal; success asks for the fingertips, which hang below.
    hangs: 0.045,
  },
  "push-v3": {
    ...puck,
    goals: [
      [-0.1, 0.8, 0.01],
      [0.1, 0.9, 0.02],
    ],
    // On the table, as high as the puck lies.
    stand: (scene, draw) => scene.setGoal([draw[3], draw[4], scene.settled]),
    start: (scene, draw) => {
      scene.settled = scene.bodyPlace("obj")[2];
      TASKS["push-v3"].stand(scene, draw);
      puckAt(scene, [draw[0], draw[1], scene.settled]);
    },
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.05,
    handles: [goalHandle(true), looseHandle("puck", "the puck", "obj", PUCK_AREA)],
  },
  "pick-place-v3": {
    ...puck,
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.07,
    handles: [goalHandle(false), looseHandle("puck", "the puck", "obj", PUCK_AREA)],
  },
  "door-open-v3": {
    hand: [0, 0.6, 0.2],
    goals: [
      [-0.3, 0.4, 0.1499],
      [-0.2, 0.5, 0.1501],
    ],
    object: (scene) => [...scene.geomPlace("handle"), ...scene.geomTurn("handle")],
    stand: (scene, draw) => {
      scene.standBody("door", draw);
      scene.setGoal(sum(draw, [-0.3, -0.45, 0]));
    },
    start: (scene, draw) => {
      TASKS["door-open-v3"].stand(scene, draw);
      scene.holdJoint("doorjoint", 0);
      scene.forward();
    },
    done: (scene, observation) => Math.abs(observation[4] - scene.goal[0]) <= 0.08,
    undo: (scene) => scene.sweepJoint("doorjoint", 0),
    undoing: "Shut the door",
    handles: [
      jointHandle("door", "the door", "doorjoint", (scene) => scene.geomPlace("handle")),
      standingHandle("frame", "the frame", "door"),
    ],
  },
  "drawer-open-v3": {
    ...drawerOpen,
    object: (scene) => [
      ...sum(scene.bodyPlace("drawer_link"), [0, -0.16, 0]),
      ...scene.bodyTurn("drawer_link"),
    ],
    start: drawerOpen.stand,
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.03,
    undo: (scene) => scene.sweepJoint("goal_slidey", 0),
    undoing: "Push the drawer in",
  },
  "drawer-close-v3": {
    ...drawerClose,
    object: (scene) => [...sum(scene.bodyPlace("drawer_link"), [0, -0.16, 0.05]), ...NO_TURN],
    start: (scene, draw) => {
      drawerClose.stand(scene, draw);
      scene.setJoint(LOOSE, [-0.15]);
      scene.forward();
    },
    done: (scene, observation) => distance(seen(observation), scene.goal) <= 0.065,
    undo: (scene) => scene.sweepFromRest("goal_slidey", -0.15),
    undoing: "Pull the drawer out",
  },
  "button-press-topdown-v3": {
    hand: [0, 0.4, 0.2],
    goals: WORKSPACE,
    object: (scene) => [
      ...sum(scene.bodyPlace("button"), [0, 0, 0.193]),
      ...scene.bodyTurn("button"),
    ],
    stand: (scene, draw) => {
      scene.standBody("box", draw);
      scene.forward();
      scene.setGoal(scene.sitePlace("hole"), false);
    },
    start: (scene, draw) => TASKS["button-press-topdown-v3"].stand(scene, draw),
    done: (scene, observation) => Math.abs(scene.goal[2] - observation[6]) <= 0.024,
    handles: [standingHandle("box", "the box", "box")],
  },
  "peg-insert-side-v3": {
    hand: [0, 0.6, 0.2],
    goals: [
      [-0.32, 0.4, 0.129],
      [-0.22, 0.7, 0.131],
    ],
    object: (scene) => [...scene.sitePlace("pegGrasp"), ...scene.siteTurn("pegGrasp")],
    stand: (scene, draw) => {
      const box = draw.slice(3, 6);
      scene.standBody("box", box);
      scene.setGoal(sum(box, [0.03, 0, 0.13]));
    },
    start: (scene, draw) => {
      puckAt(scene, draw.slice(0, 3));
      TASKS["peg-insert-side-v3"].stand(scene, draw);
    },
    done: (scene) => {
      const [x, y, z] = scene.sitePlace("pegHead").map((value, i) => value - scene.goal[i]);
      return Math.hypot(x, 2 * y, 2 * z) <= 0.07;
    },
    undo: puck.undo,
    undoing: "Put the peg back",
    handles: [
      standingHandle("box", "the box", "box"),
      looseHandle("peg", "the peg", "peg", [
        [-0.05, 0.45, 0],
        [0.25, 0.75, 1],
      ]),
    ],
  },
  "window-open-v3": {
    ...windowOpen,
    start: (scene, draw) => {
      windowOpen.stand(scene, draw);
      scene.setJointNamed("window_slide", 0);
    },
    undo: (scene) => scene.sweepFromRest("window_slide", 0),
    undoing: "Shut the window",
  },
  "window-close-v3": {
    ...windowClose,
    start: (scene, draw) => {
      windowClose.stand(scene, draw);
      scene.setJointNamed("window_slide", 0.2);
    },
    undo: (scene) => scene.sweepFromRest("window_slide", 0.2),
    undoing: "Open the window",
  },
};
