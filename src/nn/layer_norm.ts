import { checkNumbers, fromZero } from "../core/check_numbers.ts";
import { tf } from "../engine/mod.ts";
import { normalizeRows } from "../engine/ops/mod.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer } from "./types.ts";
import { valueOf } from "./values.ts";

/** The constants of layer normalisation. */
export type LayerNormOptions = {
  /** What is added to a variance before its root is taken. Default 1e-6, as in vision transformers. */
  readonly epsilon?: number;
};

/**
 * Layer normalisation of each token, or of each sample of features, over its channels:
 *
 *     y = weight (x - mean) / sqrt(variance + epsilon) + bias
 *
 * Parameters: `weight` (ones at first) and `bias` (zeros) [C].
 *
 * Source: arXiv:1607.06450, eq. 4. Reference: reference/layer_norm.ts
 *
 * @param options The constant.
 * @returns [N, ..., C] to the same shape.
 * @throws {RangeError} if epsilon is below 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, layerNorm, tf } from "@momentum-contrast/moco";
 *
 * const layer = layerNorm();
 * const { network } = layer.init(key(0), [2]);
 * const [first, second] = layer.apply(network, tf.tensor2d([[1, 3]]), { training: true }).output.dataSync();
 * assertAlmostEquals(first, -1, 1e-5);
 * assertAlmostEquals(second, 1, 1e-5);
 * ```
 */
export function layerNorm({ epsilon = 1e-6 }: LayerNormOptions = {}): Layer {
  checkNumbers("make a layer norm", { epsilon: [epsilon, fromZero] });
  return {
    init: (_, input) => {
      if (input.length === 0) throw new LayerError("initialize", "layer norm", "samples [..., C]", shapeText(input));
      const shape = [input[input.length - 1]];
      return { network: { params: { weight: tf.ones(shape), bias: tf.zeros(shape) }, buffers: {} }, output: input };
    },
    apply: ({ params }, x) => {
      if (x.rank < 2) throw new LayerError("apply", "layer norm", "samples [N, ..., C]", shapeText(x));
      const channels = x.shape[x.rank - 1]!;
      const [weight, bias] = ["weight", "bias"].map((name) => valueOf(params, name, [channels], "layer norm"));
      const y = normalizeRows(tf.reshape(x, [-1, channels]), weight, bias, epsilon); // [N ..., C]
      return { output: tf.reshape(y, x.shape), buffers: {} };
    },
  };
}
