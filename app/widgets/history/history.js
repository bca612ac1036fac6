// Draws nothing; see `entries.js`.
import { livingPart } from "../lifecycle.js";
import { oneEntryAPage } from "./entries.js";

const build = () => ({
  show: () => oneEntryAPage(window),
  layOut: () => {},
});

export default livingPart("history", build);
