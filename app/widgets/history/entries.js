// Streamlit adds an entry to the browser's history at each change of an address's parameters, so that Back leads
// through every edit. Here a change within a page replaces its entry; another page adds one.

// The parameters of a page that is opened may come before its address: they are then put into the entry of the page
// that is left. This long before, in milliseconds.
const EARLY = 3000;

// What `history.pushState` is replaced by.
export const pushOrReplace = (history, location, push, now = () => performance.now()) => {
  let before = null; // what the last change within a page replaced: {url, by, at}
  return function pushState(state, title, url) {
    const to = new URL(url ?? "", location.href);
    if (to.origin === location.origin && to.pathname === location.pathname) {
      before = { url: location.href, by: to.href, at: now() };
      history.replaceState(state, title, url);
      return;
    }
    const misplaced = before?.by === location.href && to.search && to.search === location.search;
    if (misplaced && now() - before.at < EARLY) history.replaceState(state, title, before.url);
    before = null;
    push.call(history, state, title, url);
  };
};

// Takes effect once for a window, however often it is asked for.
export const oneEntryAPage = (window) => {
  if (window.nnitHistory) return;
  window.nnitHistory = true;
  const { history, location } = window;
  history.pushState = pushOrReplace(history, location, history.pushState);
};
