/** Share of one class's samples that were predicted right. */
export type ClassScore = {
  /** Index of the class. */
  readonly label: number;
  /** Name of the class, where the data set names its classes. */
  readonly name?: string;
  /** Samples of the class. */
  readonly count: number;
  /** Share predicted right at the first place, in [0, 1]; null where the class has no sample. */
  readonly accuracy: number | null;
};

/** How well ranked predictions agree with the labels. */
export type Scores = {
  /** Samples scored. */
  readonly count: number;
  /** Share whose label is the first prediction, in [0, 1]. */
  readonly top1: number;
  /** Share whose label is among the first five predictions, in [0, 1]. */
  readonly top5: number;
  /** The share at the first place for each class, in the order of the classes. */
  readonly perClass: readonly ClassScore[];
};

/** What {@linkcode score} needs to know of the classes: how many there are, or their names. */
export type Classes = number | readonly string[];

/**
 * Scores ranked predictions against labels.
 *
 * Prediction `r` of sample `i` is `ranking[i * width + r]`, the best first; -1 stands for "no prediction" and is never
 * right. Only the first five places are looked at.
 *
 * @param ranking Predicted classes, int32 [N, width], row-major.
 * @param labels True classes, [N], each in [0, classes).
 * @param classes The number of classes, or their names.
 * @returns Shares in [0, 1].
 * @throws {TypeError} if `ranking` is not a whole number of rows for the labels.
 * @throws {RangeError} if there is no label, or one outside [0, classes).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { score } from "@momentum-contrast/moco";
 *
 * const scores = score(Int32Array.of(0, 1, 1, 0, 1, 0), [0, 1, 0], ["cat", "dog"]);
 * assertEquals([scores.top1, scores.top5], [2 / 3, 1]);
 * assertEquals(scores.perClass[0], { label: 0, name: "cat", count: 2, accuracy: 0.5 });
 * ```
 */
export function score(ranking: Int32Array, labels: ArrayLike<number>, classes: Classes): Scores {
  const count = labels.length;
  if (count === 0) throw new RangeError("Cannot score predictions: expected at least 1 label, found 0");
  const width = ranking.length / count;
  if (!Number.isInteger(width) || width === 0) {
    throw new TypeError(
      `Cannot score predictions: expected the same number for each of ${count} labels, found ${ranking.length}`,
    );
  }
  const classCount = checkLabels(labels, classes, "score predictions");
  const seen = new Float64Array(classCount);
  const right = new Float64Array(classCount);
  let hits = 0;
  for (let i = 0; i < count; i++) {
    const label = labels[i];
    const place = ranking.subarray(i * width, i * width + Math.min(5, width)).indexOf(label);
    seen[label]++;
    if (place === 0) right[label]++;
    if (place >= 0) hits++;
  }
  const names = typeof classes === "number" ? undefined : classes;
  return {
    count,
    top1: right.reduce((sum, n) => sum + n, 0) / count,
    top5: hits / count,
    perClass: Array.from(seen, (n, label) => ({
      label,
      ...(names === undefined ? {} : { name: names[label] }),
      count: n,
      accuracy: n === 0 ? null : right[label] / n,
    })),
  };
}

/**
 * The number of classes, once every label is known to be one of them.
 *
 * @param labels Class indices.
 * @param classes The number of classes, or their names.
 * @param purpose What the labels are for, as a verb phrase, for the message.
 * @throws {RangeError} if a label is not a whole number in [0, classes).
 */
export function checkLabels(labels: ArrayLike<number>, classes: Classes, purpose: string): number {
  const count = typeof classes === "number" ? classes : classes.length;
  for (let i = 0; i < labels.length; i++) {
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < count)) {
      throw new RangeError(`Cannot ${purpose}: expected labels in [0, ${count}), found ${labels[i]} at ${i}`);
    }
  }
  return count;
}

/**
 * The smallest number of classes that holds every label: one more than the largest.
 *
 * @param labels Class indices, of any number of sets.
 */
export function countClasses(...labels: readonly ArrayLike<number>[]): number {
  let largest = -1;
  for (const set of labels) for (let i = 0; i < set.length; i++) largest = Math.max(largest, set[i]);
  return largest + 1;
}
