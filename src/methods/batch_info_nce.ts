import { type Tensor, tf } from "../engine/mod.ts";
import { crossEntropy } from "../engine/ops/mod.ts";
import type { Contrast } from "./info_nce.ts";

/**
 * InfoNCE whose dictionary is the batch: each query must tell its own key from the keys of the N - 1 other images.
 *
 *     L = mean_i -log( exp(q_i·k_i / T) / sum_j exp(q_i·k_j / T) )
 *
 * Source: arXiv:1911.05722, eq. 1, over the keys of the mini-batch (section 3.2). Reference: reference/batch_info_nce.ts
 *
 * @param query Unit rows, float32 [N, D]. The gradient flows here.
 * @param keys Unit rows, float32 [N, D]: row i is the positive of query i, every other row a negative. The gradient flows
 *   here too, where they depend on what is differentiated.
 * @param temperature T, above 0.
 * @returns The logits are [N, N], the positives on the diagonal.
 * @throws {TypeError} if the shapes do not fit.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { batchInfoNce, tf } from "@momentum-contrast/moco";
 *
 * const same = tf.tensor2d([[1, 0], [1, 0], [1, 0]]); // every key as near as the positive: chance, log N
 * assertAlmostEquals(batchInfoNce(same, same, 0.2).loss.dataSync()[0], Math.log(3), 1e-6);
 * ```
 */
export function batchInfoNce(query: Tensor, keys: Tensor, temperature: number): Contrast {
  if (query.rank !== 2 || `${keys.shape}` !== `${query.shape}`) {
    throw new TypeError(
      `Cannot contrast: expected query and keys of one shape [N, D], found [${query.shape}] and [${keys.shape}]`,
    );
  }
  const similarities = tf.matMul(query as tf.Tensor2D, keys as tf.Tensor2D, false, true); // [N, N]
  const logits = tf.mul(similarities, 1 / temperature); // [N, N]
  const labels = tf.range(0, query.shape[0], 1, "int32"); // the positive of row i is column i
  return { loss: tf.mean(crossEntropy(logits, labels)), logits };
}
