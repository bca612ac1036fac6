// The figure: a slider that shuffles, a switch that matches, pictures and charts that follow at once.
// `figure.py` says what `data` holds. Everything is here already, so that no move waits for the server.
import { element } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { decodeParts } from "../../widgets/matrix/cells.js";
import { ordersOf } from "../../widgets/matrix/orders.js";
import { addSaveButtons } from "../../widgets/save_figure/save_figure.js";
import { makeCharts } from "./charts.js";
import { makeControls, makeDrive } from "./controls.js";
import { makePictures, patchCount } from "./pictures.js";

const LEGEND =
  "Solid: this kind. Faint: the other kinds, or this one before matching. Dashed: independent noise of the same " +
  "shapes. Values are means over networks, or over pairs with the first.";

const sentence = (kind, state) =>
  state.matched ? kind.realigned : state.step ? kind.shuffled : kind.asItIs;

const decodeKind = (kind) => ({
  ...kind,
  networks: kind.networks.map((network) => ({
    ...network,
    layers: network.layers.map(decodeParts),
  })),
});

const ordersAt = ({ measured, networks }, state) => {
  const readings = measured?.[state.matched ? "realigned" : "shuffled"];
  return networks.map((network, n) =>
    ordersOf(network, readings ? readings.permutations[state.step][n] : null),
  );
};

// What the visitor set, as far as it exists in the networks of the moment.
const settled = (state, kind) => {
  const { measured, networks, patch } = kind;
  const l = Math.min(state.patch.l, networks[0].layers.length - 1);
  const count = patchCount({ networks, patch }, l);
  return {
    kind: kind.kind,
    step: measured ? Math.round(state.share * (measured.fractions.length - 1)) : 0,
    matched: measured ? state.matched : false,
    pair: Math.max(1, Math.min(state.pair, networks.length - 1)),
    patch: {
      l,
      row: Math.min(state.patch.row, count.rows - 1),
      column: Math.min(state.patch.column, count.columns - 1),
    },
  };
};

// The names of the networks that the visitor brought, as one text; empty where there are none.
const broughtIn = (data) => {
  const own = data?.kinds.find(({ kind }) => kind === "uploaded");
  return own ? own.networks.map(({ label }) => label).join("\n") : "";
};

const build = (root) => {
  let data = null;
  let send = () => {};
  let charts = null;
  let drive = null;
  const state = {
    kind: null,
    step: 0,
    share: 0,
    matched: false,
    pair: 1,
    patch: { l: 1, row: 0, column: 0 },
  };
  const controls = makeControls(root, (change) => apply(change));
  const body = element("div", "body", root);
  const left = element("div", "pictures", body);
  const said = element("p", "said", left);
  said.setAttribute("aria-live", "polite");
  const note = element("p", "note", left);
  const pictures = makePictures(left, (patch) => apply({ patch }));
  const right = element("div", "side", body);

  const kindNow = () => data.kinds.find(({ kind }) => kind === state.kind);

  addSaveButtons(root, () => {
    const kind = kindNow();
    const share = Math.round(100 * (kind.measured ? kind.measured.fractions[state.step] : 0));
    const treatment = `${share} % of neurons shuffled${state.matched ? ", then matched" : ""}`;
    return {
      name: `alignment_${kind.kind}_${share}${state.matched ? "_matched" : ""}`,
      title: `${kind.title}: ${treatment}`,
    };
  });

  const buildSide = (specs) => {
    charts = makeCharts(right, specs);
    element("p", "legend", right, LEGEND);
    const asked = () => ({
      kind: state.kind,
      step: state.step,
      realigned: state.matched,
      pair: state.pair,
    });
    drive = makeDrive(
      element("div", "", charts.lineFigure),
      (change) => apply(change),
      () => send("drive", asked()),
    );
  };

  const draw = () => {
    const kind = kindNow();
    controls.show(data, state, kind);
    said.textContent = sentence(kind, state);
    note.textContent = kind.note;
    note.hidden = !kind.note;
    pictures.draw(ordersAt(kind, state), state.patch);
    charts.draw(kind, data.kinds, state);
    drive.show(data, state, kind);
    root.dataset.drawn = `${state.kind} ${state.step} ${state.matched ? "matched" : "shuffled"}`;
    root.dataset.measured = Boolean(kind.measured);
  };

  const rebuild = () => {
    const kind = kindNow() ?? data.kinds[0];
    Object.assign(state, settled(state, kind));
    pictures.build(kind);
  };
  const layOut = () => {
    pictures.layOut();
    draw();
  };

  const apply = (change) => {
    const started = performance.now();
    const other = change.kind && change.kind !== state.kind;
    Object.assign(state, change);
    const { measured } = kindNow();
    if ("step" in change && measured)
      state.share = change.step / Math.max(1, measured.fractions.length - 1);
    if (other) {
      rebuild();
      layOut();
    } else draw();
    root.dataset.took = (performance.now() - started).toFixed(1);
  };

  return {
    show: (sent, { setTriggerValue }, same) => {
      send = setTriggerValue;
      // Who brings networks wants to see these.
      const brought = broughtIn(sent);
      if (brought && brought !== broughtIn(data)) state.kind = "uploaded";
      data = { ...sent, kinds: same ? data.kinds : sent.kinds.map(decodeKind) };
      if (!charts) buildSide(sent.charts);
      if (same) draw();
      else rebuild();
    },
    layOut,
  };
};

export default livingPart("alignment", build);
