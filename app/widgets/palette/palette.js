// The one diverging scale of all weights. Zero is the page's background; blue below, orange above (told
// apart by the colour-blind). Also the theme's other colours, for what is drawn on a canvas.
const SCALES = {
  light: {
    below: [
      [122, 170, 208],
      [20, 62, 112],
    ],
    above: [
      [240, 160, 96],
      [136, 46, 0],
    ],
  },
  dark: {
    below: [
      [38, 104, 166],
      [172, 216, 255],
    ],
    above: [
      [172, 88, 22],
      [255, 212, 164],
    ],
  },
};
const HALF = 255;
const STEPS = 2 * HALF + 1;

export const parseColour = (text) =>
  (text.match(/[\d.]+/g) || [255, 255, 255]).slice(0, 3).map(Number);

// The colours from -limit to +limit.
export const palette = (background) => {
  const dark = background[0] + background[1] + background[2] < 384;
  const { below, above } = SCALES[dark ? "dark" : "light"];
  const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
  const colour = (ends, t) =>
    t < 0.4 ? mix(background, ends[0], t / 0.4) : mix(ends[0], ends[1], (t - 0.4) / 0.6);
  return Array.from({ length: STEPS }, (_, i) =>
    colour(i < HALF ? below : above, Math.abs(i - HALF) / HALF),
  );
};

// Which of them is a value's.
export const indexOf = (value, limit) =>
  HALF + Math.sign(value) * Math.min(HALF, Math.round((HALF * Math.abs(value)) / limit));

// Colours as the pixels of an image.
export const pixelsOf = (colours) =>
  Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);

export const backgroundOf = (element) =>
  getComputedStyle(element).getPropertyValue("--st-background-color").trim() || "#ffffff";

// The colour of what the visitor controls.
export const accentOf = (element) =>
  getComputedStyle(element).getPropertyValue("--st-primary-color").trim() || "#5b3fc4";

// What a canvas needs of the theme: the pixels of the scale, the ink of lines as numbers, the accent.
export const themeOf = (element) => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = backgroundOf(element);
  probe.fillRect(0, 0, 1, 1);
  const background = Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
  const ink = parseColour(getComputedStyle(element).color);
  return { pixels: pixelsOf(palette(background)), ink, accent: accentOf(element) };
};
