// Streamlit adds an entry to the browser's history at each change of an address's parameters, so that Back leads
// through every edit. Here a change within a page replaces its entry; another page adds one.
//
// What Streamlit writes comes late: it follows what the server sends of a run, and by then the visitor may have gone
// on, with Back or with another link. So it is known here which path the visitor wants, from a click on a link or a
// step through the history, until the visitor does something else. Meanwhile what is of another page is not written.

// Where a link within this window leads to, null if the click is not on one or opens something else.
const pathOfLink = (event, location) => {
  const link = event.composedPath().find((node) => node.localName === "a" && node.href);
  if (!link || link.target || link.hasAttribute("download")) return null;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const to = new URL(link.href, location.href);
  return to.origin === location.origin ? to.pathname : null;
};

// Keys and buttons of the browser's own commands, Back among them, say nothing of the page.
const KEYS = new Set([
  "Alt",
  "AltGraph",
  "Control",
  "Meta",
  "Shift",
  "BrowserBack",
  "BrowserForward",
]);
const isCommand = ({ altKey, metaKey, key, button }) =>
  altKey || metaKey || KEYS.has(key) || button > 0;

// The path of the page that is drawn, as the navigation says it; null where there is none.
export const drawnPath = (document) => {
  const link = document.querySelector("[data-testid*=Nav][aria-current=page]");
  return link ? new URL(link.href).pathname : null;
};

const plain = (path) => path.replace(/\/$/, "");

// Takes effect once for a window, however often it is asked for.
export const oneEntryAPage = (window, drawn = () => drawnPath(window.document)) => {
  if (window.nnitHistory) return;
  window.nnitHistory = true;
  const { history, location } = window;
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let wanted = null; // the path that the visitor went to last; null once anything else was done
  let before = null; // what was replaced since the visitor last did something: {url, by}

  // A change of parameters is of the page that is drawn: on the way to another page it is written neither to the
  // entry that is left nor to the one that is gone to.
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
    if (wanted !== null && plain(wanted) !== plain(to.pathname)) return; // of a page that was left meanwhile
    // A page that leads to another by itself: the other's parameters may come before its path, and were then put into
    // the entry of the page that is left.
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
  window.addEventListener("popstate", () => goesTo(location.pathname));
  const CAPTURE = true; // before the page's own listeners, which may stop the event
  window.addEventListener("click", (event) => goesTo(pathOfLink(event, location)), CAPTURE);
  const acts = (event) => {
    if (!isCommand(event) && pathOfLink(event, location) === null) goesTo(null);
  };
  // What is drawn may lead to another page by itself, as a map does whose cell is chosen. A finger that only scrolls
  // ends with `pointercancel`.
  window.addEventListener("pointerup", acts, CAPTURE);
  window.addEventListener("keydown", acts, CAPTURE);
};
