// A visitor's own networks: the verdict, then where it comes from. A click anywhere marks the same neuron everywhere.
// `examination.py` says what `data` holds; the numbers of one pair come at a time.
import { decode } from "../../widgets/arrays.js";
import { element } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { themeOf } from "../../widgets/palette/palette.js";
import { addSaveButtons } from "../../widgets/save_figure/save_figure.js";
import { makeDistances } from "./distances.js";
import { makeLayers } from "./layers.js";
import { makeLine } from "./line.js";
import { makeNeurons } from "./neurons.js";
import { makeVerdict } from "./verdict.js";

const NUMBERS = ["factor", "incoming", "outgoing", "whole"];
const NOWHERE = -32768;

// Whole parts with nothing where there is no number, so that it is drawn as zero.
const decodeLayer = (layer) => {
  const read = (part) => {
    if (!part) return null;
    const cells = decode(part.cells, "<i2");
    const biases = decode(part.biases, "<i2");
    const missing = Uint8Array.from(cells, (value) => value === NOWHERE);
    const clear = (values) => values.map((value) => (value === NOWHERE ? 0 : value));
    const { rows, columns } = layer;
    return {
      rows,
      columns,
      scale: part.scale,
      cells: clear(cells),
      biases: clear(biases),
      missing,
    };
  };
  const { mine, theirs, aligned, residual, ...rest } = layer;
  return {
    ...rest,
    mine: read(mine),
    theirs: read(theirs),
    aligned: read(aligned),
    residual: read(residual),
  };
};

const decodeHidden = (hidden) => {
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, decode(hidden[name], "<f4")]));
  const similar = hidden.similar.map((one) => ({ ...one, cells: decode(one.cells, "|i1") }));
  const found = decode(hidden.found, "|u1");
  return { ...hidden, ...numbers, similar, found, partner: decode(hidden.partner, "<i4") };
};

const decodeData = (sent) => ({
  ...sent,
  distances: {
    before: decode(sent.distances.before, "<f4"),
    after: sent.distances.after && decode(sent.distances.after, "<f4"),
  },
  pair: {
    ...sent.pair,
    layers: sent.pair.layers.map(decodeLayer),
    hidden: sent.pair.hidden.map(decodeHidden),
  },
});

const build = (root) => {
  let data = null;
  let send = () => {};
  // The neuron that is marked, by layer and its number in the reference.
  const state = { layer: 0, neuron: null };
  const mark = (layer, neuron) => {
    const hidden = data.pair.hidden[layer];
    const width = hidden ? hidden.width : data.networks[data.reference].sizes[layer + 1];
    if (neuron !== null && (neuron < 0 || neuron >= width)) return;
    Object.assign(state, { layer, neuron });
    draw();
  };
  const choose = (network) => {
    if (network !== data.reference && network !== data.chosen) send("network", network);
  };
  // The layer that a statement leads to, while its network is on its way.
  let wanted = null;
  const go = ({ network, layer, picture }) => {
    if (picture === "neurons" || picture === "health") {
      if (network === data.chosen || network === data.reference) mark(layer, null);
      else wanted = layer;
    }
    choose(network);
    const target = picture === "distances" ? distances.root : neurons.root;
    target.scrollIntoView({ block: "start", behavior: "smooth" });
  };

  const verdict = makeVerdict(root, go);
  const heading = element("h3", "pair-title", root);
  const layers = makeLayers(root, mark);
  const neurons = makeNeurons(root, mark);
  const line = makeLine(root);
  const distances = makeDistances(root, choose);
  const saved = (part, title) => () => ({
    name: `alignment_${data.reference + 1}_${data.chosen + 1}${part && `_${part}`}`,
    title: `${title}network ${data.chosen + 1} beside network ${data.reference + 1}`,
  });
  addSaveButtons(layers.root, saved("matrices", "Matrices of "));
  addSaveButtons(neurons.root, saved("neurons", "Neurons of "));
  addSaveButtons(line.root, saved("line", "The way to "));
  addSaveButtons(distances.root, saved("distances", "All networks; "));
  addSaveButtons(root, saved("", "Examined: "), undefined, "Save all of it: ");

  const draw = () => {
    const theme = themeOf(root);
    layers.draw(data, state, theme);
    neurons.draw(data, state, theme);
    distances.draw(data, theme);
    root.dataset.marked = state.neuron === null ? "" : `${state.layer} ${state.neuron}`;
  };

  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.neuron !== null) mark(state.layer, null);
  });

  return {
    show: (sent, { setTriggerValue }, same) => {
      send = setTriggerValue;
      if (same) return;
      const other = data && data.chosen !== sent.chosen;
      data = decodeData(sent);
      if (other) {
        Object.assign(state, { layer: wanted ?? 0, neuron: null });
        wanted = null;
      }
      state.layer = Math.min(state.layer, data.pair.layers.length - 2);
      verdict.show(data);
      const name = (place) => `${place + 1} \u00b7 ${data.networks[place].label}`;
      heading.textContent =
        data.chosen === data.reference
          ? `${name(data.chosen)}. Add another to compare the two.`
          : `${name(data.chosen)}, beside ${name(data.reference)}`;
      layers.build(data);
      neurons.build(data);
      line.show(data);
      distances.build(data);
      root.dataset.chosen = data.chosen;
      root.dataset.examined = Boolean(data.said);
    },
    layOut: () => {
      layers.layOut(data);
      draw();
    },
  };
};

export default livingPart("examination", build);
