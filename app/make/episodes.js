// Runs episodes in the browser's physics, in Node.js: `node app/make/episodes.js < asked.json`, for the comparison
// with Python's simulator. Asked is {task, policy (path), starts, horizon}; the answer, on standard output, is a list
// of {success, steps, observations}: what the network saw before each step.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { MLP, readPolicy } from "../widgets/live/mlp.js";
import { Scene } from "../widgets/live/scene.js";

const FILES = new URL("../static/live/", import.meta.url);
const unpacked = async (name) => gunzipSync(await readFile(new URL(name, FILES)));

// MuJoCo as it ships, or from the folder of another build of npm's package.
export const loadMujoco = async (folder) => {
  const own = folder ?? (await mkdtemp(join(tmpdir(), "mujoco-")));
  if (!folder) {
    // A module that asks where it lies must lie somewhere.
    for (const name of ["mujoco.js", "mujoco.wasm"])
      await writeFile(join(own, name), await unpacked(`${name}.gz`));
    await writeFile(join(own, "package.json"), '{"type": "module"}');
  }
  const { default: load } = await import(pathToFileURL(join(own, "mujoco.js")));
  const mujoco = await load({ wasmBinary: await readFile(join(own, "mujoco.wasm")) });
  if (!folder) await rm(own, { recursive: true });
  return mujoco;
};

export const loadScene = async (mujoco, task) =>
  new Scene(mujoco, JSON.parse(await unpacked(`${task}.json.gz`)));

export const loadPolicy = async (path) => {
  const { buffer, byteOffset, length } = await readFile(path);
  return readPolicy(buffer.slice(byteOffset, byteOffset + length));
};

const runEpisode = (scene, network, start, horizon) => {
  const observations = [];
  let observation = scene.reset(start);
  for (let step = 1; step <= horizon; step++) {
    observations.push(Array.from(observation, (value) => Number(value.toFixed(6))));
    observation = scene.step(network.act(observation));
    if (scene.done) return { success: true, steps: step, observations };
  }
  return { success: false, steps: horizon, observations };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const mujoco = await loadMujoco(process.argv[2]);
  const answers = [];
  for (const { task, policy, starts, horizon } of JSON.parse(Buffer.concat(chunks))) {
    const scene = await loadScene(mujoco, task);
    const network = new MLP(await loadPolicy(policy));
    answers.push(starts.map((start) => runEpisode(scene, network, start, horizon)));
    scene.close();
  }
  process.stdout.write(JSON.stringify(answers));
}
