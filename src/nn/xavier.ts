import type { Tensor } from "../engine/mod.ts";
import { type Key, uniform } from "../core/random.ts";

/**
 * Weights uniform within sqrt(6 / (in + out)), which keeps the variance of activations and of gradients alike.
 *
 * Source: Glorot and Bengio, 2010, eq. 16.
 *
 * @param key The random key.
 * @param shape The weight's shape.
 * @param inputs How many values an output is a sum of.
 * @param outputs How many values an input adds to.
 */
export function xavierUniform(key: Key, shape: readonly number[], inputs: number, outputs: number): Tensor {
  const bound = Math.sqrt(6 / (inputs + outputs));
  return uniform(key, shape, -bound, bound);
}
