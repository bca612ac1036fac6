// Robots that are compared show the same moment: films here, 3D views by `members`.

const TOLERANCE = 0.08; // seconds that two films may be apart: more would be seen, less is never reached

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
  const follow = ({ target, type }) => {
    if (!begun) return;
    for (const other of films) {
      if (other === target || target.ended) continue;
      const { seek, play } = followed(target, other, type === "seeked");
      if (seek !== undefined) other.currentTime = seek;
      if (play === true) other.play().catch(() => {});
      if (play === false) other.pause();
    }
  };
  const restart = () => {
    for (const film of films) {
      film.currentTime = 0;
      if (!still()) film.play().catch(() => {});
    }
  };
  const end = () => {
    if (!still() && films.every((film) => film.ended)) restart();
  };
  // They begin when all of them can.
  const begin = () => {
    if (begun || !films.every((film) => film.readyState >= ENOUGH)) return;
    begun = true;
    restart();
  };
  for (const film of films) {
    for (const name of ["play", "pause", "seeked"]) film.addEventListener(name, follow, { signal });
    film.addEventListener("loadeddata", begin, { signal });
  }
  begin();
  return { ended: end, stop: () => ending.abort() };
};

// 3D views that stand side by side, by the element that holds them.
const places = new WeakMap();
export const members = (place) => {
  if (!places.has(place)) places.set(place, new Set());
  return places.get(place);
};
