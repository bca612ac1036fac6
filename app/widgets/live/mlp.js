// The network: an observation in, an action out, as `nnit.mlp.policy.Policy.act` computes it.
const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
};

// A network with what a visitor may do to it while it runs.
//   network.layers: [{weight: Float32Array, (outputs, inputs) row by row, bias: Float32Array}, ...]
//   network.mean, network.scale: of observations
export class MLP {
  constructor(network) {
    this.activation = ACTIVATIONS[network.activation];
    if (!this.activation) throw new Error(`A network with ${network.activation} is not known here`);
    this.mean = network.mean;
    this.scale = network.scale;
    this.layers = network.layers.map(({ weight, bias }) => ({
      weight: Float32Array.from(weight),
      bias: Float32Array.from(bias),
    }));
    // What went through each layer last: the observation as it is read, hidden layers, action.
    this.values = [
      new Float32Array(this.mean.length),
      ...this.layers.map(({ bias }) => new Float32Array(bias.length)),
    ];
    this.silent = new Set(); // "layer/neuron", hidden layers from 1
  }

  act(observation) {
    const [input] = this.values;
    for (let i = 0; i < input.length; i++)
      input[i] = Math.fround(Math.fround(observation[i]) - this.mean[i]) / this.scale[i];
    this.layers.forEach(({ weight, bias }, k) => {
      const [from, to] = [this.values[k], this.values[k + 1]];
      const last = k === this.layers.length - 1;
      for (let row = 0; row < to.length; row++) {
        let total = 0;
        const start = row * from.length;
        for (let column = 0; column < from.length; column++)
          total += weight[start + column] * from[column];
        total += bias[row];
        to[row] = last ? Math.min(1, Math.max(-1, total)) : this.activation(total);
      }
      if (!last)
        for (const one of this.silent) {
          const [layer, neuron] = one.split("/").map(Number);
          if (layer === k + 1) to[neuron] = 0;
        }
    });
    return this.values[this.values.length - 1];
  }
}

// A policy file of this project: `weight.0`, `bias.0`, ..., `observation.mean`, `observation.scale`.
export const readPolicy = (buffer) => {
  const size = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  const tensor = (name) => {
    const [start, end] = header[name].data_offsets;
    return new Float32Array(buffer.slice(8 + size + start, 8 + size + end));
  };
  const layers = [];
  while (header[`weight.${layers.length}`]) {
    const i = layers.length;
    layers.push({ weight: tensor(`weight.${i}`), bias: tensor(`bias.${i}`) });
  }
  return {
    layers,
    mean: tensor("observation.mean"),
    scale: tensor("observation.scale"),
    activation: header.__metadata__.activation,
  };
};
