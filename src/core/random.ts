/**
 * Random numbers as a pure function of a key. A key is never used up: the same key always gives the same draw, and a
 * new draw needs a new key from {@linkcode split} or {@linkcode foldIn}.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import {
  statelessBits,
  statelessGamma,
  statelessIntegers,
  statelessNormal,
  statelessUniform,
} from "../engine/ops/mod.ts";
import { aboveZero, checkNumbers, finite, fromZero, wholeFromZero } from "./check_numbers.ts";

/** A random key: int32 [2]. */
export type Key = Tensor;

/**
 * A key from a seed.
 *
 * @param seed An integer in [0, 2^53).
 * @throws {RangeError} if it is not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, uniform } from "@momentum-contrast/moco";
 *
 * assertEquals(uniform(key(7), [3]).dataSync(), uniform(key(7), [3]).dataSync());
 * ```
 */
export function key(seed: number): Key {
  checkNumbers("make a random key", { seed: [seed, wholeFromZero] });
  return tf.tensor1d([Math.floor(seed / 2 ** 32) | 0, seed | 0], "int32");
}

/**
 * Independent keys from one.
 *
 * @param from The key, int32 [2].
 * @param count How many. Default 2.
 * @returns Keys that differ from the one that was given and from each other, each int32 [2].
 * @throws {RangeError} if the count is not a whole number of at least 0.
 *
 * @example
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 * import { key, split, uniform } from "@momentum-contrast/moco";
 *
 * const [first, second] = split(key(0));
 * assertNotEquals(uniform(first, [1]).dataSync()[0], uniform(second, [1]).dataSync()[0]);
 * ```
 */
export function split(from: Key, count = 2): Key[] {
  checkNumbers("split a random key", { count: [count, wholeFromZero] });
  return tf.unstack(statelessBits(from, [count, 2]));
}

// foldIn must not land on a seed that split or a draw uses, so it first moves the key by a constant of its own
// (2^32 / golden ratio, as int32).
const foldConstant = 0x9e3779b9 | 0;

const int32 = { is: "integer", min: -(2 ** 31), max: 2 ** 31 - 1 } as const;

/**
 * A key for each value of a counter.
 *
 * @param from The key, int32 [2].
 * @param data An integer of 32 bits, or an int32 scalar tensor such as the training step.
 * @returns A key, int32 [2].
 * @throws {RangeError} if a number is not one of 32 bits: it would give the key of another one.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { foldIn, key } from "@momentum-contrast/moco";
 *
 * const ofStep = (step: number) => [...foldIn(key(0), step).dataSync()];
 * assertEquals(ofStep(3), ofStep(3)); // the same counter gives the same key
 * assertNotEquals(ofStep(3), ofStep(4));
 * ```
 */
export function foldIn(from: Key, data: number | Tensor): Key {
  if (typeof data === "number") checkNumbers("fold into a random key", { data: [data, int32] });
  const counter = typeof data === "number" ? tf.scalar(data, "int32") : data;
  const moved = statelessBits(tf.add(from, tf.tensor1d([foldConstant, 1], "int32")), [2]);
  const offset = tf.stack([counter, tf.scalar(0, "int32")]); // [2]
  return tf.reshape(statelessBits(tf.add(moved, offset), [1, 2]), [2]);
}

/**
 * Uniform draws from [min, max).
 *
 * @param from The key, int32 [2].
 * @param shape The shape of the result.
 * @param min The least value. Default 0.
 * @param max What all values are below. Default 1. Where float32 has few numbers between the two, as between 1,000,000
 *   and 1,000,001, a value is rounded, and may be `max` itself.
 * @returns float32 of `shape`.
 * @throws {RangeError} if a number is not finite, or they are not in order.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { key, uniform } from "@momentum-contrast/moco";
 *
 * assert(uniform(key(0), [100], -1, 1).dataSync().every((value) => value >= -1 && value < 1));
 * ```
 */
export function uniform(from: Key, shape: readonly number[], min = 0, max = 1): Tensor {
  checkNumbers("draw uniformly", { min: [min, finite], max: [max, { ...finite, min }] });
  const unit = statelessUniform(from, shape);
  return min === 0 && max === 1 ? unit : tf.add(tf.mul(unit, max - min), min);
}

/**
 * Normal draws.
 *
 * @param from The key, int32 [2].
 * @param shape The shape of the result.
 * @param mean The mean. Default 0.
 * @param std The standard deviation. Default 1.
 * @returns float32 of `shape`.
 * @throws {RangeError} if a number is not finite, or the standard deviation is below 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, normal, tf } from "@momentum-contrast/moco";
 *
 * assertAlmostEquals(tf.mean(normal(key(0), [10_000], 5)).dataSync()[0], 5, 0.05);
 * ```
 */
export function normal(from: Key, shape: readonly number[], mean = 0, std = 1): Tensor {
  checkNumbers("draw normally", { mean: [mean, finite], std: [std, fromZero] });
  return tf.add(tf.mul(statelessNormal(from, shape), std), mean);
}

/** The least positive number that float32 holds with full precision. */
const LEAST = 2 ** -126;

/**
 * Draws from the symmetric Beta distribution: G / (G + H), where G and H are draws from Gamma(alpha, 1).
 *
 * @param from The key, int32 [2].
 * @param shape The shape of the result.
 * @param alpha Its parameter, above 0; with 1 the draws are uniform.
 * @returns float32 of `shape`, in [0, 1].
 * @throws {RangeError} if alpha is not above 0.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { beta, key } from "@momentum-contrast/moco";
 *
 * assert(beta(key(0), [100], 0.8).dataSync().every((value) => value >= 0 && value <= 1));
 * ```
 */
export function beta(from: Key, shape: readonly number[], alpha: number): Tensor {
  checkNumbers("draw from a Beta distribution", { alpha: [alpha, aboveZero] });
  // With a small alpha both draws can be too small for float32, and 0 / 0 would be no number.
  const [g, h] = split(from).map((key) => tf.maximum(statelessGamma(key, shape, alpha), LEAST));
  return tf.div(g, tf.add(g, h));
}

/**
 * Uniform whole numbers from 0, 1, ..., limit - 1.
 *
 * @param from The key, int32 [2].
 * @param shape The shape of the result.
 * @param limit What all numbers are below, at least 1.
 * @returns int32 of `shape`.
 * @throws {RangeError} if the limit is not a whole number in [1, 2^31).
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { integers, key } from "@momentum-contrast/moco";
 *
 * assert(integers(key(0), [100], 3).dataSync().every((value) => [0, 1, 2].includes(value)));
 * ```
 */
export function integers(from: Key, shape: readonly number[], limit: number): Tensor {
  checkNumbers("draw whole numbers", { limit: [limit, { ...int32, min: 1 }] });
  return statelessIntegers(from, shape, limit);
}

/**
 * A random permutation of 0, 1, ..., n - 1.
 *
 * @param from The key, int32 [2].
 * @param n How many numbers.
 * @returns int32 [n].
 * @throws {RangeError} if it is not a whole number of at least 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, permutation } from "@momentum-contrast/moco";
 *
 * assertEquals([...permutation(key(0), 5).dataSync()].toSorted(), [0, 1, 2, 3, 4]);
 * ```
 */
export function permutation(from: Key, n: number): Tensor {
  checkNumbers("draw a permutation", { n: [n, wholeFromZero] });
  return tf.topk(statelessUniform(from, [n]), n).indices;
}
