// Streamlit adds an entry to the browser's history at each change of an address's parameters, so that Back leads
// through every edit. Here a change within a page replaces its entry; another page adds one.

// What `history.pushState` is replaced by.
export const pushOrReplace = (history, location, push) =>
  function pushState(state, title, url) {
    const to = new URL(url ?? "", location.href);
    const within = to.origin === location.origin && to.pathname === location.pathname;
    if (within) history.replaceState(state, title, url);
    else push.call(history, state, title, url);
  };

// Takes effect once for a window, however often it is asked for.
export const oneEntryAPage = (window) => {
  if (window.nnitHistory) return;
  window.nnitHistory = true;
  const { history, location } = window;
  history.pushState = pushOrReplace(history, location, history.pushState);
};
