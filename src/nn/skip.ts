import { addSame } from "../engine/ops/mod.ts";
import { identity } from "./identity.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer } from "./types.ts";

/**
 * A layer with a way around it: x + layer(x), or way(x) + layer(x). The layer's values keep their names.
 *
 * Source: arXiv:1603.05027, eq. 5.
 *
 * @param layer What is added; its output has the shape of what it is added to.
 * @param way The way around, without values. Default: the identity.
 */
export function skip(layer: Layer, way: Layer = identity()): Layer {
  return {
    init: (key, input) => {
      const made = layer.init(key, input);
      const around = way.init(key, input).output;
      if (made.output.join() !== around.join()) {
        throw new LayerError("initialize", "skip", `a layer to shape ${shapeText(around)}`, shapeText(made.output));
      }
      return made;
    },
    apply: (network, x, mode) => {
      const { output, buffers } = layer.apply(network, x, mode);
      return { output: addSame(way.apply(network, x, mode).output, output), buffers };
    },
  };
}
