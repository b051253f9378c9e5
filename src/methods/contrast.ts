/**
 * The contrastive losses: each query must tell its own key, the positive, from other keys, the negatives.
 *
 * | loss | used by | negatives |
 * | --- | --- | --- |
 * | `infoNce` | MoCo v1 and v2, the memory bank | keys from a dictionary |
 * | `batchInfoNce` | the end-to-end mechanism | the other keys of the batch |
 * | `batchContrast` | MoCo v3 | the other keys of the batch; times 2T |
 * | `ntXent` | SimCLR | all other views of the batch |
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { crossEntropy, diagonal, withDiagonal } from "../engine/ops/mod.ts";

/** The result of the contrastive task: a loss to minimise, and how well positives are told from negatives. */
export type Contrast = {
  /** Mean cross-entropy (in v3 times 2T), float32 scalar, nats. */
  readonly loss: Tensor;
  /** Similarities over temperature: float32 [N, candidates]. Over a queue, [N, 1+K] with the positive in column 0. */
  readonly logits: Tensor;
  /** The logits of the positives, float32 [N], bit for bit as among `logits`. */
  readonly positives: Tensor;
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
 * @throws {RangeError} if the temperature is not above 0.
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
  const logits = tf.mul(tf.concat([positive, negative], 1), 1 / checked(temperature)); // [N, 1+K]
  const labels = tf.zeros([query.shape[0]], "int32"); // the positive is column 0
  const positives = tf.reshape(tf.slice(logits, [0, 0], [-1, 1]), [-1]); // [N]
  return { loss: tf.mean(crossEntropy(logits, labels)), logits, positives };
}

/** The temperature, if it can divide. */
function checked(temperature: number): number {
  checkNumbers("contrast", { temperature: [temperature, aboveZero] });
  return temperature;
}

/**
 * InfoNCE with the batch as its dictionary: each query must tell its own key from the keys of the N - 1 other images.
 *
 *     L = mean_i -log( exp(q_i·k_i / T) / sum_j exp(q_i·k_j / T) )
 *
 * Source: arXiv:1911.05722, eq. 1, over the keys of the mini-batch (section 3.2).
 * Reference: reference/batch_info_nce.ts
 *
 * @param query Unit rows, float32 [N, D]. The gradient flows here.
 * @param keys Unit rows, float32 [N, D]: row i is the positive of query i, every other row a negative. The gradient
 *   flows here too, if they depend on what is differentiated.
 * @param temperature T, above 0.
 * @returns The logits are [N, N], the positives on the diagonal.
 * @throws {TypeError} if the shapes do not fit.
 * @throws {RangeError} if the temperature is not above 0.
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
  const logits = tf.mul(similarities, 1 / checked(temperature)); // [N, N]
  const labels = tf.range(0, query.shape[0], 1, "int32"); // the positive of row i is column i
  return { loss: tf.mean(crossEntropy(logits, labels)), logits, positives: diagonal(logits) };
}

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
 * @throws {RangeError} if the temperature is not above 0.
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
  const { loss, ...rest } = batchInfoNce(query, keys, temperature);
  return { loss: tf.mul(loss, 2 * temperature), ...rest };
}

/**
 * SimCLR's loss, the normalised temperature-scaled cross-entropy: each of the 2N views must tell the other view of its
 * own image from the 2N - 2 views of the other images.
 *
 *     l(i, j) = -log( exp(z_i·z_j / T) / sum_{k != i} exp(z_i·z_k / T) )
 *     L = 1/(2N) sum of l(i, j) + l(j, i) over the N pairs (i, j) of views of one image
 *
 * Source: arXiv:2002.05709, eq. 1 and algorithm 1. Reference: reference/nt_xent.ts
 *
 * @param first One view of each image, unit rows, float32 [N, D]. The gradient flows here.
 * @param second The other view of each, unit rows, float32 [N, D]. The gradient flows here.
 * @param temperature T, above 0.
 * @returns The logits are [2N, 2N], first views before second ones, minus infinity where a view meets itself;
 *   `positives` are those of the pairs, float32 [2N].
 * @throws {TypeError} if the shapes do not fit.
 * @throws {RangeError} if the temperature is not above 0.
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
export function ntXent(first: Tensor, second: Tensor, temperature: number): Contrast {
  const [count] = first.shape;
  if (first.rank !== 2 || `${second.shape}` !== `${first.shape}`) {
    throw new TypeError(
      `Cannot contrast: expected two views of one shape [N, D], found [${first.shape}] and [${second.shape}]`,
    );
  }
  const z = tf.concat([first, second], 0) as tf.Tensor2D; // [2N, D]
  const logits = withDiagonal(tf.mul(tf.matMul(z, z, false, true), 1 / checked(temperature)), -Infinity); // [2N, 2N]
  const range = (from: number) => tf.range(from, from + count, 1, "int32");
  const labels = tf.concat([range(count), range(0)]); // the other view of row i is N rows further on, or back
  const positives = tf.concat([
    diagonal(tf.slice(logits, [0, count], [count, count])),
    diagonal(tf.slice(logits, [count, 0], [count, count])),
  ]); // [2N]
  return { loss: tf.mean(crossEntropy(logits, labels)), logits, positives };
}

/**
 * The share of queries whose positive is among the `k` nearest. A tie counts against the positive, so that collapsed
 * features score 0, not 1. So does a logit that is not a number.
 *
 * @param logits As {@linkcode infoNce} or {@linkcode batchContrast} returns them, float32 [N, candidates].
 * @param k The number of nearest candidates.
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
  const farther = tf.sum(tf.cast(tf.less(logits, positives), "float32"), 1); // [N]
  return tf.mean(tf.cast(tf.greaterEqual(farther, logits.shape[1]! - k), "float32"));
}
