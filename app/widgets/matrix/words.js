// What is said about matrices in several places.
import { element } from "../dom.js";

export const signed = (value) => (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(3);

// The part of the input to which a column belongs, or undefined.
export const groupOf = (groups, column) =>
  groups.find(([, start, end]) => column >= start && column < end);

// "0–2 hand, 3 gripper"
export const groupsText = (groups) =>
  groups
    .map(
      ([name, start, end]) => `${start === end - 1 ? start : `${start}\u2013${end - 1}`} ${name}`,
    )
    .join(", ");

// The end of a layer's colour scale, which its matrices in all networks share.
export const endOf = (limit) => `\u00b1${limit}`;

// The colour scale with its ends, and beside it what is pointed at.
export const makeScale = (parent) => {
  const foot = element("div", "scale", parent);
  const low = element("span", "", foot);
  const bar = element("canvas", "", foot);
  const high = element("span", "", foot);
  const readout = element("span", "readout", foot);
  readout.setAttribute("role", "status");
  readout.dataset.control = "";
  return {
    readout,
    setLimit: (limit) => {
      low.textContent = `\u2212${limit}`;
      high.textContent = `+${limit}`;
    },
    // Where every layer has ends of its own, named beside it.
    setLayers: () => {
      low.textContent = "\u2212";
      high.textContent = "+ up to the value beside each layer";
    },
    paint: ({ pixels }) => {
      bar.width = pixels.length;
      bar.height = 1;
      const context = bar.getContext("2d");
      const image = context.createImageData(pixels.length, 1);
      new Uint32Array(image.data.buffer).set(pixels);
      context.putImageData(image, 0, 0);
    },
  };
};
