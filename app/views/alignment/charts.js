// Small charts as SVG: one line in ink, others faint, noise dashed, a dot where the slider is. They are
// given finished numbers and compute none.

const SHOWN = 24; // components of a spectrum: the rest carry next to nothing
const CHART = { width: 232, height: 96, left: 34, right: 8, top: 8, bottom: 18 };

const short = (value) => {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
  return text.replace("-", "\u2212").replace(/^\u2212(0\.?0*)$/, "$1");
};

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

// The next round number above, so that an axis ends at one.
const roundUp = (value) => {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ROUND.find((step) => step * unit >= value * 0.999);
};

// A round range that holds all numbers and zero; what is hardly below zero counts as zero.
const rangeOf = (numbers) => {
  const known = numbers.filter(Number.isFinite);
  const low = Math.min(0, ...known), high = Math.max(0, ...known);
  if (high <= low) return [0, 1];
  return [low < -0.04 * high ? -roundUp(-low) : 0, high > 0 ? roundUp(high) : 0];
};

// A figure with a title, the number of the moment, a plot, and what to look for.
const makeChart = (parent, title, say) => {
  const figure = element("figure", "chart", parent);
  const head = element("figcaption", "", figure);
  element("b", "", head, title);
  const value = element("span", "value", head);
  const svg = shape("svg", { viewBox: `0 0 ${CHART.width} ${CHART.height}`, role: "img" }, figure);
  element("p", "", figure, say);
  return { figure, value, svg, title };
};

// plot: {xs, range, lines: [{ys, look}], noise: number | numbers | null, at: index | null, ends: [text, text]}
const drawPlot = (svg, plot, label) => {
  const { width, height, left, right, top, bottom } = CHART;
  const [low, high] = plot.range;
  const x = (value) => left + (width - left - right) * value;
  const y = (value) => top + (height - top - bottom) * (1 - (value - low) / (high - low));
  const clamp = (value) => Math.max(top - 2, Math.min(height - bottom + 2, y(value)));
  const path = (ys) => ys.map((value, i) => `${i ? "L" : "M"}${x(plot.xs[i]).toFixed(1)} ${clamp(value).toFixed(1)}`).join("");
  svg.replaceChildren();
  svg.setAttribute("aria-label", label);
  shape("line", { class: "axis", x1: left, x2: width - right, y1: y(low), y2: y(low) }, svg);
  if (low < 0) shape("line", { class: "axis faint", x1: left, x2: width - right, y1: y(0), y2: y(0) }, svg);
  shape("text", { class: "tick", x: left - 5, y: y(low) + 1, "text-anchor": "end" }, svg, short(low));
  shape("text", { class: "tick", x: left - 5, y: top + 6, "text-anchor": "end" }, svg, short(high));
  shape("text", { class: "tick", x: left, y: height - 4 }, svg, plot.ends[0]);
  shape("text", { class: "tick", x: width - right, y: height - 4, "text-anchor": "end" }, svg, plot.ends[1]);
  if (plot.noise !== null && plot.noise !== undefined) {
    const level = Array.isArray(plot.noise) ? plot.noise : [plot.noise, plot.noise];
    const xs = Array.isArray(plot.noise) ? plot.xs : [0, 1];
    const noise = level.map((value, i) => `${i ? "L" : "M"}${x(xs[i]).toFixed(1)} ${clamp(value).toFixed(1)}`);
    shape("path", { class: "noise", d: noise.join("") }, svg);
    // Where a line over the slider begins, it is farthest from noise; a spectrum is where it ends.
    const late = level.length > 2, at = clamp(level[late ? Math.floor(0.8 * level.length) : 0]);
    shape("text", { class: "tick", x: x(late ? 0.8 : 0.02), y: at + (at > top + 12 ? -3 : 10) }, svg, "noise");
  }
  plot.lines.forEach(({ ys, look }) => shape("path", { class: `line ${look}`, d: path(ys) }, svg));
  const main = plot.lines.find((line) => line.look === "main");
  if (main && plot.at !== null)
    shape("circle", { class: "dot", r: 4, cx: x(plot.xs[plot.at]), cy: clamp(main.ys[plot.at]) }, svg);
};

// All charts of a figure: the metrics over the slider, the spectrum, and the line between two networks.
const makeCharts = (parent, specs) => {
  const box = element("div", "charts", parent);
  const metrics = specs.map((spec) => ({ spec, ...makeChart(box, spec.title, spec.say) }));
  const spectrum = makeChart(box, "Patch spectrum",
    "Share of the patches' variance on each component. Aligned: a few carry most of it.");
  const line = makeChart(box, "Loss on the way between two",
    "Imitation loss on the straight line between both. Flat: they can be averaged. A hill: they cannot.");
  [...metrics, spectrum].forEach((chart) => chart.figure.dataset.chart = chart.spec ? chart.spec.name : "spectrum");
  line.figure.dataset.chart = "line";

  const treatmentOf = (measured, state) => measured[state.matched ? "realigned" : "shuffled"];

  const drawMetric = (chart, kind, kinds, state) => {
    const { name } = chart.spec;
    const own = kind.measured && treatmentOf(kind.measured, state);
    const known = own && own.metrics[name];
    chart.figure.classList.toggle("waiting", !known);
    if (!known) {
      chart.svg.replaceChildren();
      chart.value.textContent = kind.measured ? "needs two networks" : "measuring";
      return;
    }
    const ready = kinds.filter((other) => other.measured && other.measured.shuffled.metrics[name]);
    const all = ready.flatMap(({ measured: m }) => [m.shuffled, m.realigned].flatMap((t) => [...t.metrics[name], t.noise[name]]));
    const lines = ready.filter((other) => other !== kind)
      .map((other) => ({ xs: other.measured.fractions, ys: treatmentOf(other.measured, state).metrics[name], look: "other" }))
      .filter((other) => other.ys.length === known.length);
    if (state.matched) lines.push({ ys: kind.measured.shuffled.metrics[name], look: "ghost" });
    lines.push({ ys: known, look: "main" });
    const now = known[state.step], noise = own.noise[name];
    chart.value.textContent = `${short(now)} (noise ${short(noise)})`;
    drawPlot(chart.svg, { xs: kind.measured.fractions, range: rangeOf(all), lines, noise, at: state.step, ends: ["0 %", "100 % shuffled"] },
      `${chart.title}: ${short(now)} now, ${short(known[0])} at 0 % shuffled, ${short(known.at(-1))} at 100 %, noise ${short(noise)}`);
  };

  const drawSpectrum = (kind, state) => {
    const { measured } = kind;
    spectrum.figure.classList.toggle("waiting", !measured);
    if (!measured) { spectrum.svg.replaceChildren(); spectrum.value.textContent = "measuring"; return; }
    const whole = treatmentOf(measured, state).spectrum[state.step];
    const now = whole.slice(0, SHOWN), before = measured.shuffled.spectrum[0].slice(0, SHOWN);
    const xs = now.map((_, i) => i / (now.length - 1));
    const first = now.slice(0, 4).reduce((sum, share) => sum + share, 0);
    spectrum.value.textContent = `first 4: ${Math.round(100 * first)} %`;
    const lines = [{ ys: now, look: "main" }];
    if (state.step || state.matched) lines.unshift({ ys: before, look: "ghost" });
    drawPlot(spectrum.svg, { xs, range: rangeOf([...before, ...now]), lines, noise: measured.noiseSpectrum.slice(0, SHOWN), at: null, ends: ["component 1", `${now.length} of ${whole.length}`] },
      `Patch spectrum: the first four of ${whole.length} components carry ${Math.round(100 * first)} % of the variance`);
  };

  const drawLine = (kind, state) => {
    const { measured } = kind;
    const own = measured && treatmentOf(measured, state).loss[state.step];
    const losses = own && own[state.pair - 1];
    line.figure.classList.toggle("waiting", !losses);
    if (!losses) {
      line.svg.replaceChildren();
      line.value.textContent = !measured ? "measuring"
        : kind.networks.length < 2 ? "needs two networks" : "needs a task to measure loss on";
      return;
    }
    const every = [measured.shuffled, measured.realigned].flatMap((t) => t.loss.flatMap((step) => step[state.pair - 1]));
    const middle = losses[Math.floor(losses.length / 2)];
    line.value.textContent = `half-way ${short(middle)}, ends ${short(losses[0])} and ${short(losses.at(-1))}`;
    const lines = [{ ys: losses, look: "main" }];
    if (state.step || state.matched) lines.unshift({ ys: measured.shuffled.loss[0][state.pair - 1], look: "ghost" });
    drawPlot(line.svg, { xs: losses.map((_, i) => i / (losses.length - 1)), range: rangeOf([...every]), lines, noise: null, at: null, ends: ["network 1", `network ${state.pair + 1}`] },
      `Imitation loss from network 1 to network ${state.pair + 1}: ${short(losses[0])} at the start, ${short(middle)} half-way, ${short(losses.at(-1))} at the end`);
  };

  return {
    lineFigure: line.figure,
    draw: (kind, kinds, state) => {
      metrics.forEach((chart) => drawMetric(chart, kind, kinds, state));
      drawSpectrum(kind, state);
      drawLine(kind, state);
    },
  };
};
