// Turns the screens of "How it works" by key, shows them to a room, and shows a QR code of the view.
// `deck.py` says what `data` holds.
import { element } from "../../widgets/dom.js";
import { livingPart } from "../../widgets/lifecycle.js";
import { asked, kindOf, turned } from "./keys.js";

const build = (root) => {
  let data = null;
  let send = null;
  let at = null; // where the visitor is, or has asked to be
  let waits = false; // whether the page has still to follow
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
    else document.documentElement.requestFullscreen?.().catch(() => {});
  };
  const enter = () => {
    if (!document.fullscreenElement) full();
    go({ ...at, present: true });
  };
  const leave = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    go({ ...at, present: false });
  };
  const showCode = () => (code.open ? code.close() : code.showModal());

  const start = button("Present", "Alone on the screen, in large type. Page keys turn.", enter);
  const stop = button("Leave", "Esc", leave);
  const share = button("QR code", "Of this view, for phones", showCode);

  // A click leaves the focus on what was clicked; the keys go on turning all the same.
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
      { present: at.present, kind, byKeyboard },
    );
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    // What was clicked before would take the key as well when it is let go.
    if (kind === "control" && !byKeyboard) target.blur?.();
    if (code.open && act !== "code") code.close();
    if (act === "next") go(turned(at, 1, data.count));
    else if (act === "back") go(turned(at, -1, data.count));
    else if (act === "leave") leave();
    else if (act === "full") full();
    else showCode();
  };
  // Who leaves fullscreen with Esc has left the lecture: the browser does not tell of the key.
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
      // An answer to an earlier press must not undo a later one.
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
        warning.textContent = sent.local
          ? "This address works on this computer alone. Open the app by an address that phones reach."
          : "";
      }
      root.dataset.screen = screen;
      root.dataset.shown = shown;
      root.dataset.present = present;
      if (!ending) listen();
    },
    layOut: () => {},
    close: () => {
      ending?.abort();
      ending = null;
    },
  };
};

export default livingPart("deck", build);
