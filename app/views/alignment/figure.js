// The figure: a slider that shuffles, a switch that matches, pictures and charts that follow at once.
// `figure.py` says what `data` holds. Everything is here already, so that no move waits for the server.

const FRACTIONS = ["0", "\u00bc", "\u00bd", "\u00be", "1"];

// The bar of controls; every change calls `onChange` with what changed.
const makeControls = (root, onChange) => {
  const bar = element("div", "bar", root);
  bar.dataset.control = "";
  const kinds = element("div", "kinds", bar);
  kinds.setAttribute("role", "radiogroup");
  kinds.setAttribute("aria-label", "Kind of networks");
  const slide = element("label", "slide", bar);
  element("span", "", slide, "Neurons shuffled");
  const range = element("input", "", slide);
  Object.assign(range, { type: "range", min: 0, max: 20, step: 1, value: 0 });
  const output = element("output", "", slide, "0 %");
  const match = element("label", "match", bar);
  const box = element("input", "", match);
  Object.assign(box, { type: "checkbox" });
  box.setAttribute("role", "switch");
  element("span", "", match, "Align by matching");
  range.addEventListener("input", () => onChange({ step: Number(range.value) }));
  box.addEventListener("change", () => onChange({ matched: box.checked }));
  return {
    show: (data, state, kind) => {
      if (kinds.dataset.of !== data.kinds.map(({ title }) => title).join()) {
        kinds.dataset.of = data.kinds.map(({ title }) => title).join();
        kinds.replaceChildren();
        data.kinds.forEach((one) => {
          const label = element("label", "", kinds);
          const input = element("input", "", label);
          Object.assign(input, { type: "radio", name: "alignment-kind", value: one.kind });
          input.addEventListener("change", () => onChange({ kind: one.kind }));
          element("span", "", label, one.title);
        });
      }
      kinds.querySelectorAll("input").forEach((input) => { input.checked = input.value === state.kind; });
      const fractions = kind.measured ? kind.measured.fractions : [0];
      range.max = fractions.length - 1;
      range.disabled = box.disabled = !kind.measured;
      range.value = state.step;
      box.checked = state.matched;
      const percent = `${Math.round(100 * fractions[state.step])} %`;
      output.textContent = kind.measured ? percent : "measuring";
      range.setAttribute("aria-valuetext", `${percent} of hidden neurons shuffled`);
    },
  };
};

// Which networks the line joins, and the robot driven along it.
const makeDrive = (figure, onChange, onDrive) => {
  const box = element("div", "drive", figure);
  box.dataset.control = "";
  const label = element("label", "", box, "Network 1 to ");
  const select = element("select", "", label);
  const button = element("button", "", box, "Drive the robot at five points");
  const results = element("div", "results", figure);
  results.dataset.control = "";
  button.type = "button";
  select.addEventListener("change", () => onChange({ pair: Number(select.value) }));
  button.addEventListener("click", onDrive);
  return {
    show: (data, state, kind) => {
      const possible = kind.measured && kind.measured.shuffled.loss[0].length > 0;
      box.hidden = !possible;
      results.hidden = !possible;
      if (!possible) return;
      select.replaceChildren();
      kind.networks.slice(1).forEach((network, index) => {
        const option = element("option", "", select, `${index + 2} (${network.label})`);
        option.value = index + 1;
      });
      select.value = state.pair;
      const same = (drive) => ["kind", "step", "pair"].every((name) => drive[name] === state[name]) && drive.realigned === state.matched;
      const drive = data.drives.find(same);
      results.replaceChildren();
      button.disabled = Boolean(drive);
      if (!drive) { element("p", "", results, "Success at 0, \u00bc, \u00bd, \u00be and 1 of the line, three goals each."); return; }
      if (!drive.solved) { element("p", "", results, "Driving; the page says how far it is."); return; }
      drive.solved.forEach((solved, index) => {
        const cell = element("span", solved === 3 ? "good" : solved === 0 ? "bad" : "", results);
        element("b", "", cell, `${solved}/3`);
        element("i", "", cell, `at ${FRACTIONS[index]}`);
      });
    },
  };
};

const sentence = (kind, state) =>
  state.matched ? kind.realigned : state.step ? kind.shuffled : kind.asItIs;

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".alignment");
  const before = root.connection;
  if (before) {
    before.update(data, component.setTriggerValue);
    before.open();
    return before.close;
  }
  let current = null, send = component.setTriggerValue, orders = null, disposed = false;
  const state = { kind: null, step: 0, matched: false, pair: 1, patch: { l: 1, row: 0, column: 0 } };
  const controls = makeControls(root, (change) => apply(change));
  const body = element("div", "body", root);
  const left = element("div", "pictures", body);
  const said = element("p", "said", left);
  said.setAttribute("aria-live", "polite");
  const note = element("p", "note", left);
  const pictures = makePictures(left, (patch) => apply({ patch }));
  const right = element("div", "side", body);
  const charts = makeCharts(right, data.charts);
  element("p", "legend", right, "Solid: this kind. Faint: the other kinds, or this one before matching. " +
    "Dashed: independent noise of the same shapes. Values are means over networks, or over pairs with the first.");
  const drive = makeDrive(element("div", "", charts.lineFigure), (change) => apply(change), () =>
    send("drive", { kind: state.kind, step: state.step, realigned: state.matched, pair: state.pair }));

  addSaveButtons(root, () => {
    const kind = kindNow(), share = kind.measured ? kind.measured.fractions[state.step] : 0;
    const treatment = `${Math.round(100 * share)} % of neurons shuffled${state.matched ? ", then matched" : ""}`;
    return {
      name: `alignment_${kind.kind}_${Math.round(100 * share)}${state.matched ? "_matched" : ""}`,
      title: `${kind.title}: ${treatment}`,
    };
  });

  const kindNow = () => current.kinds.find(({ kind }) => kind === state.kind);

  const decode = () => {
    const kind = kindNow(), { measured } = kind;
    const texts = measured ? measured[state.matched ? "realigned" : "shuffled"].permutations[state.step] : null;
    orders = kind.networks.map((network, n) => ordersOf(network, texts ? texts[n] : null));
  };

  const draw = () => {
    const kind = kindNow();
    decode();
    controls.show(current, state, kind);
    said.textContent = sentence(kind, state);
    note.textContent = kind.note;
    note.hidden = !kind.note;
    pictures.draw(orders, state.patch);
    charts.draw(kind, current.kinds, state);
    drive.show(current, state, kind);
    root.dataset.drawn = `${state.kind} ${state.step} ${state.matched ? "matched" : "shuffled"}`;
    root.dataset.measured = Boolean(kind.measured);
  };

  // Keep what the visitor set as far as it exists in the networks of the moment.
  const settle = () => {
    if (!kindNow()) state.kind = current.kinds[0].kind;
    const kind = kindNow(), { layers } = kind.networks[0];
    const stops = kind.measured ? kind.measured.fractions.length : 1;
    if (kind.measured) {
      const share = state.share || 0;
      state.step = Math.round(share * (stops - 1));
    } else { state.step = 0; state.matched = false; }
    state.pair = Math.max(1, Math.min(state.pair, kind.networks.length - 1));
    const l = Math.min(state.patch.l, layers.length - 1);
    const last = (side) => Math.ceil(Math.max(...kind.networks.map((n) => n.layers[l][side])) / kind.patch) - 1;
    state.patch = { l, row: Math.min(state.patch.row, last("rows")), column: Math.min(state.patch.column, last("columns")) };
  };

  const rebuild = () => {
    settle();
    pictures.build(kindNow());
    if (!root.clientWidth) return;
    pictures.layOut();
    draw();
  };

  const apply = (change) => {
    const started = performance.now();
    const other = change.kind && change.kind !== state.kind;
    Object.assign(state, change);
    const { measured } = kindNow();
    if ("step" in change && measured) state.share = change.step / Math.max(1, measured.fractions.length - 1);
    if (other) rebuild(); else draw();
    root.dataset.took = (performance.now() - started).toFixed(1);
  };

  const update = (next, trigger) => {
    send = trigger;
    const same = current && current.key === next.key;
    current = same
      ? { ...next, kinds: current.kinds }
      : { ...next, kinds: next.kinds.map((kind) => ({ ...kind, networks: kind.networks.map(decodeNetwork) })) };
    if (same) draw(); else rebuild();
  };

  let lastWidth = 0;
  const resized = new ResizeObserver(() => {
    if (root.clientWidth === lastWidth || !root.clientWidth || disposed) return;
    lastWidth = root.clientWidth;
    pictures.layOut();
    draw();
  });
  // A change of theme changes the text colour; the transition tells of it.
  const themed = () => { if (!disposed) { pictures.layOut(); draw(); } };
  root.style.transition = "color 1ms";
  root.connection = {
    update,
    open: () => {
      disposed = false;
      resized.observe(root);
      root.addEventListener("transitionend", themed);
    },
    close: () => {
      disposed = true;
      resized.disconnect();
      root.removeEventListener("transitionend", themed);
    },
  };
  update(data, send);
  root.connection.open();
  return root.connection.close;
}
