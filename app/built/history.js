// Made by `make bundle` out of the files named below; do not edit.

// widgets/history/entries.js
var pushOrReplace = (history, location, push) => function pushState(state, title, url) {
  const to = new URL(url ?? "", location.href);
  const within = to.origin === location.origin && to.pathname === location.pathname;
  if (within) history.replaceState(state, title, url);
  else push.call(history, state, title, url);
};
var oneEntryAPage = (window2) => {
  if (window2.nnitHistory) return;
  window2.nnitHistory = true;
  const { history, location } = window2;
  history.pushState = pushOrReplace(history, location, history.pushState);
};

// widgets/history/history.js
oneEntryAPage(window);
