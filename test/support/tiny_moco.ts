/**
 * MoCo over the tiny encoder of reference/encoder.ts, and the way from the reference's state to the tensors of src and
 * back.
 *
 * @module
 */
import type { Options, State } from "../../reference/moco.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { key } from "../../src/core/random.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { createMoco, type MocoState } from "../../src/methods/moco.ts";
import type { Method } from "../../src/methods/types.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Schedule } from "../../src/optim/types.ts";
import type { Numbers } from "./close.ts";
import { asNetwork, type EncoderSizes, networkNumbers, parameterNumbers, tinyEncoder } from "./tiny_encoder.ts";

/** Sizes of the encoder, and the rows of the queue K. */
export type Sizes = EncoderSizes & { readonly queue: number };

/** The options that src has beside the reference's: a momentum that follows the step, and no shuffling. */
export type TinyOptions = Omit<Options, "momentum"> & {
  readonly momentum: number | Schedule;
  readonly shuffle?: boolean;
};

/** The method of src with the reference's options. */
export function tinyMoco({ features, hidden, dimension, queue }: Sizes, options: TinyOptions): Method<MocoState> {
  return createMoco({
    ...tinyEncoder({ features, hidden, dimension }),
    optimizer: sgd(options.sgd),
    queueSize: queue,
    momentum: options.momentum,
    temperature: options.temperature,
    devices: virtualDevices(options.groups),
    symmetric: options.symmetric,
    shuffle: options.shuffle,
  });
}

/** The reference's state as src's. */
export function toSource(state: State, random: Tensor = key(0)): MocoState {
  return {
    step: tf.scalar(0, "int32"),
    query: asNetwork(state.query, state.queryStatistics),
    key: asNetwork(state.key, state.keyStatistics),
    optimizer: { velocity: asNetwork(state.velocity, state.queryStatistics).params },
    queue: {
      keys: tf.tensor2d(state.queue.keys as number[][]),
      filled: tf.scalar(state.queue.filled, "int32"),
    },
    random: tf.clone(random),
  };
}

/** The reference's state in the structure of src's, to compare with (step and random key are not part of it). */
export function asNumbers(state: State): Numbers {
  return {
    query: networkNumbers(state.query, state.queryStatistics),
    key: networkNumbers(state.key, state.keyStatistics),
    optimizer: { velocity: parameterNumbers(state.velocity) },
    queue: { keys: state.queue.keys, filled: state.queue.filled },
  } as Numbers;
}
