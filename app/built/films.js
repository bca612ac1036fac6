// Made by `make bundle` out of the files named below; do not edit.

// widgets/films/phase.js
var TOLERANCE = 0.08;
var LATE = 0.5;
var DRIFT = 0.3;
var followed = (lead, other, moved = false) => {
  const length = Number.isFinite(other.duration) ? other.duration : lead.currentTime;
  const to = Math.min(lead.currentTime, length);
  const step = {};
  if (Math.abs(other.currentTime - to) > TOLERANCE) step.seek = to;
  if (lead.ended || moved) return step;
  if (lead.paused !== other.paused && !(other.ended && lead.currentTime >= length))
    step.play = !lead.paused;
  return step;
};
var ENOUGH = 2;
var inPhase = (films, { still: still2 }) => {
  const ending = new AbortController();
  const { signal } = ending;
  let begun = false;
  const own = new Map(films.map((film) => [film, /* @__PURE__ */ new Map()]));
  const caused = (film, type) => {
    const to = own.get(film).get(type);
    own.get(film).delete(type);
    if (type !== "seeked") return to !== void 0;
    return film.currentTime >= to - TOLERANCE && film.currentTime <= to + LATE;
  };
  const seek = (film, to) => {
    own.get(film).set("seeked", to);
    film.currentTime = to;
  };
  const play = (film) => {
    if (film.paused) own.get(film).set("play", film.currentTime);
    film.play().catch(() => own.get(film).delete("play"));
  };
  const pause = (film) => {
    own.get(film).set("pause", film.currentTime);
    film.pause();
  };
  const follow = ({ target, type }) => {
    if (caused(target, type) || !begun || target.ended) return;
    for (const other of films) {
      if (other === target) continue;
      const step = followed(target, other, type === "seeked");
      if (step.seek !== void 0) seek(other, step.seek);
      if (step.play === true) play(other);
      if (step.play === false) pause(other);
    }
  };
  const [first, ...others] = films;
  const catchUp = () => {
    if (!begun || first.paused || first.seeking) return;
    for (const other of others) {
      if (other.paused || other.seeking) continue;
      if (Math.abs(other.currentTime - first.currentTime) > DRIFT)
        seek(other, Math.min(first.currentTime, other.duration));
    }
  };
  const restart = () => {
    for (const film of films) {
      seek(film, 0);
      if (!still2()) play(film);
    }
  };
  const end = () => {
    if (!still2() && films.every((film) => film.ended)) restart();
  };
  const begin = () => {
    if (begun || !films.every((film) => film.readyState >= ENOUGH)) return;
    begun = true;
    restart();
  };
  for (const film of films) {
    for (const name of ["play", "pause", "seeked"]) film.addEventListener(name, follow, { signal });
    for (const name of ["loadeddata", "canplay", "seeked"])
      film.addEventListener(name, begin, { signal });
    film.addEventListener("emptied", () => own.get(film).clear(), { signal });
  }
  first.addEventListener("timeupdate", catchUp, { signal });
  begin();
  return { ended: end, stop: () => ending.abort() };
};

// widgets/films/films.js
var COMPARED = ".st-key-pair";
var still = matchMedia("(prefers-reduced-motion: reduce)");
var known = /* @__PURE__ */ new WeakSet();
var phases = /* @__PURE__ */ new Map();
var calm = (film) => {
  film.autoplay = false;
  film.pause();
  film.controls = true;
};
var lookAt = (film) => {
  if (known.has(film)) return;
  known.add(film);
  film.playsInline = true;
  if (still.matches) calm(film);
  else if (!film.autoplay) film.play().catch(() => {
  });
};
var compare = () => {
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
var ended = (event) => {
  const group = [...phases.values()].find(({ films }) => films.includes(event.target));
  if (!group && !still.matches) return;
  event.stopImmediatePropagation();
  group?.phase.ended();
};
var look = () => {
  for (const film of document.querySelectorAll("video")) lookAt(film);
  compare();
};
var watch = () => {
  look();
  document.addEventListener("ended", ended, { capture: true });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  still.addEventListener("change", () => {
    if (still.matches) for (const film of document.querySelectorAll("video")) calm(film);
  });
};
var films_default = () => {
  if (window.nnitFilms) return;
  window.nnitFilms = true;
  watch();
};
export {
  films_default as default
};
