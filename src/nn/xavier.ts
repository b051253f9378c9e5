import type { Tensor } from "../engine/mod.ts";
import { type Key, uniform } from "../core/random.ts";

/**
 * Weights uniform within sqrt(6 / (in + out)), which balances the variance of activations and of gradients.
 *
 * Source: Glorot and Bengio, 2010, eq. 16.
 *
 * @param key The random key.
 * @param shape The weight's shape.
 * @param inputs The number of inputs that contribute to an output.
 * @param outputs The number of outputs that an input contributes to.
 */
export function xavierUniform(key: Key, shape: readonly number[], inputs: number, outputs: number): Tensor {
  const bound = Math.sqrt(6 / (inputs + outputs));
  return uniform(key, shape, -bound, bound);
}
