// A robot that this browser runs itself, as a part of a page.
import { livingPart, remade } from "../lifecycle.js";
import { load } from "../replay/library.js";
import { loadLive } from "./files.js";
import { createRobot } from "./robot.js";

const makeRobot = (root, data, { setTriggerValue }) => {
  root.dataset.task = data.task;
  delete root.dataset.ready;
  return createRobot(root, data, {
    load: () => Promise.all([load(), loadLive(data.files)]),
    fail: (sentence) => setTriggerValue("failed", sentence),
    ask: (name) => setTriggerValue("other", name),
  });
};

export default livingPart("live", remade(makeRobot));
