// A network as `live.py` writes it, for `MLP`.
import { decode } from "../arrays.js";

export const networkOf = ({ layers, mean, scale, activation }) => ({
  activation,
  mean: decode(mean, "<f4"),
  scale: decode(scale, "<f4"),
  layers: layers.map(({ weight, bias }) => ({
    weight: decode(weight, "<f4"),
    bias: decode(bias, "<f4"),
  })),
});
