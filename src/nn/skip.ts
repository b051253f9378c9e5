import { addSame } from "../engine/ops/add.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer } from "./types.ts";

/**
 * A layer with a way around it: x + layer(x). Its values keep their names.
 *
 * Source: arXiv:1603.05027, eq. 5.
 *
 * @param layer What is added; its output has the shape of its input.
 */
export function skip(layer: Layer): Layer {
  return {
    init: (key, input) => {
      const made = layer.init(key, input);
      if (made.output.join() !== input.join()) {
        throw new LayerError("initialize", "skip", `a layer to shape ${shapeText(input)}`, shapeText(made.output));
      }
      return made;
    },
    apply: (network, x, mode) => {
      const { output, stats } = layer.apply(network, x, mode);
      return { output: addSame(x, output), stats };
    },
  };
}
