// What the straight line from the reference to the network does to outputs and losses, on observations that are given.
import { element } from "../../widgets/dom.js";
import { LineChart } from "../../widgets/line_chart/line_chart.js";
import { short } from "../../widgets/line_chart/scales.js";
import { axesOf } from "./neurons.js";

const FRAME = { width: 300, height: 120, left: 40, right: 8, top: 8, bottom: 18 };

export const makeLine = (parent) => {
  const root = element("section", "line-between", parent);
  element("h3", "", root, "On the way between both");
  element(
    "p",
    "",
    root,
    "Networks on the straight line from the reference to this one, run on your observations. Faint: as it is. Solid: " +
      "aligned. Flat at 0: the two can be averaged.",
  );
  const row = element("div", "small-charts", root);
  const figure = (title) => {
    const made = element("figure", "", row);
    const caption = element("figcaption", "", made, title);
    return { made, caption, chart: new LineChart(made) };
  };
  const disagreement = figure("");
  const loss = figure("");

  const draw = ({ caption, chart }, title, { positions, before, after }, name) => {
    caption.textContent = `${title}: at most ${short(Math.max(...before[name]))}, aligned ${short(Math.max(...after[name]))}`;
    chart.draw({
      frame: FRAME,
      label: caption.textContent,
      ...axesOf([...before[name], ...after[name]], ["reference", "this network"]),
      stops: positions,
      series: [
        { look: "ghost", values: before[name] },
        { look: "main", values: after[name] },
      ],
      tell: (i) => `as it is ${short(before[name][i])}, aligned ${short(after[name][i])}`,
    });
  };

  return {
    root,
    show: ({ pair }) => {
      root.hidden = !pair.line;
      if (!pair.line) return;
      draw(disagreement, "Disagreement of outputs", pair.line, "disagreement");
      loss.made.hidden = !pair.line.before.loss;
      if (!pair.line.before.loss) return;
      draw(loss, "Mean squared error", pair.line, "loss");
      const [before, after] = [pair.line.before.barrier, pair.line.after.barrier].map(short);
      loss.caption.textContent += ` (barrier ${before}, aligned ${after})`;
    },
  };
};
