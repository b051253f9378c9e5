import { type Tensor, tf } from "../../src/engine/mod.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { map, type Tree } from "../../src/core/tree.ts";
import { liveTensors, scope } from "../../src/core/scope.ts";
import { key, normal } from "../../src/core/random.ts";
import type { Layer, Mode, Network, Params } from "../../src/nn/types.ts";

/** A layer's output and next statistics on a batch, and the gradients of sum(output x cotangent). */
export function passes(
  layer: Layer,
  network: Network,
  x: Tensor,
  cotangent: Tensor,
  mode: Mode = { training: true },
): { output: Tensor; buffers: Params; dx: Tensor; dParams: Params } {
  const { aux, gradients } = valueAndGrad(({ params, x }) => {
    const result = layer.apply({ params, buffers: network.buffers }, x, mode);
    return { loss: tf.sum(tf.mul(result.output, cotangent)), aux: result };
  }, { params: network.params, x });
  return { ...aux, dx: gradients.x, dParams: gradients.params };
}

/** What stays from a layer's forward to its backward pass, eager: the less, the more is recomputed. */
export function keptForGradient(layer: Layer, network: Network, x: Tensor): { tensors: number; bytes: number } {
  const now = () => ({ tensors: liveTensors(), bytes: tf.memory().numBytes });
  const before = now();
  let after = before;
  scope(() =>
    valueAndGrad((params) => {
      const { output } = layer.apply({ params, buffers: network.buffers }, x, { training: true });
      after = now();
      return { loss: tf.sum(output), aux: {} };
    }, network.params)
  );
  return { tensors: after.tensors - before.tensors, bytes: after.bytes - before.bytes };
}

/** Fresh values of a layer for samples of this shape. */
export function initial(layer: Layer, input: readonly number[], seed = 0): Network {
  return layer.init(key(seed), input).network;
}

/** Values with nothing at 0 or 1, so that every term counts. */
export function unsettled(network: Network, seed: number): Network {
  let leaf = 0;
  return {
    ...network,
    params: map((value) => tf.add(value, normal(key(seed + leaf++), value.shape, 0, 0.3)), network.params),
  };
}

/** Values that look random and that float32 holds exactly: multiples of 2^-10 in [-1, 1], all different up to 2048. */
export function scattered(shape: readonly number[], seed = 1): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length }, (_, index) => ((index + seed) * 1_103 % 2_048 - 1_024) / 1_024);
  return tf.tensor(values, [...shape]);
}

/** Every tensor of a tree as a vector, to be compared with flat lists. */
export function flat<T extends Tree>(tree: T): T {
  return map((leaf) => tf.reshape(leaf, [-1]), tree);
}
