import { type Tensor, tf } from "../engine/mod.ts";
import { crossEntropy } from "../engine/ops/cross_entropy.ts";
import type { Contrast } from "./info_nce.ts";

/**
 * MoCo v3's contrastive loss: each query must tell its own key from the keys of the other images of the batch.
 *
 *     ctr(q, k) = 2 T mean_i -log( exp(q_i·k_i / T) / sum_j exp(q_i·k_j / T) )
 *
 * The gradient of plain cross-entropy grows as 1 / T; the factor 2 T keeps it from depending on the temperature.
 *
 * Source: arXiv:2104.02057, eq. 1 and algorithm 1. Reference: reference/moco_v3.ts
 *
 * @param query Unit rows, float32 [N, D]. The gradient flows here.
 * @param keys Unit rows, float32 [N, D]: row i is the positive of query i, every other row a negative.
 * @param temperature T, above 0.
 * @returns The scaled loss; the logits are [N, N], the positives on the diagonal.
 * @throws {TypeError} if the shapes do not fit.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { batchContrast, tf } from "@momentum-contrast/moco";
 *
 * const same = tf.tensor2d([[1, 0], [1, 0], [1, 0]]); // every key as near as the positive: chance, log N
 * assertAlmostEquals(batchContrast(same, same, 0.2).loss.dataSync()[0], 2 * 0.2 * Math.log(3), 1e-6);
 * ```
 */
export function batchContrast(query: Tensor, keys: Tensor, temperature: number): Contrast {
  if (query.rank !== 2 || `${keys.shape}` !== `${query.shape}`) {
    throw new TypeError(
      `Cannot contrast: expected query and keys of one shape [N, D], found [${query.shape}] and [${keys.shape}]`,
    );
  }
  const similarities = tf.matMul(query as tf.Tensor2D, keys as tf.Tensor2D, false, true); // [N, N]
  const logits = tf.mul(similarities, 1 / temperature); // [N, N]
  const labels = tf.range(0, query.shape[0], 1, "int32"); // the positive of row i is column i
  return { loss: tf.mul(tf.mean(crossEntropy(logits, labels)), 2 * temperature), logits };
}
