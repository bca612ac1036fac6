// Made by `make bundle` out of the files named below; do not edit.

// widgets/history/entries.js
var EARLY = 3e3;
var pushOrReplace = (history, location, push, now = () => performance.now()) => {
  let before = null;
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
var oneEntryAPage = (window2) => {
  if (window2.nnitHistory) return;
  window2.nnitHistory = true;
  const { history, location } = window2;
  history.pushState = pushOrReplace(history, location, history.pushState);
};

// widgets/history/history.js
oneEntryAPage(window);
