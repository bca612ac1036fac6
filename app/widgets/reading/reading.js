// A picture that the visitor draws or chooses, and what each of some networks reads in it, computed here.
// `reading.py` says what `data` holds.
import { decode } from "../arrays.js";
import { element, picture } from "../dom.js";
import { livingPart } from "../lifecycle.js";
import { themeOf } from "../palette/palette.js";
import { likeliest, probabilitiesOf } from "./answers.js";
import { centred } from "./picture.js";

const PAD = 280; // pixels of the drawing's side
const PEN = 22;

const percent = (share) => `${(100 * share).toFixed(share > 0.9995 || share < 0.1 ? 0 : 1)} %`;

// A picture's pixels in the ink of the theme, enlarged to a canvas.
const paintPixels = (canvas, pixels, columns, ink) => {
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = pixels.length / columns;
  const context = small.getContext("2d");
  const image = context.createImageData(small.width, small.height);
  pixels.forEach((value, i) => {
    image.data.set([...ink, Math.round(255 * value)], 4 * i);
  });
  context.putImageData(image, 0, 0);
  const target = canvas.getContext("2d");
  target.clearRect(0, 0, canvas.width, canvas.height);
  target.imageSmoothingEnabled = false;
  target.drawImage(small, 0, 0, canvas.width, canvas.height);
};

const build = (root) => {
  let data = null;
  let ink = [0, 0, 0];
  let strokes = []; // of points {x, y} on the pad
  let chosen = 0; // number of the example that is shown; null while the visitor draws
  let examples = [];
  let readers = []; // networks, each with its elements
  let pad = null;
  let seen = null;
  let hint = null;
  let thumbnails = [];

  const drawStrokes = (context, colour) => {
    context.clearRect(0, 0, PAD, PAD);
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = PEN;
    context.strokeStyle = colour;
    for (const points of strokes) {
      context.beginPath();
      context.moveTo(points[0].x, points[0].y);
      // A point alone is a dot.
      for (const { x, y } of points.length > 1 ? points.slice(1) : [points[0]])
        context.lineTo(x, y);
      context.stroke();
    }
  };

  // The pixels that networks are given.
  const pixels = () => {
    if (chosen !== null) return examples[chosen].pixels;
    const context = pad.getContext("2d", { willReadFrequently: true });
    const { data: image } = context.getImageData(0, 0, PAD, PAD);
    const drawn = Float32Array.from({ length: PAD * PAD }, (_, i) => image[4 * i + 3] / 255);
    return centred(drawn, PAD, data.picture[1]);
  };

  const say = (reader, shares, empty) => {
    const best = likeliest(shares);
    const label = chosen === null ? null : examples[chosen].label;
    let verdict = "Draw a digit";
    let kind = "quiet";
    if (!empty) {
      verdict = `reads ${data.classes[best]}, ${percent(shares[best])} sure`;
      kind = "plain";
      if (label !== null) {
        kind = label === best ? "good" : "bad";
        verdict = `${kind === "good" ? "\u2713" : "\u2717"} ${verdict}`;
        if (kind === "bad") verdict += `; it is a ${data.classes[label]}`;
      }
    }
    if (reader.verdict.textContent !== verdict) reader.verdict.textContent = verdict;
    reader.verdict.dataset.kind = kind;
    reader.bars.forEach(({ row, bar, number }, i) => {
      const share = empty ? 0 : shares[i];
      bar.style.width = `${100 * share}%`;
      number.textContent = empty ? "" : percent(share);
      row.dataset.best = !empty && i === best;
    });
    root.dataset.read = empty ? "" : readers.map((one) => one.best ?? "").join(" ");
  };

  const read = () => {
    const now = pixels();
    const empty = now.every((value) => value === 0);
    paintPixels(seen, now, data.picture[1], ink);
    for (const reader of readers) {
      const shares = probabilitiesOf(reader.network, now);
      reader.best = data.classes[likeliest(shares)];
      say(reader, shares, empty);
    }
    thumbnails.forEach((one, i) => {
      one.setAttribute("aria-pressed", i === chosen);
    });
    hint.textContent =
      chosen === null
        ? "Yours, centred and made small as the pictures in training were:"
        : "A test picture that no training used. Draw over it to begin one of your own.";
  };

  const draw = () => {
    if (chosen === null) drawStrokes(pad.getContext("2d"), `rgb(${ink})`);
    else paintPixels(pad, examples[chosen].pixels, data.picture[1], ink);
    read();
  };

  const at = (event) => {
    const bounds = pad.getBoundingClientRect();
    return {
      x: ((event.clientX - bounds.left) * PAD) / bounds.width,
      y: ((event.clientY - bounds.top) * PAD) / bounds.height,
    };
  };

  const listen = () => {
    let drawing = false;
    pad.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      if (chosen !== null) strokes = [];
      chosen = null;
      drawing = true;
      pad.setPointerCapture(event.pointerId);
      strokes.push([at(event)]);
      draw();
      event.preventDefault();
    });
    pad.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      const all = event.getCoalescedEvents?.() ?? [];
      strokes.at(-1).push(...(all.length ? all : [event]).map(at));
      draw();
    });
    const stop = () => {
      drawing = false;
    };
    pad.addEventListener("pointerup", stop);
    pad.addEventListener("pointercancel", stop);
  };

  const addPad = (parent) => {
    const side = element("div", "draw", parent);
    pad = picture(side, "A pad to draw a digit on, with mouse or finger");
    pad.className = "pad";
    pad.width = PAD;
    pad.height = PAD;
    listen();
    const below = element("div", "below", side);
    hint = element("p", "", below);
    seen = picture(below, "The picture as networks get it");
    seen.className = "seen";
    [seen.height, seen.width] = data.picture.map((size) => 3 * size);
    const clear = element("button", "", below, "Clear");
    clear.type = "button";
    clear.addEventListener("click", () => {
      strokes = [];
      chosen = null;
      draw();
    });
    const list = element("div", "examples", side);
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", "Test pictures");
    thumbnails = examples.map(({ label }, i) => {
      const button = element("button", "", list);
      button.type = "button";
      button.setAttribute("aria-label", `Test picture ${i + 1}, a ${data.classes[label]}`);
      const canvas = element("canvas", "", button);
      [canvas.height, canvas.width] = data.picture;
      button.addEventListener("click", () => {
        chosen = i;
        draw();
      });
      return button;
    });
  };

  const addReader = (parent, sent) => {
    const section = element("section", "reader", parent);
    if (sent.title) element("h3", "", section, sent.title);
    const verdict = element("p", "verdict", section);
    verdict.setAttribute("role", "status");
    if (sent.note) element("p", "note", section, sent.note);
    const list = element("ol", "", section);
    list.setAttribute("aria-label", "Probability of each class");
    const bars = data.classes.map((name) => {
      const row = element("li", "", list);
      element("span", "name", row, name);
      const track = element("span", "track", row);
      return { row, bar: element("i", "", track), number: element("span", "number", row) };
    });
    const network = {
      ...sent,
      mean: decode(sent.mean, "<f4"),
      scale: decode(sent.scale, "<f4"),
      layers: sent.layers.map((layer) => ({
        ...layer,
        cells: decode(layer.weights, "<f4"),
        biases: decode(layer.biases, "<f4"),
      })),
    };
    return { network, verdict, bars };
  };

  return {
    show: (sent, _call, same) => {
      if (same) return;
      data = sent;
      root.dataset.of = data.of;
      delete root.dataset.drawn;
      root.replaceChildren();
      examples = data.examples.map(({ pixels: packed, label }) => ({
        label,
        pixels: Float32Array.from(decode(packed, "|u1"), (value) => value / 255),
      }));
      // What was drawn stays; another network reads it.
      if (chosen !== null) chosen = examples.length ? Math.min(chosen, examples.length - 1) : null;
      const box = element("div", data.compact ? "box compact" : "box", root);
      addPad(box);
      const list = element("div", "readers", box);
      readers = data.networks.map((one) => addReader(list, one));
    },
    layOut: () => {
      ink = themeOf(root).ink;
      thumbnails.forEach((button, i) => {
        paintPixels(button.firstChild, examples[i].pixels, data.picture[1], ink);
      });
      draw();
      root.dataset.drawn = "true";
    },
  };
};

export default livingPart("reading", build);
