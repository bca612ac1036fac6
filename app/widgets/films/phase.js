// Robots that are compared show the same moment: films here, 3D views by `members`.

const TOLERANCE = 0.08; // seconds that two films may be apart: more would be seen, less is never reached

// What another film must do when one has been played, paused or moved: {seek, play}, each undefined where it is right.
export const followed = (lead, other) => {
  const length = Number.isFinite(other.duration) ? other.duration : lead.currentTime;
  const to = Math.min(lead.currentTime, length);
  const step = {};
  if (Math.abs(other.currentTime - to) > TOLERANCE) step.seek = to;
  if (lead.ended) return step;
  if (lead.paused !== other.paused && !(other.ended && lead.currentTime >= length))
    step.play = !lead.paused;
  return step;
};

// Keeps films at the same moment; they begin again together when the longest has ended.
export const inPhase = (films) => {
  for (const film of films) film.loop = false;
  const follow = ({ target }) => {
    for (const other of films) {
      if (other === target || target.ended) continue;
      const { seek, play } = followed(target, other);
      if (seek !== undefined) other.currentTime = seek;
      if (play === true) other.play().catch(() => {});
      if (play === false) other.pause();
    }
  };
  const end = () => {
    if (!films.every((film) => film.ended)) return;
    for (const film of films) {
      film.currentTime = 0;
      film.play().catch(() => {});
    }
  };
  const listeners = [];
  for (const film of films)
    for (const [name, listener] of [
      ["play", follow],
      ["pause", follow],
      ["seeked", follow],
      ["ended", end],
    ]) {
      film.addEventListener(name, listener);
      listeners.push(() => film.removeEventListener(name, listener));
    }
  return () => {
    for (const stop of listeners) stop();
  };
};

// 3D views that stand side by side, by the element that holds them.
const places = new WeakMap();
export const members = (place) => {
  if (!places.has(place)) places.set(place, new Set());
  return places.get(place);
};
