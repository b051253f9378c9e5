import { type Tensor, tf } from "../engine/mod.ts";
import { crossEntropy, diagonal, withDiagonal } from "../engine/ops/mod.ts";
import type { Contrast } from "./info_nce.ts";

/**
 * SimCLR's loss, the normalised temperature-scaled cross-entropy: each of the 2N views must tell the other view of its
 * own image from the 2N - 2 views of the other images.
 *
 *     l(i, j) = -log( exp(z_i·z_j / T) / sum_{k != i} exp(z_i·z_k / T) ),    L = 1/2N sum over both orders of each pair
 *
 * Source: arXiv:2002.05709, eq. 1 and algorithm 1. Reference: reference/nt_xent.ts
 *
 * @param first One view of each image, unit rows, float32 [N, D]. The gradient flows here.
 * @param second The other view of each, unit rows, float32 [N, D]. The gradient flows here.
 * @param temperature T, above 0.
 * @returns The logits are [2N, 2N], first views before second ones, minus infinity where a view meets itself; `positives`
 *   are those of the pairs, float32 [2N].
 * @throws {TypeError} if the shapes do not fit.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { ntXent, tf } from "@momentum-contrast/moco";
 *
 * const same = tf.tensor2d([[1, 0], [1, 0]]); // three views, each as near as the positive: chance, log(2N - 1)
 * assertAlmostEquals(ntXent(same, same, 0.5).loss.dataSync()[0], Math.log(3), 1e-6);
 * ```
 */
export function ntXent(first: Tensor, second: Tensor, temperature: number): Contrast & { readonly positives: Tensor } {
  const [count] = first.shape;
  if (first.rank !== 2 || `${second.shape}` !== `${first.shape}`) {
    throw new TypeError(
      `Cannot contrast: expected two views of one shape [N, D], found [${first.shape}] and [${second.shape}]`,
    );
  }
  const z = tf.concat([first, second], 0) as tf.Tensor2D; // [2N, D]
  const logits = withDiagonal(tf.mul(tf.matMul(z, z, false, true), 1 / temperature), -Infinity); // [2N, 2N]
  const range = (from: number) => tf.range(from, from + count, 1, "int32");
  const labels = tf.concat([range(count), range(0)]); // the other view of row i is N rows further on, or back
  const positives = tf.concat([
    diagonal(tf.slice(logits, [0, count], [count, count])),
    diagonal(tf.slice(logits, [count, 0], [count, count])),
  ]); // [2N]
  return { loss: tf.mean(crossEntropy(logits, labels)), logits, positives };
}
