import { valueAndGrad } from "../core/autodiff.ts";
import { scope } from "../core/scope.ts";
import { type Tensor, tf } from "../engine/mod.ts";

/**
 * The share that each place of a map has in the squared length of the features that are pooled from it. For features
 * e = pool(a) of a map a with places p and channels c, where the pooling is linear:
 *
 *     s_p = (1 / |e|^2) sum_c a_pc d(|e|^2 / 2) / d a_pc,    sum_p s_p = 1
 *
 * For the mean over all P places this is s_p = (a_p . e) / (P |e|^2): how much the place says of what the whole says.
 *
 * Source: arXiv:1901.00536, section 3, for an image compared with itself. Reference: reference/length_shares.ts
 *
 * @param map float32 [N, rows, columns, C].
 * @param pool From such a map to features [N, F]; linear.
 * @returns float32 [N, rows, columns]; zeros where the features are zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tf } from "@momentum-contrast/moco";
 * import { lengthShares } from "./length_shares.ts";
 *
 * const map = tf.tensor4d([3, 1], [1, 1, 2, 1]); // two places with one channel
 * assertEquals([...lengthShares(map, (a) => tf.mean(a, [1, 2])).dataSync()], [0.75, 0.25]);
 * ```
 */
export function lengthShares(map: Tensor, pool: (map: Tensor) => Tensor): Tensor {
  return scope(() => {
    const squares = (e: Tensor) => tf.sum(tf.square(e), 1); // [N]
    const { aux, gradients } = valueAndGrad(({ a }) => {
      const lengths = squares(pool(a));
      return { loss: tf.div(tf.sum(lengths), 2), aux: { lengths } };
    }, { a: map });
    const parts = tf.sum(tf.mul(map, gradients.a), 3); // [N, rows, columns]
    return tf.divNoNan(parts, tf.reshape(aux.lengths, [-1, 1, 1]));
  });
}
