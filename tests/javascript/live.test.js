// The live robot without a browser: the network and what is done to it, and a robot that is disturbed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { loadMujoco, loadPolicy } from "../../app/make/episodes.js";
import { cellAt, inputName } from "../../app/widgets/live/inside.js";
import { simplified } from "../../app/widgets/live/light.js";
import { cellOf } from "../../app/widgets/live/matrices.js";
import { MLP } from "../../app/widgets/live/mlp.js";
import { drawStart, turnOf } from "../../app/widgets/live/scene.js";
import { Simulation } from "../../app/widgets/live/simulation.js";
import { onPlane } from "../../app/widgets/live/view.js";
import { randomOf } from "./random.js";

const OBSERVATION = Array.from({ length: 39 }, (_, i) => Math.sin(i));
// A network of the shipped model that opens the door (`nnit generate --task door-open-v3 --arch 27-45`).
const policy = await loadPolicy(new URL("door.safetensors", import.meta.url));
const factsOf = async (task) => {
  const path = new URL(`../../app/static/live/${task}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(await readFile(path)));
};
const near = (a, b, most) => a.every((value, i) => Math.abs(value - b[i]) <= most);

test("shuffled neurons do the same, with noise on the weights and silent ones among them", () => {
  const random = randomOf(1);
  const network = new MLP(policy);
  network.setNoise(0.2, random);
  network.silence(0, 3, true);
  const before = [...network.act(OBSERVATION)];
  network.shuffle(random);
  assert.ok(near([...network.act(OBSERVATION)], before, 1e-5));
  assert.equal(network.silent[0].indexOf(1) >= 0, true);
  assert.equal(network.values[1][network.silent[0].indexOf(1)], 0);
});

test("without noise the network is as it was", () => {
  const network = new MLP(policy);
  const before = [...network.act(OBSERVATION)];
  network.setNoise(0.5, randomOf(2));
  assert.ok(!near([...network.act(OBSERVATION)], before, 1e-3));
  network.setNoise(0, randomOf(2));
  assert.deepEqual([...network.act(OBSERVATION)], before);
});

test("what a neuron reads and writes are its strongest weights", () => {
  const network = new MLP(policy);
  const { reads, writes } = network.describe(0, 5);
  const row = policy.layers[0].weight.subarray(5 * 39, 6 * 39);
  assert.equal(Math.abs(reads[0][1]), Math.max(...row.map(Math.abs)));
  assert.equal(row[reads[0][0]], reads[0][1]);
  const width = policy.layers[0].bias.length;
  assert.equal(policy.layers[1].weight[writes[0][0] * width + 5], writes[0][1]);
});

test("a turn is that of its matrix, whichever part of it is largest", () => {
  const random = randomOf(3);
  for (let i = 0; i < 50; i++) {
    const q = [0, 0, 0, 0].map(() => random() - 0.5);
    const n = Math.hypot(...q);
    const [x, y, z, w] = q.map((value) => value / n);
    const matrix = [
      ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
      ...[2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
      ...[2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ];
    const found = turnOf(matrix);
    const same = found.reduce((total, value, k) => total + value * [x, y, z, w][k], 0);
    assert.ok(Math.abs(Math.abs(same) - 1) < 1e-9);
  }
});

test("a ray meets the plane that it points to, and no other", () => {
  assert.deepEqual(onPlane([0, 0, 2], [0, 0.6, -0.8], [5, 5, 0], [0, 0, 1]), [0, 1.5, 0]);
  assert.equal(onPlane([0, 0, 2], [0, 0, 1], [0, 0, 0], [0, 0, 1]), null);
  assert.equal(onPlane([0, 0, 2], [1, 0, 0], [0, 0, 0], [0, 0, 1]), null);
});

test("starts are drawn within their ends, and not too close", () => {
  const space = { low: [0, 0, 0, 0.1, 0.1, 0], high: [0.1, 0.1, 0, 0.2, 0.2, 0], apart: 0.15 };
  const random = randomOf(4);
  for (let i = 0; i < 100; i++) {
    const draw = drawStart(space, random);
    assert.ok(draw.every((value, k) => value >= space.low[k] && value <= space.high[k]));
    assert.ok(Math.hypot(draw[0] - draw[3], draw[1] - draw[4]) >= 0.15);
  }
});

test("a simplified mesh keeps its extent and has no empty faces", () => {
  const random = randomOf(5);
  const positions = Float32Array.from({ length: 900 }, () => random() * 0.1);
  const corners = Array.from({ length: 1200 }, () => Math.floor(random() * 300));
  const fewer = simplified(positions, corners, 0.02);
  assert.ok(fewer.positions.length < positions.length);
  for (let f = 0; f < fewer.faces.length; f += 3)
    assert.equal(new Set(fewer.faces.subarray(f, f + 3)).size, 3);
  assert.ok(Math.max(...fewer.positions) > 0.08 && Math.min(...fewer.positions) < 0.02);
});

test("matrices fit where they stand", () => {
  const shapes = [{ columns: 39 }, { columns: 64 }];
  assert.ok(64 * cellOf(shapes, 200) <= 190);
  assert.equal(cellOf(shapes, 5000), cellOf(shapes, 4000));
});

test("cells of the strip are found, and inputs have names", () => {
  assert.equal(cellAt([39, 27, 4], 500, 10, 10), null); // the name of the row
  assert.deepEqual(cellAt([39, 27, 4], 500, 90, 30), { row: 1, cell: 0 });
  assert.equal(cellAt([39, 27, 4], 500, 499, 50), null);
  const groups = [
    ["hand", 0, 3],
    ["gripper", 3, 4],
  ];
  assert.equal(inputName(groups, 2), "hand z");
  assert.equal(inputName(groups, 3), "gripper");
});

const mujoco = await loadMujoco();
const facts = await factsOf("door-open-v3");
const start = () => {
  const draw = drawStart(facts.space, randomOf(6));
  return new Simulation(mujoco, facts, policy, { draw, before: draw }, randomOf(7));
};
const until = (simulation, most) => {
  for (let i = 0; i < most && simulation.success === null; i++) simulation.step();
  return simulation.success !== null;
};

test("a network opens the door, and again when it is shut", () => {
  const robot = start();
  assert.ok(until(robot, 500));
  assert.deepEqual([robot.successes, robot.tries], [1, 1]);
  robot.undo();
  do robot.step();
  while (robot.scene.sweep);
  assert.equal(robot.scene.done, false);
  assert.ok(until(robot, 1000));
  assert.deepEqual([robot.successes, robot.tries], [2, 2]);
  robot.close();
});

test("before a drawer is pulled out again the hand is led back, before the next try begins", async () => {
  const scene = await factsOf("drawer-close-v3");
  const draw = drawStart(scene.space, randomOf(8));
  const robot = new Simulation(mujoco, scene, policy, { draw, before: draw }, randomOf(9));
  for (let i = 0; i < 60; i++) robot.step();
  // A try without an end does not count once the visitor takes it away.
  const ended = robot.success === null ? 0 : 1;
  robot.scene.setJointNamed("goal_slidey", 0);
  robot.undo();
  do robot.step();
  while (robot.scene.busy);
  assert.ok(near(robot.scene.bodyPlace("hand"), [0, 0.6, 0.2], 0.03));
  assert.ok(Math.abs(robot.scene.qpos[9] + 0.15) < 0.01);
  // It begins with the step after that.
  assert.deepEqual([robot.tries, robot.since], [ended + 1, 1]);
  robot.close();
});

test("a reset repeats the episode, bit for bit", () => {
  const robot = start();
  const path = () => {
    const places = [];
    for (let i = 0; i < 60; i++) {
      robot.step();
      places.push(robot.scene.bodyPlace("hand"));
    }
    return places;
  };
  const first = path();
  robot.reset();
  assert.deepEqual(path(), first);
  robot.close();
});

test("who pulls the arm moves it, and the network copes", () => {
  const robot = start();
  for (let i = 0; i < 10; i++) robot.step();
  const [x, y, z] = robot.scene.wrist();
  for (let i = 0; i < 15; i++) {
    robot.move("arm", [x + 0.2, y, z + 0.1]);
    robot.step();
  }
  assert.ok(robot.scene.wrist()[0] > x + 0.03);
  robot.letGo();
  assert.ok(until(robot, 500));
  assert.deepEqual([robot.successes, robot.tries], [1, 1]);
  robot.close();
});

test("time is made up for, but not a pause of the browser", () => {
  const robot = start();
  assert.equal(robot.advance(1000), 0); // it does not play
  robot.playing = true;
  assert.equal(robot.advance(25), 2);
  assert.ok(robot.advance(60000) < 12);
  robot.speed = 0.25;
  robot.debt = 0;
  assert.equal(robot.advance(50), 1);
  robot.close();
});

test("goals come one after another when that is asked for", () => {
  const robot = start();
  robot.endless = true;
  for (let i = 0; i < 600; i++) robot.step();
  assert.ok(robot.tries >= 2 && robot.successes >= 2);
  robot.close();
});
