// Matrices under permutations: where each cell comes from, and how it is painted.

const decodeAs = (type, text) =>
  new type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

const decodeNetwork = (network) => ({
  ...network,
  layers: network.layers.map((layer) => ({
    ...layer, cells: decodeAs(Int16Array, layer.cells), biases: decodeAs(Int16Array, layer.biases),
  })),
});

const identity = (count) => Uint16Array.from({ length: count }, (_, i) => i);

// For each layer of a network the order of its rows and of its columns; null is the order as it is.
const ordersOf = (network, text) => {
  const { layers } = network;
  const all = text === null ? null : decodeAs(Uint16Array, text);
  let start = 0;
  const hidden = layers.slice(0, -1).map((layer) => {
    const order = all ? all.subarray(start, start + layer.rows) : identity(layer.rows);
    start += layer.rows;
    return order;
  });
  return layers.map((layer, l) => ({
    rows: hidden[l] || identity(layer.rows),
    columns: l > 0 ? hidden[l - 1] : identity(layer.columns),
  }));
};

// 511 colours as the pixels of an image.
const pixelsOf = (colours) =>
  Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);

const scratchPad = document.createElement("canvas");

// Paint part of a matrix, cell for cell, at (x, y) with cells of `size` pixels.
const paintMatrix = (context, layer, order, limit, pixels, size, part) => {
  const { row, column, rows, columns, x, y } = part;
  if (rows <= 0 || columns <= 0) return;
  scratchPad.width = columns;
  scratchPad.height = rows;
  const pad = scratchPad.getContext("2d");
  const image = pad.createImageData(columns, rows);
  const out = new Uint32Array(image.data.buffer);
  for (let r = 0; r < rows; r++) {
    const from = order.rows[row + r] * layer.columns;
    for (let c = 0; c < columns; c++) {
      const value = layer.cells[from + order.columns[column + c]] * layer.scale;
      out[r * columns + c] = pixels[indexOf(value, limit)];
    }
  }
  pad.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratchPad, x, y, columns * size, rows * size);
};

const paintBiases = (context, layer, order, limit, pixels, size, x) => {
  scratchPad.width = 1;
  scratchPad.height = layer.rows;
  const pad = scratchPad.getContext("2d");
  const image = pad.createImageData(1, layer.rows);
  const out = new Uint32Array(image.data.buffer);
  for (let r = 0; r < layer.rows; r++)
    out[r] = pixels[indexOf(layer.biases[order.rows[r]] * layer.scale, limit)];
  pad.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratchPad, x, 0, size, layer.rows * size);
};

const signed = (value) => (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(3);
