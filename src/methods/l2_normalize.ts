import { type Tensor, tf } from "../engine/mod.ts";

/**
 * Rows scaled to unit length: x / max(|x|, 1e-12).
 *
 * Reference: reference/l2_normalize.ts
 *
 * @param x float32 [N, D].
 * @returns float32 [N, D].
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { l2Normalize, tf } from "@momentum-contrast/moco";
 *
 * assertAlmostEquals(l2Normalize(tf.tensor2d([[3, 4]])).dataSync()[0], 0.6, 1e-6);
 * ```
 */
export function l2Normalize(x: Tensor): Tensor {
  const squaredLength = tf.sum(tf.square(x), 1, true); // [N, 1]
  return tf.mul(x, tf.rsqrt(tf.maximum(squaredLength, 1e-24)));
}
