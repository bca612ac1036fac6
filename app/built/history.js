// Made by `make bundle` out of the files named below; do not edit.

// widgets/lifecycle.js
var LINGER_MS = 200;
var watch = (root, isNew, layOut) => {
  const ending = new AbortController();
  const { signal } = ending;
  const resized = new ResizeObserver(() => {
    if (isNew(root.clientWidth)) layOut();
  });
  resized.observe(root);
  root.style.transition = "color 1ms";
  const themed = (event) => {
    if (event.target === root) layOut();
  };
  root.addEventListener("transitionend", themed, { signal });
  const watchPixels = () => {
    const now = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = () => {
      layOut();
      watchPixels();
    };
    now.addEventListener("change", changed, { once: true, signal });
  };
  watchPixels();
  return () => {
    ending.abort();
    resized.disconnect();
  };
};
var begin = (root, view) => {
  let key;
  let width = 0;
  let closing;
  let unwatch = null;
  const layOut = () => {
    width = root.clientWidth;
    if (width) view.layOut();
  };
  const end = () => {
    if (root.isConnected) {
      close();
      return;
    }
    unwatch?.();
    unwatch = null;
    view.close?.();
  };
  const close = () => {
    clearTimeout(closing);
    closing = setTimeout(end, LINGER_MS);
  };
  return (call) => {
    clearTimeout(closing);
    const same = call.data.key !== void 0 && call.data.key === key;
    key = call.data.key;
    view.show(call.data, call, same);
    if (!same || !unwatch) layOut();
    unwatch ??= watch(root, (now) => now !== width, layOut);
    return close;
  };
};
var livingPart = (name, build2) => (call) => {
  const root = call.parentElement.querySelector(`.${name}`);
  root.life ??= begin(root, build2(root));
  return root.life(call);
};

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
var build = () => ({
  show: () => oneEntryAPage(window),
  layOut: () => {
  }
});
var history_default = livingPart("history", build);
export {
  history_default as default
};
