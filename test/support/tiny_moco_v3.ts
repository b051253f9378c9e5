/**
 * MoCo v3 over the tiny networks of reference/moco_v3.ts, and the way from the reference's state to the tensors of src
 * and back.
 *
 * @module
 */
import type { EncoderStatistics, Mlp, Options, State, Statistics } from "../../reference/moco_v3.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { key } from "../../src/core/random.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { createMocoV3, type MocoV3State } from "../../src/methods/moco_v3.ts";
import type { Method } from "../../src/methods/types.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { dense } from "../../src/nn/dense.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Params } from "../../src/nn/types.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Optimizer } from "../../src/optim/types.ts";
import type { Numbers } from "./close.ts";

/** Sizes: features of an image F, hidden H of encoder and predictor, dimension D. */
export type Sizes = { readonly features: number; readonly hidden: number; readonly dimension: number };

/** The method of src with the reference's options, by SGD or another optimizer. */
export function tinyMocoV3(
  { features, hidden, dimension }: Sizes,
  options: Options,
  optimizer: Optimizer = sgd(options.sgd),
): Method<MocoV3State> {
  const linear = (features: number) => dense({ features, bias: false });
  return createMocoV3({
    backbone: sequential({ first: linear(hidden), norm: batchNorm() }),
    projector: sequential({ second: linear(dimension), norm: batchNorm({ affine: false }) }),
    predictor: sequential({ first: linear(hidden), norm: batchNorm(), second: linear(dimension) }),
    input: [features],
    optimizer,
    momentum: options.momentum,
    temperature: options.temperature,
    devices: virtualDevices(options.groups),
  });
}

/** The reference's state as src's. */
export function toSource(state: State, random: Tensor = key(0)): MocoV3State {
  const networks = tensors(asNumbers(state)) as Omit<MocoV3State, "step" | "random">;
  return { ...networks, step: tf.scalar(0, "int32"), random: tf.clone(random) };
}

/** A tensor for each array. */
function tensors(numbers: Numbers): Params | Tensor {
  if (Array.isArray(numbers)) return tf.tensor(numbers as number[]);
  return Object.fromEntries(Object.entries(numbers).map(([name, child]) => [name, tensors(child)])) as Params;
}

/** The reference's state in the structure of src's, to compare with (step and random key are not part of it). */
export function asNumbers(state: State): { readonly [name: string]: Numbers } {
  return {
    query: { params: encoderParams(state.query), buffers: encoderBuffers(state.queryStatistics) },
    key: { params: encoderParams(state.key), buffers: encoderBuffers(state.keyStatistics) },
    predictor: { params: predictorParams(state.predictor), buffers: { norm: buffers(state.predictorStatistics) } },
    optimizer: {
      velocity: { ...encoderParams(state.velocity.query), predictor: predictorParams(state.velocity.predictor) },
    },
  };
}

function encoderParams({ first, scale, offset, second }: Mlp) {
  return {
    backbone: { first: { weight: first }, norm: { weight: scale, bias: offset } },
    projector: { second: { weight: second } },
  };
}

function predictorParams({ first, scale, offset, second }: Mlp) {
  return { first: { weight: first }, norm: { weight: scale, bias: offset }, second: { weight: second } };
}

function encoderBuffers({ hidden, output }: EncoderStatistics) {
  return { backbone: { norm: buffers(hidden) }, projector: { norm: buffers(output) } };
}

function buffers({ runningMean, runningVariance }: Statistics) {
  return { running_mean: runningMean, running_var: runningVariance };
}
