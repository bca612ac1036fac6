// Made by `make bundle` out of the files named below; do not edit.

// widgets/history/entries.js
var pathOfLink = (event, location) => {
  const link = event.composedPath().find((node) => node.localName === "a" && node.href);
  if (!link || link.target || link.hasAttribute("download")) return null;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const to = new URL(link.href, location.href);
  return to.origin === location.origin ? to.pathname : null;
};
var KEYS = /* @__PURE__ */ new Set([
  "Alt",
  "AltGraph",
  "Control",
  "Meta",
  "Shift",
  "BrowserBack",
  "BrowserForward"
]);
var isCommand = ({ altKey, metaKey, key, button }) => altKey || metaKey || KEYS.has(key) || button > 0;
var drawnPath = (document) => {
  const link = document.querySelector("[data-testid*=Nav][aria-current=page]");
  return link ? new URL(link.href).pathname : null;
};
var plain = (path) => path.replace(/\/$/, "");
var oneEntryAPage = (window2, drawn = () => drawnPath(window2.document)) => {
  if (window2.nnitHistory) return;
  window2.nnitHistory = true;
  const { history, location } = window2;
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let wanted = null;
  let before = null;
  const belongs = () => {
    if (wanted === null) return true;
    const here = plain(location.pathname);
    const shown = drawn();
    return plain(wanted) === here && (shown === null || plain(shown) === here);
  };
  const write = (add) => (state, title, url) => {
    const to = new URL(url ?? "", location.href);
    if (to.origin === location.origin && to.pathname === location.pathname) {
      if (!belongs()) return;
      before = { url: location.href, by: to.href };
      replace(state, title, url);
      return;
    }
    if (wanted !== null && plain(wanted) !== plain(to.pathname)) return;
    const misplaced = before?.by === location.href && to.search && to.search === location.search;
    if (misplaced) replace(state, title, before.url);
    before = null;
    wanted = null;
    add(state, title, url);
  };
  history.pushState = write(push);
  history.replaceState = write(replace);
  const goesTo = (path) => {
    wanted = path;
    before = null;
  };
  window2.addEventListener("popstate", () => goesTo(location.pathname));
  const CAPTURE = true;
  window2.addEventListener("click", (event) => goesTo(pathOfLink(event, location)), CAPTURE);
  const acts = (event) => {
    if (!isCommand(event) && pathOfLink(event, location) === null) goesTo(null);
  };
  window2.addEventListener("pointerup", acts, CAPTURE);
  window2.addEventListener("keydown", acts, CAPTURE);
};

// widgets/history/history.js
oneEntryAPage(window);
