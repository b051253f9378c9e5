import { type Tensor, tf } from "../engine/mod.ts";
import { batchInfoNce } from "./batch_info_nce.ts";
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
  const { loss, logits } = batchInfoNce(query, keys, temperature);
  return { loss: tf.mul(loss, 2 * temperature), logits };
}
