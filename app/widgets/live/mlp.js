// The network: an observation in, an action out, as `nnit.mlp.policy.Policy.act` computes it, and what a visitor may
// do to it while it runs.
const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
};
const MOST = 4; // weights of a neuron that are named

// Two numbers from a normal distribution would be made at a time; one is enough.
const normal = (random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const deviationOf = (numbers) => {
  const mean = numbers.reduce((total, value) => total + value, 0) / numbers.length;
  return Math.sqrt(
    numbers.reduce((total, value) => total + (value - mean) ** 2, 0) / numbers.length,
  );
};

// Numbers 0 to count - 1 in a random order.
export const randomOrder = (count, random) => {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
};

const rowsIn = (numbers, columns, order) => {
  const moved = new Float32Array(numbers.length);
  order.forEach((from, to) => {
    moved.set(numbers.subarray(from * columns, (from + 1) * columns), to * columns);
  });
  return moved;
};
const columnsIn = (numbers, columns, order) =>
  numbers.map((_, i) => numbers[i - (i % columns) + order[i % columns]]);

export class MLP {
  // network.layers: [{weight: Float32Array, (outputs, inputs) row by row, bias: Float32Array}, ...]
  // network.mean, network.scale: of observations; network.activation: name
  constructor(network) {
    this.activation = ACTIVATIONS[network.activation];
    if (!this.activation) throw new Error(`A network with ${network.activation} is not known here`);
    this.mean = network.mean;
    this.scale = network.scale;
    this.whole = network.layers.map(({ weight, bias }) => ({
      weight: Float32Array.from(weight),
      bias: Float32Array.from(bias),
    }));
    // What went through each layer last: the observation as it is read, hidden layers, action.
    this.values = [
      new Float32Array(this.mean.length),
      ...this.whole.map(({ bias }) => new Float32Array(bias.length)),
    ];
    this.noise = null; // of each weight, in standard deviations of its matrix
    this.amount = 0;
    this.silent = this.whole.slice(0, -1).map(({ bias }) => new Uint8Array(bias.length));
    this.mix();
  }
  // The weights that are in use: the network's own, and as much noise as was asked for.
  mix() {
    this.layers = this.whole.map(({ weight, bias }, k) => {
      if (!this.amount) return { weight, bias };
      const scale = this.amount * deviationOf(weight);
      return { weight: weight.map((value, i) => value + scale * this.noise[k][i]), bias };
    });
  }

  act(observation) {
    const [input] = this.values;
    for (let i = 0; i < input.length; i++)
      input[i] = Math.fround(Math.fround(observation[i]) - this.mean[i]) / this.scale[i];
    this.layers.forEach(({ weight, bias }, k) => {
      const [from, to] = [this.values[k], this.values[k + 1]];
      const silent = this.silent[k]; // none of the action
      for (let row = 0; row < to.length; row++) {
        let total = 0;
        const start = row * from.length;
        for (let column = 0; column < from.length; column++)
          total += weight[start + column] * from[column];
        total += bias[row];
        if (!silent) to[row] = Math.min(1, Math.max(-1, total));
        else to[row] = silent[row] ? 0 : this.activation(total);
      }
    });
    return this.values[this.values.length - 1];
  }

  // Hidden layers are counted from 0.
  silence(layer, neuron, on) {
    this.silent[layer][neuron] = on ? 1 : 0;
  }
  // `amount`: in standard deviations of each matrix; the noise itself stays the same.
  setNoise(amount, random) {
    this.noise ??= this.whole.map(({ weight }) => weight.map(() => normal(random)));
    this.amount = amount;
    this.mix();
  }
  // The hidden neurons in another order, and with them all that belongs to them: the same function.
  shuffle(random) {
    for (let k = 0; k < this.silent.length; k++) {
      const order = randomOrder(this.silent[k].length, random);
      const [before, inputs] = [this.whole[k], this.values[k].length];
      const after = this.whole[k + 1];
      before.weight = rowsIn(before.weight, inputs, order);
      before.bias = rowsIn(before.bias, 1, order);
      after.weight = columnsIn(after.weight, order.length, order);
      if (this.noise) {
        this.noise[k] = rowsIn(this.noise[k], inputs, order);
        this.noise[k + 1] = columnsIn(this.noise[k + 1], order.length, order);
      }
      this.values[k + 1] = rowsIn(this.values[k + 1], 1, order);
      this.silent[k] = this.silent[k].map((_, i) => this.silent[k][order[i]]);
    }
    this.mix();
  }
  // What a hidden neuron reads most, and is read most by: [place, weight] of each, strongest first.
  describe(layer, neuron) {
    const strongest = (pairs) =>
      pairs.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, MOST);
    const inputs = this.values[layer].length;
    const { weight } = this.layers[layer];
    const after = this.layers[layer + 1];
    const width = this.values[layer + 1].length;
    const reads = Array.from({ length: inputs }, (_, i) => [i, weight[neuron * inputs + i]]);
    const writes = Array.from(after.bias, (_, i) => [i, after.weight[i * width + neuron]]);
    return { reads: strongest(reads), writes: strongest(writes) };
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
