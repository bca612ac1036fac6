// Made by `make bundle` out of the files named below; do not edit.

// widgets/dom.js
var element = (tag, name, parent, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== void 0) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};

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
  let newest = 0;
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
    const [data, time] = call.data;
    if (time < newest) return close;
    newest = time;
    const same = data.key !== void 0 && data.key === key;
    key = data.key;
    view.show(data, call, same);
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

// views/how/keys.js
var turned = ({ screen, shown, present }, by, count) => {
  if (present && by > 0 && !shown) return { screen, shown: true, present };
  if (present && by < 0 && shown) return { screen, shown: false, present };
  const to = screen + by;
  if (to < 1 || to > count) return { screen, shown, present };
  return { screen: to, shown: present && by < 0, present };
};
var FORWARDS = /* @__PURE__ */ new Set(["PageDown", "ArrowRight", "ArrowDown", " "]);
var BACKWARDS = /* @__PURE__ */ new Set(["PageUp", "ArrowLeft", "ArrowUp"]);
var asked = ({ key, shift, other }, { present, kind, byKeyboard }) => {
  if (other) return null;
  if (key === "PageDown") return "next";
  if (key === "PageUp") return "back";
  if (!present || kind === "text" || kind === "menu") return null;
  if (key === "Escape") return "leave";
  if (kind === "control" && byKeyboard) return null;
  if (key === " " && shift) return "back";
  if (FORWARDS.has(key)) return "next";
  if (BACKWARDS.has(key)) return "back";
  if (key === "f") return "full";
  if (key === "q") return "code";
  return null;
};
var TEXT = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, [contenteditable=true]";
var MENU = "[role=listbox], [role=option], [role=menu], [role=combobox], [role=dialog]";
var CONTROL = "button, input, select, a, summary, canvas, video, [role=slider], [role=radio], [tabindex]";
var kindOf = (part) => {
  if (!part?.matches) return "page";
  if (part.matches(TEXT)) return "text";
  if (part.closest(MENU)) return "menu";
  if (part.matches("section, main, body, [data-testid=stMain]")) return "page";
  return part.closest(CONTROL) ? "control" : "page";
};

// views/how/deck.js
var build = (root) => {
  let data = null;
  let send = null;
  let at = null;
  let waits = false;
  let byKeyboard = false;
  let ending = null;
  const bar = element("div", "bar", root);
  const button = (text, title, act) => {
    const made = element("button", "", bar, text);
    made.type = "button";
    made.title = title;
    made.addEventListener("click", act);
    return made;
  };
  const code = element("dialog", "code", root);
  const picture = element("img", "", code);
  const address = element("p", "address", code);
  const warning = element("p", "warning", code);
  const close = element("button", "", code, "Close");
  close.type = "button";
  close.addEventListener("click", () => code.close());
  code.addEventListener("click", (event) => {
    if (event.target === code) code.close();
  });
  const go = (to) => {
    if (to.screen === at.screen && to.shown === at.shown && to.present === at.present) return;
    at = to;
    waits = true;
    send(to);
  };
  const full = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {
    });
  };
  const enter = () => {
    if (!document.fullscreenElement) full();
    go({ ...at, present: true });
  };
  const leave = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    go({ ...at, present: false });
  };
  const showCode = () => code.open ? code.close() : code.showModal();
  const start = button("Present", "Alone on the screen, in large type. Page keys turn.", enter);
  const stop = button("Leave", "Esc", leave);
  const share = button("QR code", "Of this view, for phones", showCode);
  const pointed = () => {
    byKeyboard = false;
  };
  const pressed = (event) => {
    if (event.key === "Tab") {
      byKeyboard = true;
      return;
    }
    const { key, shiftKey: shift, ctrlKey, altKey, metaKey, defaultPrevented } = event;
    if (defaultPrevented) return;
    const target = event.composedPath()[0];
    const kind = code.open && key !== "PageDown" && key !== "PageUp" ? "menu" : kindOf(target);
    const act = asked(
      { key, shift, other: ctrlKey || altKey || metaKey },
      { present: at.present, kind, byKeyboard }
    );
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    if (kind === "control" && !byKeyboard) target.blur?.();
    if (code.open && act !== "code") code.close();
    if (act === "next") go(turned(at, 1, data.count));
    else if (act === "back") go(turned(at, -1, data.count));
    else if (act === "leave") leave();
    else if (act === "full") full();
    else showCode();
  };
  const changed = () => {
    if (!document.fullscreenElement && at.present) go({ ...at, present: false });
  };
  const listen = () => {
    ending = new AbortController();
    const { signal } = ending;
    document.addEventListener("pointerdown", pointed, { signal, capture: true });
    document.addEventListener("keydown", pressed, { signal, capture: true });
    document.addEventListener("fullscreenchange", changed, { signal });
  };
  return {
    show: (sent, { setTriggerValue }) => {
      send = (to) => setTriggerValue("go", to);
      data = sent;
      const { screen, shown, present } = sent;
      const here = { screen, shown, present };
      const arrived = at && JSON.stringify(at) === JSON.stringify(here);
      if (!waits || arrived) {
        at = here;
        waits = false;
      }
      start.hidden = present;
      stop.hidden = !present;
      share.hidden = !sent.qr;
      if (sent.qr) {
        picture.src = sent.qr;
        picture.alt = `QR code of ${sent.address}`;
        address.textContent = sent.address;
        warning.textContent = sent.local ? "This address works on this computer alone. Open the app by an address that phones reach." : "";
      }
      root.dataset.screen = screen;
      root.dataset.shown = shown;
      root.dataset.present = present;
      if (!ending) listen();
    },
    layOut: () => {
    },
    close: () => {
      ending?.abort();
      ending = null;
    }
  };
};
var deck_default = livingPart("deck", build);
export {
  deck_default as default
};
