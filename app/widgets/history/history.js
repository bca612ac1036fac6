// Draws nothing: a script of the page itself, see `entries.js`.
import { oneEntryAPage } from "./entries.js";

oneEntryAPage(window);
