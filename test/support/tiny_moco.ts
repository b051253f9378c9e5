/**
 * MoCo over the tiny encoder of reference/moco.ts, and the way from the reference's state to the tensors of src and back.
 *
 * @module
 */
import type { Encoder, Options, State, Statistics } from "../../reference/moco.ts";
import { key } from "../../src/core/random.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { createMoco } from "../../src/moco/moco.ts";
import type { MocoState } from "../../src/moco/state.ts";
import type { Method } from "../../src/moco/types.ts";
import { batchNorm } from "../../src/nn/batch_norm.ts";
import { dense } from "../../src/nn/dense.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Network } from "../../src/nn/types.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Numbers } from "./close.ts";

/** Sizes: features of an image F, hidden H, dimension D, rows of the queue K. */
export type Sizes = {
  readonly features: number;
  readonly hidden: number;
  readonly dimension: number;
  readonly queue: number;
};

/** The method of src with the reference's options. */
export function tinyMoco(
  { features, hidden, dimension, queue }: Sizes,
  options: Options & { readonly shuffle?: boolean },
): Method<MocoState> {
  return createMoco({
    backbone: sequential({ first: dense({ features: hidden, bias: false }), norm: batchNorm() }),
    head: dense({ features: dimension }),
    input: [features],
    optimizer: sgd(options.sgd),
    queueSize: queue,
    momentum: options.momentum,
    temperature: options.temperature,
    groups: options.groups,
    symmetric: options.symmetric,
    shuffle: options.shuffle,
  });
}

/** The reference's state as src's. */
export function toSource(state: State, random: Tensor = key(0)): MocoState {
  return {
    step: tf.scalar(0, "int32"),
    query: network(state.query, state.queryStatistics),
    key: network(state.key, state.keyStatistics),
    optimizer: { velocity: network(state.velocity, state.queryStatistics).params },
    queue: {
      keys: tf.tensor2d(state.queue.keys as number[][]),
      filled: tf.scalar(state.queue.filled, "int32"),
    },
    random: tf.clone(random),
  };
}

function network(encoder: Encoder, { runningMean, runningVariance }: Statistics): Network {
  return {
    params: {
      backbone: {
        first: { weight: tf.tensor2d(encoder.first as number[][]) },
        norm: { weight: tf.tensor1d([...encoder.scale]), bias: tf.tensor1d([...encoder.offset]) },
      },
      head: { weight: tf.tensor2d(encoder.second as number[][]), bias: tf.tensor1d([...encoder.bias]) },
    },
    stats: {
      backbone: {
        norm: { running_mean: tf.tensor1d([...runningMean]), running_var: tf.tensor1d([...runningVariance]) },
      },
    },
  };
}

/** The reference's state in the structure of src's, to compare with (step and random key are not part of it). */
export function asNumbers(state: State): Numbers {
  return {
    query: networkNumbers(state.query, state.queryStatistics),
    key: networkNumbers(state.key, state.keyStatistics),
    optimizer: { velocity: parameters(state.velocity) },
    queue: { keys: state.queue.keys, filled: state.queue.filled },
  } as Numbers;
}

function networkNumbers(encoder: Encoder, statistics: Statistics) {
  return {
    params: parameters(encoder),
    stats: {
      backbone: { norm: { running_mean: statistics.runningMean, running_var: statistics.runningVariance } },
    },
  };
}

function parameters(encoder: Encoder) {
  return {
    backbone: { first: { weight: encoder.first }, norm: { weight: encoder.scale, bias: encoder.offset } },
    head: { weight: encoder.second, bias: encoder.bias },
  };
}
