// The small charts: the metrics over the slider, the spectrum, and the line between two networks. This kind in ink,
// others faint, noise dashed, a dot where the slider is.
import { element } from "../../widgets/dom.js";
import { LineChart } from "../../widgets/line_chart/line_chart.js";
import { rangeOf, short } from "../../widgets/line_chart/scales.js";

const SHOWN = 24; // components of a spectrum: the rest carry next to nothing
const FRAME = { width: 232, height: 96, left: 34, right: 8, top: 8, bottom: 18 };

const percent = (share) => `${Math.round(100 * share)} %`;
const evenly = (count) => Array.from({ length: count }, (_, i) => i / (count - 1));
const treatmentOf = (measured, state) => measured[state.matched ? "realigned" : "shuffled"];

// A figure with a title, the number of the moment, a plot, and what to look for.
class Figure {
  constructor(parent, name, title, say) {
    this.figure = element("figure", "chart", parent);
    this.figure.dataset.chart = name;
    this.title = title;
    const head = element("figcaption", "", this.figure);
    element("b", "", head, title);
    this.value = element("span", "value", head);
    this.chart = new LineChart(this.figure);
    element("p", "", this.figure, say);
  }

  // Shows a plot, its range round, its ends named; without one, why there is none.
  show(value, plot) {
    this.figure.classList.toggle("waiting", !plot);
    this.value.textContent = value;
    if (!plot) {
      this.chart.clear(`${this.title}: ${value}`);
      return;
    }
    const { numbers, ends, ...rest } = plot;
    const [low, high] = rangeOf(numbers);
    const levels = [
      { at: low, text: short(low) },
      { at: high, text: short(high), look: "bare" },
    ];
    if (low < 0) levels.push({ at: 0, look: "faint" });
    const ticks = [
      { at: 0, text: ends[0], anchor: "start" },
      { at: 1, text: ends[1], anchor: "end" },
    ];
    this.chart.draw({ frame: FRAME, range: [low, high], levels, ticks, ...rest });
  }
}

const drawMetric = (figure, { name, title }, kind, kinds, state) => {
  const own = kind.measured && treatmentOf(kind.measured, state);
  const known = own?.metrics[name];
  if (!known) {
    figure.show(kind.measured ? "needs two networks" : "measuring", null);
    return;
  }
  const { fractions } = kind.measured;
  const ready = kinds.filter((other) => other.measured?.shuffled.metrics[name]);
  const numbers = ready.flatMap(({ measured }) =>
    [measured.shuffled, measured.realigned].flatMap((one) => [
      ...one.metrics[name],
      one.noise[name],
    ]),
  );
  const noise = own.noise[name];
  const others = ready
    .filter((other) => other !== kind)
    .map((other) => ({ look: "other", values: treatmentOf(other.measured, state).metrics[name] }))
    .filter(({ values }) => values.length === known.length);
  const series = [{ look: "noise", values: fractions.map(() => noise) }, ...others];
  if (state.matched) series.push({ look: "ghost", values: kind.measured.shuffled.metrics[name] });
  series.push({ look: "main", values: known });
  const now = short(known[state.step]);
  const label =
    `${title}: ${now} now, ${short(known[0])} at 0 % shuffled, ${short(known.at(-1))} at 100 %, ` +
    `noise ${short(noise)}`;
  figure.show(`${now} (noise ${short(noise)})`, {
    label,
    numbers,
    series,
    stops: fractions,
    ends: ["0 %", "100 % shuffled"],
    // Where a line over the slider begins, it is farthest from noise.
    note: { text: "noise", place: 0.02, value: noise },
    marker: { stop: state.step, look: "dot" },
    tell: (i) => `${percent(fractions[i])}: ${short(known[i])}`,
  });
};

const drawSpectrum = (figure, { measured }, state) => {
  if (!measured) {
    figure.show("measuring", null);
    return;
  }
  const whole = treatmentOf(measured, state).spectrum[state.step];
  const now = whole.slice(0, SHOWN);
  const before = measured.shuffled.spectrum[0].slice(0, SHOWN);
  const noise = measured.noiseSpectrum.slice(0, SHOWN);
  const first = percent(now.slice(0, 4).reduce((sum, share) => sum + share, 0));
  const series = [{ look: "noise", values: noise }];
  if (state.step || state.matched) series.push({ look: "ghost", values: before });
  series.push({ look: "main", values: now });
  figure.show(`first 4: ${first}`, {
    label: `Patch spectrum: the first four of ${whole.length} components carry ${first} of the variance`,
    numbers: [...before, ...now],
    series,
    stops: evenly(now.length),
    ends: ["component 1", `${now.length} of ${whole.length}`],
    note: { text: "noise", place: 0.8, value: noise[Math.floor(0.8 * noise.length)] },
    tell: (i) => `component ${i + 1}: ${(100 * now[i]).toFixed(1)} %`,
  });
};

const drawLoss = (figure, { measured, networks }, state) => {
  const own = measured && treatmentOf(measured, state).loss[state.step];
  const losses = own?.[state.pair - 1];
  if (!losses) {
    const missing = networks.length < 2 ? "needs two networks" : "needs a task to measure loss on";
    figure.show(measured ? missing : "measuring", null);
    return;
  }
  const ofPair = ({ loss }) => loss.flatMap((step) => step[state.pair - 1]);
  const [start, middle, end] = [0, Math.floor(losses.length / 2), losses.length - 1].map((i) =>
    short(losses[i]),
  );
  const series = [{ look: "main", values: losses }];
  if (state.step || state.matched)
    series.unshift({ look: "ghost", values: measured.shuffled.loss[0][state.pair - 1] });
  const stops = evenly(losses.length);
  figure.show(`half-way ${middle}, ends ${start} and ${end}`, {
    label:
      `Imitation loss from network 1 to network ${state.pair + 1}: ${start} at the start, ${middle} half-way, ` +
      `${end} at the end`,
    numbers: [measured.shuffled, measured.realigned].flatMap(ofPair),
    series,
    stops,
    ends: ["network 1", `network ${state.pair + 1}`],
    tell: (i) => `${percent(stops[i])} of the way: ${short(losses[i])}`,
  });
};

// All charts of a figure; `specs` are {name, title, say} of the metrics.
export const makeCharts = (parent, specs) => {
  const box = element("div", "charts", parent);
  const metrics = specs.map((spec) => ({
    spec,
    figure: new Figure(box, spec.name, spec.title, spec.say),
  }));
  const spectrum = new Figure(
    box,
    "spectrum",
    "Patch spectrum",
    "Share of the patches' variance on each component. Aligned: a few carry most of it.",
  );
  const line = new Figure(
    box,
    "line",
    "Loss on the way between two",
    "Imitation loss on the straight line between both. Flat: they can be averaged. A hill: they cannot.",
  );
  return {
    lineFigure: line.figure,
    draw: (kind, kinds, state) => {
      for (const { spec, figure } of metrics) drawMetric(figure, spec, kind, kinds, state);
      drawSpectrum(spectrum, kind, state);
      drawLoss(line, kind, state);
    },
  };
};
