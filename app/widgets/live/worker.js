// The worker that a live robot runs in. Messages to it: {type, ...} as `COMMANDS` has them; from it: {type: "ready"},
// {type: "state", ...} as `Simulation.state` has it, and {type: "failed", text}.
import { MLP } from "./mlp.js";
import { Simulation } from "./simulation.js";

const TICK = 15; // ms between looks at the clock while the robot moves

let simulation = null;
let timer = 0;
let last = 0;
let chosen = null; // the neuron that is looked at
const spare = []; // arrays of poses that have come back

const tell = () => {
  const { facts } = simulation.scene;
  const poses = spare.pop() ?? new Float32Array(12 * (facts.geoms.length + facts.sites.length));
  const { network } = simulation;
  const values = network.values.map((layer) => layer.slice());
  const neuron = chosen && network.describe(chosen.layer, chosen.neuron);
  const state = { ...simulation.state(poses), values, silent: network.silent, neuron };
  state.type = "state";
  postMessage(state, [poses.buffer]);
};

// The weights that are in use, for pictures of them.
const tellWeights = () => postMessage({ type: "weights", layers: simulation.network.layers });

const tick = () => {
  const now = performance.now();
  const made = simulation.advance(now - last);
  last = now;
  if (made) tell();
};
const setPlaying = (on) => {
  simulation.playing = on;
  clearInterval(timer);
  last = performance.now();
  if (on) timer = setInterval(tick, TICK);
};

const COMMANDS = {
  // script: MuJoCo's, as text; module: its WebAssembly, compiled; the rest as `Simulation` takes it.
  begin: async ({ script, module, facts, network, start, playing }) => {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const { default: load } = await import(address);
    URL.revokeObjectURL(address);
    const mujoco = await load({
      locateFile: (name) => name,
      instantiateWasm: (imports, done) => {
        WebAssembly.instantiate(module, imports).then((instance) => done(instance, module));
        return {};
      },
    });
    simulation = new Simulation(mujoco, facts, network, start);
    const handles = simulation.scene.handles.map(({ name, title, flat }) => ({
      name,
      title,
      flat,
    }));
    postMessage({ type: "ready", handles, undoing: simulation.scene.task.undoing });
    tellWeights();
    setPlaying(playing);
  },
  play: ({ on }) => setPlaying(on),
  speed: ({ speed }) => {
    simulation.speed = speed;
  },
  step: () => {
    setPlaying(false);
    simulation.step();
  },
  reset: ({ start }) => simulation.reset(start),
  another: ({ start }) => (start ? simulation.reset(start) : simulation.another()),
  endless: ({ on }) => {
    simulation.endless = on;
  },
  undo: () => simulation.undo(),
  silence: ({ layer, neuron, on }) => simulation.network.silence(layer, neuron, on),
  noise: ({ amount }) => {
    simulation.network.setNoise(amount, Math.random);
    tellWeights();
  },
  shuffle: () => {
    simulation.network.shuffle(Math.random);
    chosen = null;
    tellWeights();
  },
  // Another network takes over at the next step.
  swap: ({ network, amount }) => {
    simulation.network = new MLP(network);
    if (amount) simulation.network.setNoise(amount, Math.random);
    chosen = null;
    tellWeights();
  },
  choose: ({ neuron }) => {
    chosen = neuron;
  },
  move: ({ name, to }) => simulation.move(name, to),
  letGo: () => simulation.letGo(),
  spare: ({ poses }) => spare.push(poses),
};

let chain = Promise.resolve();
self.addEventListener("message", ({ data }) => {
  chain = chain.then(async () => {
    try {
      await COMMANDS[data.type](data);
      if (data.type !== "spare") tell();
    } catch (error) {
      clearInterval(timer);
      postMessage({ type: "failed", text: String(error?.message ?? error) });
    }
  });
});
