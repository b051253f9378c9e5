import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { gatherRows } from "../engine/ops/mod.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { scope } from "../core/scope.ts";
import { BLOCK_BYTES, forEachNeighbours } from "../search/for_each_neighbours.ts";
import type { LabelledFeatures } from "./features.ts";
import { checkLabels, type Classes, countClasses, score, type Scores } from "./scores.ts";

/** Options of {@linkcode knn}. */
export type KnnOptions = {
  /** Neighbours that vote. Default 200, or the whole bank where it is smaller. */
  readonly k?: number;
  /** Temperature of the votes. Default 0.1. */
  readonly temperature?: number;
  /** The number of classes, or their names. Default: one more than the largest label. */
  readonly classes?: Classes;
  /** Memory for the similarities of a block of queries, in bytes. Default 64 MiB. */
  readonly blockBytes?: number;
};

/** Scores of the weighted kNN classifier, and how they were taken. */
export type KnnResult = Scores & {
  /** The neighbours that voted. */
  readonly k: number;
  /** The temperature of the votes. */
  readonly temperature: number;
  /** The predicted class of each query, int32 [Q]. */
  readonly predictions: Int32Array;
};

/**
 * Classifies by a weighted vote of the nearest neighbours, and scores it: the check that needs no training.
 *
 *     vote(c) = sum over the k nearest i of [y_i = c] exp(s_i / T),   s = cosine similarity
 *
 * The search is exact. The class with the largest vote is predicted; if votes are equal, the lower class wins. A class
 * that no neighbour belongs to is not counted among the first five.
 *
 * Source: arXiv:1805.01978, section 3.4; k and T as in the authors' CIFAR-10 demo of MoCo.
 * Reference: reference/knn.ts
 *
 * @param queries Features float32 [Q, D] and the labels that they are scored against.
 * @param bank Features float32 [N, D] and the labels that vote.
 * @param options The number of neighbours, the temperature, the classes.
 * @returns Shares in [0, 1], and the predictions.
 * @throws {TypeError} if the features' widths differ, or labels are not one for each row.
 * @throws {RangeError} if k is outside [1, N], the temperature is not above zero, or a label is not a class.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { knn, tf } from "@momentum-contrast/moco";
 *
 * const bank = { features: tf.tensor2d([[1, 0], [0.9, 0.1], [0, 1]]), labels: [0, 0, 1] };
 * const queries = { features: tf.tensor2d([[2, 0.1], [0.1, 3]]), labels: [0, 1] };
 * const result = knn(queries, bank, { k: 2 });
 * assertEquals([...result.predictions], [0, 1]);
 * assertEquals(result.top1, 1);
 * ```
 */
export function knn(queries: LabelledFeatures, bank: LabelledFeatures, options: KnnOptions = {}): KnnResult {
  checkRows(queries, "queries");
  checkRows(bank, "bank");
  const k = options.k ?? Math.min(200, bank.labels.length);
  const temperature = options.temperature ?? 0.1;
  checkNumbers("vote", { temperature: [temperature, aboveZero] });
  const classes = options.classes ?? countClasses(queries.labels, bank.labels);
  const classCount = checkLabels(bank.labels, classes, "vote");
  const count = queries.labels.length;
  const width = Math.min(5, classCount);
  const ranking = new Int32Array(count * width);
  scope(() => {
    const bankLabels = tf.tensor1d(Int32Array.from(bank.labels), "int32"); // [N]
    forEachNeighbours(
      queries.features,
      bank.features,
      k,
      options.blockBytes ?? BLOCK_BYTES,
      (first, similarities, rows) => {
        // A vote is compared only with votes for the same query, so a factor of its own per query changes nothing:
        // taking the largest similarity out of the exponent keeps small temperatures from overflowing.
        const nearest = tf.slice(similarities, [0, 0], [-1, 1]); // [block, 1]
        const weights = tf.exp(tf.div(tf.sub(similarities, nearest), temperature)); // [block, k]
        const votes = sumByClass(weights, gatherRows(bankLabels, rows), classCount); // [block, classes]
        const ranked = tf.topk(votes, width, true); // [block, width]
        const places = tf.where(tf.greater(ranked.values, 0), ranked.indices, tf.scalar(-1, "int32"));
        ranking.set(places.dataSync<"int32">(), first * width);
      },
    );
  });
  const predictions = Int32Array.from({ length: count }, (_, i) => ranking[i * width]);
  return { ...score(ranking, queries.labels, classes), k, temperature, predictions };
}

/** weights [n, k] summed over the neighbours of each class: [n, classes]. One segment for each query and class. */
function sumByClass(weights: Tensor, labels: Tensor, classes: number): Tensor {
  const [n, k] = weights.shape;
  const offsets = tf.mul(tf.range(0, n, 1, "int32"), tf.scalar(classes, "int32")); // [n]
  const segments = tf.add(labels, tf.expandDims(offsets, 1)); // [n, k]
  const sums = tf.unsortedSegmentSum(
    tf.reshape(weights, [n * k]),
    tf.reshape(segments, [n * k]) as tf.Tensor1D,
    n * classes,
  );
  return tf.reshape(sums, [n, classes]);
}

/**
 * Checks that there is a label for each row of features.
 *
 * @param data The features and their labels.
 * @param name What they are, for the message.
 * @throws {TypeError} if there is not.
 */
export function checkRows(data: LabelledFeatures, name: string): void {
  if (data.features.rank !== 2 || data.features.shape[0] !== data.labels.length) {
    throw new TypeError(
      `Cannot evaluate ${name}: expected features [${data.labels.length}, D] for ${data.labels.length} labels, ` +
        `found [${data.features.shape}]`,
    );
  }
}
