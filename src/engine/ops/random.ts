/**
 * TensorFlow's stateless random ops: a seed of two int32 decides every draw.
 *
 * @module
 */
import { op, type Tensor, tf } from "../native/mod.ts";
import { ints } from "./ints.ts";

/** Uniform float32 in [0, 1). `seed` is int32 [2]. */
export function statelessUniform(seed: Tensor, shape: readonly number[]): Tensor {
  return op("StatelessRandomUniform", [ints(...shape), seed], { dtype: "float32" })[0];
}

/** Standard normal float32. `seed` is int32 [2]. */
export function statelessNormal(seed: Tensor, shape: readonly number[]): Tensor {
  return op("StatelessRandomNormal", [ints(...shape), seed], { dtype: "float32" })[0];
}

/** Draws from the Gamma distribution of a shape `alpha` above 0, at scale 1: float32. `seed` is int32 [2]. */
export function statelessGamma(seed: Tensor, shape: readonly number[], alpha: number): Tensor {
  return op("StatelessRandomGammaV2", [ints(...shape), seed, tf.scalar(alpha)], { dtype: "float32" })[0];
}

/** Uniform over all int32 values. `seed` is int32 [2]. */
export function statelessBits(seed: Tensor, shape: readonly number[]): Tensor {
  return op("StatelessRandomUniformFullInt", [ints(...shape), seed], { dtype: "int32" })[0];
}

/** Uniform int32 in [0, limit). `seed` is int32 [2]. */
export function statelessIntegers(seed: Tensor, shape: readonly number[], limit: number): Tensor {
  const bounds = [tf.scalar(0, "int32"), tf.scalar(limit, "int32")];
  return op("StatelessRandomUniformInt", [ints(...shape), seed, ...bounds])[0];
}
