import { type Tensor, tf } from "../engine/mod.ts";
import { crossEntropy } from "../engine/ops/mod.ts";

/** What the contrastive task gives: a loss to descend, and how well the positives are told from the negatives. */
export type Contrast = {
  /** Mean cross-entropy (in v3 times 2T), float32 scalar, nats. */
  readonly loss: Tensor;
  /** Similarities over temperature: float32 [N, candidates]. Over a queue, [N, 1+K] with the positive in column 0. */
  readonly logits: Tensor;
};

/**
 * The InfoNCE loss: each query must tell its own key from K negatives.
 *
 *     L = mean_i -log( exp(q_i·k_i / T) / (exp(q_i·k_i / T) + sum_j exp(q_i·n_j / T)) )
 *
 * Source: arXiv:1911.05722, eq. 1. Reference: reference/info_nce.ts
 *
 * @param query Unit rows, float32 [N, D]. The gradient flows here.
 * @param key The positive of each query, unit rows, float32 [N, D].
 * @param negatives Unit rows, float32 [K, D]: the queue.
 * @param temperature T, above 0.
 * @throws {TypeError} if the shapes do not fit.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { infoNce, tf } from "@momentum-contrast/moco";
 *
 * const query = tf.tensor2d([[1, 0]]);
 * const negatives = tf.tensor2d([[1, 0], [1, 0], [1, 0]]); // as near as the positive: chance, log(K+1)
 * assertAlmostEquals(infoNce(query, query, negatives, 0.2).loss.dataSync()[0], Math.log(4), 1e-6);
 * ```
 */
export function infoNce(query: Tensor, key: Tensor, negatives: Tensor, temperature: number): Contrast {
  if (query.rank !== 2 || `${key.shape}` !== `${query.shape}` || negatives.shape[1] !== query.shape[1]) {
    throw new TypeError(
      "Cannot contrast: expected query [N, D], key [N, D] and negatives [K, D], " +
        `found [${query.shape}], [${key.shape}] and [${negatives.shape}]`,
    );
  }
  const positive = tf.sum(tf.mul(query, key), 1, true); // [N, 1]
  const negative = tf.matMul(query as tf.Tensor2D, negatives as tf.Tensor2D, false, true); // [N, K]
  const logits = tf.mul(tf.concat([positive, negative], 1), 1 / temperature); // [N, 1+K]
  const labels = tf.zeros([query.shape[0]], "int32"); // the positive is column 0
  return { loss: tf.mean(crossEntropy(logits, labels)), logits };
}

/**
 * The share of queries whose positive is among the `k` nearest. A negative as near as the positive counts as nearer, so
 * that collapsed features score 0, not 1.
 *
 * @param logits As {@linkcode infoNce} or `batchContrast` returns them, float32 [N, candidates].
 * @param k How many nearest.
 * @param positives The logits of the positives, float32 [N, 1] and bit for bit as among `logits`. Default: column 0.
 * @returns float32 scalar in [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { contrastAccuracy, tf } from "@momentum-contrast/moco";
 *
 * const logits = tf.tensor2d([[3, 1, 2], [1, 2, 0]]);
 * assertEquals(contrastAccuracy(logits, 1).dataSync()[0], 0.5);
 * ```
 */
export function contrastAccuracy(
  logits: Tensor,
  k: number,
  positives: Tensor = tf.slice(logits, [0, 0], [-1, 1]),
): Tensor {
  const asNear = tf.sum(tf.cast(tf.greaterEqual(logits, positives), "float32"), 1); // [N], the positive itself included
  return tf.mean(tf.cast(tf.lessEqual(asNear, k), "float32"));
}
