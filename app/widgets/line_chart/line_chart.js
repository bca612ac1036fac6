// A small chart of lines as SVG. It is given finished numbers and computes none. Pointing at it, or its focus and the
// arrow keys, tells the values at a stop.
import { element, setAttributes, shape } from "../dom.js";
import { nearest, scaleOf } from "./scales.js";

const KEYS = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  Home: -Infinity,
  End: Infinity,
};

export class LineChart {
  constructor(parent) {
    const box = element("div", "plot", parent);
    this.svg = shape("svg", { role: "img", tabindex: 0 }, box);
    this.told = element("span", "told", box);
    this.told.setAttribute("role", "status");
    this.told.dataset.control = "";
    this.pointed = null;
    this.plot = null;
    const pointer = (event) => this.#point(this.#stopAt(event));
    this.svg.addEventListener("pointermove", pointer);
    this.svg.addEventListener("pointerdown", pointer);
    // A finger that is lifted leaves as well, but wants to read.
    this.svg.addEventListener(
      "pointerleave",
      (event) => event.pointerType !== "touch" && this.#point(null),
    );
    this.svg.addEventListener("blur", () => this.#point(null));
    this.svg.addEventListener("focus", () => this.#focus());
    this.svg.addEventListener("keydown", (event) => this.#press(event));
  }

  /**
   * @param {object} plot
   * @param {{width, height, left, right, top, bottom: number}} plot.frame size, and the room around the plot in it
   * @param {string} plot.label what the chart shows, in words
   * @param {[number, number]} plot.range of the values
   * @param {number[]} plot.stops where values are, from 0 on the left to 1 on the right
   * @param {Array<{at: number, text?: string, look?: string}>} plot.levels names beside the plot and lines across it;
   *   one that looks "bare" has no line
   * @param {Array<{at: number, text: string, anchor: string}>} plot.ticks under it, by place from 0 to 1
   * @param {Array<{look: string, values: Array<number|null>, bounds?: Array<[number, number]|null>, dots?: boolean}>}
   *   plot.series a value for each stop; with dots, an empty one where there is none yet
   * @param {{text: string, place: number, value: number}} [plot.note] beside a line
   * @param {{stop: number, look: "line"|"dot"}} [plot.marker] the stop of the moment; a dot lies on the last series
   * @param {(stop: number) => string} plot.tell the values at a stop, in words
   */
  draw(plot) {
    const { frame, range, label } = plot;
    const { width, height, left, right, top, bottom } = frame;
    this.plot = plot;
    this.x = scaleOf([0, 1], [left, width - right]);
    const y = scaleOf(range, [height - bottom, top]);
    this.y = (value) => Math.max(top - 2, Math.min(height - bottom + 2, y(value)));
    this.svg.replaceChildren();
    setAttributes(this.svg, { "aria-label": label, viewBox: `0 0 ${width} ${height}` });
    this.#drawAxes();
    if (plot.marker?.look === "line") this.#drawNow(plot.marker);
    for (const series of plot.series) this.#drawSeries(series);
    if (plot.note) this.#drawNote(plot.note);
    if (plot.marker?.look === "dot") this.#drawDot(plot.marker);
    this.hover = shape("g", { class: "hover" }, this.svg);
    if (this.pointed !== null) this.#point(Math.min(this.pointed, plot.stops.length - 1));
  }

  // Nothing to draw; `label` says why.
  clear(label) {
    this.plot = null;
    this.#point(null);
    this.svg.replaceChildren();
    setAttributes(this.svg, { "aria-label": label });
  }

  #drawAxes() {
    const { frame, levels, ticks } = this.plot;
    const { width, height, left, right } = frame;
    for (const { at, text, look } of levels) {
      const line = { x1: left, x2: width - right, y1: this.y(at), y2: this.y(at) };
      if (look !== "bare")
        shape("line", { class: look ? `axis ${look}` : "axis", ...line }, this.svg);
      if (text !== undefined)
        shape(
          "text",
          { class: "tick", x: left - 5, y: this.y(at) + 3.5, "text-anchor": "end" },
          this.svg,
          text,
        );
    }
    for (const { at, text, anchor } of ticks)
      shape(
        "text",
        { class: "tick", x: this.x(at), y: height - 4, "text-anchor": anchor },
        this.svg,
        text,
      );
  }

  #drawSeries({ look, values, bounds, dots }) {
    const { stops, range } = this.plot;
    const points = values
      .map((value, i) => (value === null ? null : [this.x(stops[i]), this.y(value)]))
      .filter(Boolean)
      .map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
    if (points.length)
      shape("path", { class: `line ${look}`, d: `M${points.join("L")}` }, this.svg);
    values.forEach((value, i) => {
      const x = this.x(stops[i]);
      if (bounds?.[i]) {
        const [y1, y2] = bounds[i].map(this.y);
        shape("line", { class: "whisker", x1: x, x2: x, y1, y2 }, this.svg);
      }
      if (!dots) return;
      const known = value !== null;
      const place = { cx: x, cy: this.y(known ? value : range[0]), r: 4 };
      shape("circle", { class: known ? `dot ${look}` : "dot awaited", ...place }, this.svg);
    });
  }

  // Above the line if there is room, else below it.
  #drawNote({ text, place, value }) {
    const y = this.y(value);
    const above = y > this.plot.frame.top + 12;
    shape("text", { class: "tick", x: this.x(place), y: y + (above ? -3 : 10) }, this.svg, text);
  }

  #drawNow({ stop }) {
    const { frame, stops } = this.plot;
    const x = this.x(stops[stop]);
    const ends = { y1: frame.top - 6, y2: frame.height - frame.bottom };
    shape("line", { class: "now", x1: x, x2: x, ...ends }, this.svg);
  }

  #drawDot({ stop }) {
    const { stops, series } = this.plot;
    const place = { cx: this.x(stops[stop]), cy: this.y(series.at(-1).values[stop]), r: 4 };
    shape("circle", { class: "dot marker", ...place }, this.svg);
  }

  #stopAt(event) {
    if (!this.plot) return null;
    const bounds = this.svg.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) * this.plot.frame.width) / bounds.width;
    return nearest(this.plot.stops.map(this.x), x);
  }

  #focus() {
    // A click has said already where.
    if (this.plot && this.pointed === null) this.#point(this.plot.marker?.stop ?? 0);
  }

  #press(event) {
    const by = KEYS[event.key];
    if (event.key === "Escape") this.#point(null);
    if (!this.plot || by === undefined) return;
    event.preventDefault();
    const from = this.pointed ?? this.plot.marker?.stop ?? 0;
    this.#point(Math.max(0, Math.min(this.plot.stops.length - 1, from + by)));
  }

  // Tells the values at a stop; null tells none.
  #point(stop) {
    this.pointed = stop;
    const text = stop === null ? "" : this.plot.tell(stop);
    if (this.told.textContent !== text) this.told.textContent = text;
    if (!this.hover) return;
    this.hover.replaceChildren();
    if (stop === null) return;
    const { frame, stops, series } = this.plot;
    const x = this.x(stops[stop]);
    shape("line", { x1: x, x2: x, y1: frame.top, y2: frame.height - frame.bottom }, this.hover);
    const value = series.at(-1).values[stop];
    if (value !== null) shape("circle", { cx: x, cy: this.y(value), r: 3 }, this.hover);
    const middle = (frame.left + frame.width - frame.right) / 2;
    const place =
      x > middle ? { x: x - 6, "text-anchor": "end" } : { x: x + 6, "text-anchor": "start" };
    shape("text", { y: frame.top + 8, ...place }, this.hover, text);
  }
}
