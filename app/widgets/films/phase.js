// Robots that are compared show the same moment: films here, 3D views by `members`.

const TOLERANCE = 0.08; // seconds that two films may be apart: more would be seen, less is never reached

const LATE = 0.5; // seconds that a film may have played on when it says that it was moved
const DRIFT = 0.3; // seconds after which a film that plays more slowly than the first is brought to it

// What another film must do when one has been played, paused or moved: {seek, play}, each undefined where it is right.
// A film that has only been moved says nothing of playing: it may still be loading.
export const followed = (lead, other, moved = false) => {
  const length = Number.isFinite(other.duration) ? other.duration : lead.currentTime;
  const to = Math.min(lead.currentTime, length);
  const step = {};
  if (Math.abs(other.currentTime - to) > TOLERANCE) step.seek = to;
  if (lead.ended || moved) return step;
  if (lead.paused !== other.paused && !(other.ended && lead.currentTime >= length))
    step.play = !lead.paused;
  return step;
};

const ENOUGH = 2; // HAVE_CURRENT_DATA: there is a picture

// Keeps films at the same moment; they begin again together when the longest has ended. Returns `ended`, to be called
// when one has, and `stop`.
export const inPhase = (films, { still }) => {
  const ending = new AbortController();
  const { signal } = ending;
  let begun = false;
  // Events that are to follow from what is done here, "play", "pause" or "seeked" for each film, and the time it is then
  // at: no visitor asked for them, so that no other film follows. Two films would else seek each other for ever where
  // seeking is slow.
  const own = new Map(films.map((film) => [film, new Map()]));
  const caused = (film, type) => {
    const to = own.get(film).get(type);
    own.get(film).delete(type);
    if (type !== "seeked") return to !== undefined;
    // A seek that another one overtook is never reported.
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
      if (step.seek !== undefined) seek(other, step.seek);
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
      if (!still()) play(film);
    }
  };
  const end = () => {
    if (!still() && films.every((film) => film.ended)) restart();
  };
  // They begin when all of them can; one that is just being moved has no picture for a moment.
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

// 3D views that stand side by side, by the element that holds them.
const places = new WeakMap();
export const members = (place) => {
  if (!places.has(place)) places.set(place, new Set());
  return places.get(place);
};
