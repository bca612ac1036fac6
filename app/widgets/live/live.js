// A robot that this browser runs itself, as a part of a page.
import { livingPart } from "../lifecycle.js";
import { load } from "../replay/library.js";
import { loadLive } from "./files.js";
import { createRobot } from "./robot.js";

const build = (root) => {
  let stage = null;
  const close = () => {
    stage?.close();
    stage = null;
  };
  return {
    show: (data, { setTriggerValue }, same) => {
      if (same && stage) return;
      close();
      root.dataset.task = data.task;
      delete root.dataset.ready;
      stage = createRobot(root, data, {
        load: () => Promise.all([load(), loadLive(data.files)]),
        fail: (sentence) => setTriggerValue("failed", sentence),
      });
    },
    layOut: () => stage?.layOut(),
    close,
  };
};

export default livingPart("live", build);
