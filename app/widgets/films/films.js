// Looks after the films of the page, which Streamlit shows: none begins by itself, or begins again, where the visitor
// prefers less motion; on a phone they play in their place; two that are compared show the same moment.
import { inPhase } from "./phase.js";

const COMPARED = ".st-key-pair";

const still = matchMedia("(prefers-reduced-motion: reduce)");
const known = new WeakSet();
const phases = new Map(); // films of a place, and what ends their being in phase

const calm = (film) => {
  film.autoplay = false;
  film.pause();
  film.controls = true;
};

const lookAt = (film) => {
  if (known.has(film)) return;
  known.add(film);
  film.playsInline = true;
  if (still.matches) calm(film);
  // Streamlit lets a film begin once; where the page has built its place anew, it would stand still.
  else if (!film.autoplay) film.play().catch(() => {});
};

const compare = () => {
  for (const [place, { films, phase }] of phases)
    if (!place.isConnected || films.some((film) => !film.isConnected)) {
      phase.stop();
      phases.delete(place);
    }
  for (const place of document.querySelectorAll(COMPARED)) {
    const films = [...place.querySelectorAll("video")];
    if (films.length < 2 || phases.has(place)) continue;
    phases.set(place, { films, phase: inPhase(films, { still: () => still.matches }) });
  }
};

// Streamlit begins a film again as soon as it has ended, by a listener of its own; it does not hear of these.
const ended = (event) => {
  const group = [...phases.values()].find(({ films }) => films.includes(event.target));
  if (!group && !still.matches) return;
  event.stopImmediatePropagation();
  group?.phase.ended();
};

const look = () => {
  for (const film of document.querySelectorAll("video")) lookAt(film);
  compare();
};

const watch = () => {
  look();
  document.addEventListener("ended", ended, { capture: true });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  still.addEventListener("change", () => {
    if (still.matches) for (const film of document.querySelectorAll("video")) calm(film);
  });
};

// Once a page load, however often the page runs.
export default () => {
  if (window.nnitFilms) return;
  window.nnitFilms = true;
  watch();
};
