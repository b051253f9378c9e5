/**
 * The mechanisms beside MoCo over the tiny encoder of reference/encoder.ts, and the way from the reference's states to
 * the tensors of src and back.
 *
 * @module
 */
import type * as endToEnd from "../../reference/end_to_end.ts";
import type * as memoryBank from "../../reference/memory_bank.ts";
import type * as simclr from "../../reference/simclr.ts";
import type * as supervised from "../../reference/supervised.ts";
import { virtualDevices } from "../../src/core/devices.ts";
import { key } from "../../src/core/random.ts";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { createEndToEnd, type EndToEndState } from "../../src/methods/end_to_end.ts";
import { createMemoryBank, type MemoryBankState } from "../../src/methods/memory_bank.ts";
import { createSimclr, type SimclrState } from "../../src/methods/simclr.ts";
import { createSupervised, type SupervisedState } from "../../src/methods/supervised.ts";
import type { Method } from "../../src/methods/types.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Numbers } from "./close.ts";
import type { Params } from "../../src/nn/types.ts";
import { asNetwork, type EncoderSizes, networkNumbers, parameterNumbers, tinyEncoder } from "./tiny_encoder.ts";

/** The reference's options, with its groups as virtual devices. */
function parts<Options extends { readonly groups: number }>({ groups, ...options }: Options) {
  return { ...options, devices: virtualDevices(groups) };
}

/** The end-to-end method of src with the reference's options. */
export function tinyEndToEnd(sizes: EncoderSizes, options: endToEnd.Options): Method<EndToEndState> {
  return createEndToEnd({ ...tinyEncoder(sizes), ...parts(options), optimizer: sgd(options.sgd) });
}

/** SimCLR of src with the reference's options. */
export function tinySimclr(sizes: EncoderSizes, options: simclr.Options): Method<SimclrState> {
  return createSimclr({ ...tinyEncoder(sizes), ...parts(options), optimizer: sgd(options.sgd) });
}

/** The memory bank of src with the reference's options. */
export function tinyMemoryBank(
  sizes: EncoderSizes & { readonly images: number; readonly negatives: number },
  options: memoryBank.Options,
): Method<MemoryBankState> {
  const { images, negatives } = sizes;
  return createMemoryBank({ ...tinyEncoder(sizes), ...parts(options), images, negatives, optimizer: sgd(options.sgd) });
}

/** The reference's end-to-end state as src's. */
export function endToEndSource(state: endToEnd.State, random: Tensor = key(0)): EndToEndState {
  return {
    step: tf.scalar(0, "int32"),
    query: asNetwork(state.query, state.queryStatistics),
    key: asNetwork(state.key, state.keyStatistics),
    optimizer: {
      velocity: {
        query: asNetwork(state.queryVelocity, state.queryStatistics).params,
        key: asNetwork(state.keyVelocity, state.keyStatistics).params,
      },
    },
    random: tf.clone(random),
  };
}

/** The reference's end-to-end state in the structure of src's, without step and random key. */
export function endToEndNumbers(state: endToEnd.State): Numbers {
  return {
    query: networkNumbers(state.query, state.queryStatistics),
    key: networkNumbers(state.key, state.keyStatistics),
    optimizer: {
      velocity: { query: parameterNumbers(state.queryVelocity), key: parameterNumbers(state.keyVelocity) },
    },
  } as Numbers;
}

/** The reference's SimCLR state as src's. */
export function simclrSource(state: simclr.State, random: Tensor = key(0)): SimclrState {
  return {
    step: tf.scalar(0, "int32"),
    query: asNetwork(state.encoder, state.statistics),
    optimizer: { velocity: asNetwork(state.velocity, state.statistics).params },
    random: tf.clone(random),
  };
}

/** The reference's SimCLR state in the structure of src's, without step and random key. */
export function simclrNumbers(state: simclr.State): Numbers {
  return {
    query: networkNumbers(state.encoder, state.statistics),
    optimizer: { velocity: parameterNumbers(state.velocity) },
  } as Numbers;
}

/** The reference's state with a memory bank as src's. */
export function memoryBankSource(state: memoryBank.State, random: Tensor = key(0)): MemoryBankState {
  const { step, query, optimizer, random: carried } = simclrSource(state, random);
  const bank = {
    keys: tf.tensor2d(state.bank.keys as number[][]),
    seen: tf.tensor1d([...state.bank.seen], "bool"),
  };
  return { step, query, optimizer, bank, random: carried };
}

/** The reference's state with a memory bank in the structure of src's, without step and random key. */
export function memoryBankNumbers(state: memoryBank.State): Numbers {
  return {
    ...simclrNumbers(state) as { readonly [name: string]: Numbers },
    bank: { keys: state.bank.keys, seen: state.bank.seen.map(Number) },
  } as Numbers;
}

/**
 * Learning from labels by src with the reference's options: the encoder's last layer is the classifier.
 *
 * @param mixup The parameter of mixup, which the reference's step does without.
 */
export function tinySupervised(sizes: EncoderSizes, options: supervised.Options, mixup = 0): Method<SupervisedState> {
  const { backbone, input } = tinyEncoder(sizes);
  const { epsilon: labelSmoothing } = options;
  const optimizer = sgd(options.sgd);
  return createSupervised({ backbone, input, classes: sizes.dimension, labelSmoothing, mixup, optimizer });
}

/** The reference's state of learning from labels as src's. */
export function supervisedSource(state: supervised.State, random: Tensor = key(0)): SupervisedState {
  const { step, query, optimizer, random: carried } = simclrSource(state, random);
  const { velocity } = optimizer as { readonly velocity: Params };
  return {
    step,
    query: { params: classified(query.params), buffers: query.buffers },
    optimizer: { velocity: classified(velocity) },
    random: carried,
  };
}

/** The reference's state of learning from labels in the structure of src's, without step and random key. */
export function supervisedNumbers(state: supervised.State): Numbers {
  const { params, buffers } = networkNumbers(state.encoder, state.statistics);
  return {
    query: { params: classified(params), buffers },
    optimizer: { velocity: classified(parameterNumbers(state.velocity)) },
  } as Numbers;
}

/** The same values with the last layer called as it is where labels are learned from. */
function classified<A>({ backbone, head }: { readonly [name: string]: A }): { readonly [name: string]: A } {
  return { backbone, classifier: head };
}
