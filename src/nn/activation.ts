import type { Tensor } from "../engine/mod.ts";
import type { Layer, Shape } from "./types.ts";

/**
 * A layer without values.
 *
 * @param f Maps a batch [N, ...] to another one.
 * @param output The shape of an output sample, given that of an input sample. Default: the same.
 */
export function activation(f: (x: Tensor) => Tensor, output: (input: Shape) => Shape = (input) => input): Layer {
  return {
    init: (_, input) => ({ network: { params: {}, buffers: {} }, output: output(input) }),
    apply: (_, x) => ({ output: f(x), buffers: {} }),
  };
}
