// The one diverging scale of all weights. Zero is the page's background; blue below, orange above (told
// apart by the colour-blind). Shared by every figure: put before the script that uses it.
const SCALES = {
  light: { below: [[122, 170, 208], [20, 62, 112]], above: [[240, 160, 96], [136, 46, 0]] },
  dark: { below: [[38, 104, 166], [172, 216, 255]], above: [[172, 88, 22], [255, 212, 164]] },
};

const parseColour = (text) => (text.match(/[\d.]+/g) || [255, 255, 255]).slice(0, 3).map(Number);

// 511 colours from -limit to +limit.
const palette = (background) => {
  const dark = background[0] + background[1] + background[2] < 384;
  const { below, above } = SCALES[dark ? "dark" : "light"];
  const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
  const colour = (ends, t) =>
    t < 0.4 ? mix(background, ends[0], t / 0.4) : mix(ends[0], ends[1], (t - 0.4) / 0.6);
  return Array.from({ length: 511 }, (_, i) =>
    i < 255 ? colour(below, (255 - i) / 255) : colour(above, (i - 255) / 255));
};

const indexOf = (value, limit) =>
  255 + Math.max(-255, Math.min(255, Math.round((255 * value) / limit)));

// The theme's colours as numbers: what zero is painted in, and the ink of lines.
const themeOf = (element) => {
  const style = getComputedStyle(element);
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  probe.fillRect(0, 0, 1, 1);
  const background = Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
  return { background, colours: palette(background), ink: parseColour(style.color) };
};
