// The verdict in words: a line for each network, each statement leads to the picture that shows it.
import { element } from "../../widgets/dom.js";

const RELATIONS = {
  same: "same",
  permutation: "same",
  agrees: "related",
  closer: "related",
  none: "none",
  unlike: "none",
};
// In words beside the colour.
const WORDS = { same: "Same", related: "Related", none: "Unrelated" };
const FIRST = 12; // networks whose lines are shown at once

const undoneWords = ({ signs, scales }) =>
  `Undone: order${signs ? ", signs" : ""}${scales ? ", scales" : ""}. Noise: what the same search finds between the ` +
  "same networks once every column of weights is shuffled by itself.";

export const makeVerdict = (parent, go) => {
  const root = element("section", "verdict", parent);
  root.setAttribute("aria-live", "polite");

  const addClause = (line, clause) => {
    const button = element("button", "clause", line, clause.text);
    button.type = "button";
    button.addEventListener("click", () => go(clause));
    if (clause.value === null) return;
    const noise = clause.noise === null ? "" : `, noise ${clause.noise.toFixed(3)}`;
    element("span", "number", line, `distance ${clause.value.toFixed(3)}${noise}`);
  };

  const addLine = (list, relation, clauses) => {
    const line = element("li", relation, list);
    if (relation !== "remark") element("b", "sign", line, WORDS[relation]);
    for (const clause of clauses) addClause(line, clause);
  };

  return {
    show: (data) => {
      root.replaceChildren();
      if (!data.said) {
        element(
          "p",
          "waiting",
          root,
          "The pictures below are as your networks are. Matching neurons\u2026",
        );
        return;
      }
      const list = element("ul", "", root);
      const lines = [
        ...data.said.map(({ relation, clauses }) => [RELATIONS[relation], clauses]),
        ...data.remarks.map((clause) => ["remark", [clause]]),
      ];
      for (const [relation, clauses] of lines.slice(0, FIRST)) addLine(list, relation, clauses);
      if (lines.length > FIRST) {
        const more = element("button", "more", root, `Show all ${lines.length} lines`);
        more.type = "button";
        more.dataset.control = "";
        more.addEventListener("click", () => {
          for (const [relation, clauses] of lines.slice(FIRST)) addLine(list, relation, clauses);
          more.remove();
        });
      }
      if (data.groups) element("p", "groups", root, data.groups);
      for (const note of data.notes) element("p", "note", root, note);
      element("p", "legend", root, undoneWords(data.undone));
    },
  };
};
