// Numbers that look random and are the same in every run.
export const randomOf = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

export const permutationOf = (count, random) => {
  const order = Uint16Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
};

export const layerOf = (rows, columns, random) => {
  const parts = (length) => Int16Array.from({ length }, () => Math.round(65534 * (random() - 0.5)));
  return { rows, columns, cells: parts(rows * columns), biases: parts(rows), scale: 1 / 32767 };
};
