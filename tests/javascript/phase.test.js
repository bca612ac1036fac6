import assert from "node:assert/strict";
import { test } from "node:test";
import { followed, inPhase } from "../../app/widgets/films/phase.js";
import { keptInside } from "../../app/widgets/replay/scenery.js";
import { randomOf } from "./random.js";

const film = (currentTime, paused, ended = false, duration = 8) => ({
  currentTime,
  paused,
  ended,
  duration,
});

test("a film that is played or paused takes the other along", () => {
  assert.deepEqual(followed(film(2, false), film(2, true)), { play: true });
  assert.deepEqual(followed(film(2, true), film(2, false)), { play: false });
  assert.deepEqual(followed(film(2, false), film(2.02, false)), {});
});

test("a film that is moved moves the other, to its end at most", () => {
  assert.deepEqual(followed(film(5, true), film(1, true)), { seek: 5 });
  assert.deepEqual(followed(film(7, true), film(1, true, false, 4)), { seek: 4 });
});

test("a film that has only been moved lets the other play on", () => {
  assert.deepEqual(followed(film(5, true), film(1, false), true), { seek: 5 });
});

test("a film that has ended lets the longer one play on, and does not begin again before it ends", () => {
  assert.deepEqual(followed(film(4, true, true, 4), film(4, false)), {});
  assert.deepEqual(followed(film(6, false), film(4, true, true, 4)), {});
});

test("nothing under the table and nothing far away is looked at", () => {
  const random = randomOf(3);
  for (let i = 0; i < 500; i++) {
    const at = [0, 1, 2].map(() => 20 * random() - 10);
    const [x, y, z] = keptInside(at, [0.1, 0.6, 0.2], 2);
    assert.ok(Math.abs(x - 0.1) <= 2 && Math.abs(y - 0.6) <= 2 && z >= 0.05 && z <= 2);
  }
  assert.deepEqual(keptInside([0.1, 0.6, 0.2], [0.1, 0.6, 0.2], 2), [0.1, 0.6, 0.2]);
});

// A film as browsers have them, as far as films in phase need it; a seek takes until `land` is called.
class Film extends EventTarget {
  constructor(duration) {
    super();
    Object.assign(this, { duration, time: 0, paused: true, ended: false, seeking: false });
    Object.assign(this, { readyState: 4, seeks: 0 });
  }
  get currentTime() {
    return this.time;
  }
  set currentTime(to) {
    this.time = to;
    this.ended = false;
    this.seeking = true;
    this.seeks += 1;
  }
  say(name) {
    this.dispatchEvent(new Event(name));
  }
  play() {
    if (this.paused) {
      this.paused = false;
      this.say("play");
    }
    return Promise.resolve();
  }
  pause() {
    if (this.paused) return;
    this.paused = true;
    this.say("pause");
  }
  land() {
    if (!this.seeking) return;
    this.seeking = false;
    this.say("seeked");
  }
}

test("films whose seeks are slow do not seek each other for ever", () => {
  const films = [new Film(8), new Film(8)];
  inPhase(films, { still: () => false });
  for (let round = 0; round < 20; round++)
    for (const film of films) {
      film.time += 0.5; // plays on while it lands
      film.land();
    }
  assert.ok(films.every((film) => !film.paused));
  const before = films.map((film) => film.seeks);
  films[1].currentTime = 3;
  films[1].land();
  assert.equal(films[0].currentTime, 3);
  films[0].time = 3.4;
  films[0].land();
  assert.equal(films[1].currentTime, 3, "what followed leads no other");
  assert.deepEqual(
    films.map((film) => film.seeks),
    before.map((count) => count + 1),
  );
});

test("a film that has fallen behind is brought to the first", () => {
  const films = [new Film(8), new Film(4)];
  inPhase(films, { still: () => false });
  for (const film of films) film.land();
  films[0].time = 2;
  films[0].say("timeupdate");
  assert.equal(films[1].currentTime, 2);
  films[1].land();
  films[0].time = 6;
  films[0].say("timeupdate");
  assert.equal(films[1].currentTime, 4);
});

test("a visitor's seek is followed also where an earlier one was never reported", () => {
  const films = [new Film(8), new Film(8)];
  inPhase(films, { still: () => false });
  films[0].currentTime = 1.5; // before the seek to the beginning has landed
  films[0].land();
  assert.equal(films[1].currentTime, 1.5);
});

test("films begin together also where one was being moved when the other had loaded", () => {
  const films = [new Film(8), new Film(8)];
  films[0].readyState = 1;
  films[1].readyState = 0;
  inPhase(films, { still: () => false });
  films[1].readyState = 4;
  films[1].say("loadeddata");
  assert.ok(films.every((film) => film.paused));
  films[0].readyState = 4;
  films[0].say("canplay");
  assert.ok(films.every((film) => !film.paused));
});
