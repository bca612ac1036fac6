// Draws nothing: a script of the page itself. What the 3D view draws with is on its way, and read, while the server
// is still at work on the page; not over a slow line, where the page's own parts come first.
import { load } from "./library.js";

const { effectiveType = "4g", saveData = false } = navigator.connection || {};
// Where it fails, the view asks again, and says so.
if (effectiveType === "4g" && !saveData) load().catch(() => {});
