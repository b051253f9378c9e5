import { recompute } from "../core/recompute.ts";
import type { Tensor } from "../engine/mod.ts";
import type { Layer, Network } from "./types.ts";

/**
 * A layer whose activations are not kept for the gradient but computed again. It takes less memory and more time, and
 * gives the same values. Only the first run updates the buffers.
 *
 * Source: arXiv:1604.06174, section 3.
 *
 * @param layer The layer; its values keep their names.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, key, recomputed, relu, sequential, tf } from "@momentum-contrast/moco";
 *
 * const plain = sequential({ 0: dense({ features: 4 }), 1: relu(), 2: dense({ features: 2 }) });
 * const { network } = plain.init(key(0), [3]);
 * const [x, mode] = [tf.ones([5, 3]), { training: true }];
 * const { output } = recomputed(plain).apply(network, x, mode);
 * assertEquals(output.dataSync(), plain.apply(network, x, mode).output.dataSync());
 * ```
 */
export function recomputed(layer: Layer): Layer {
  return {
    init: layer.init,
    apply: (network, x, mode) => {
      const { output, buffers } = recompute(({ network, x }: { network: Network; x: Tensor }) => {
        const result = layer.apply(network, x, mode);
        return mode.training ? result : { ...result, buffers: {} };
      })({ network, x });
      return { output, buffers: mode.training ? buffers : network.buffers };
    },
  };
}
