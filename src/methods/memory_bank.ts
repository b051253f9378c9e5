/**
 * The memory bank: a stored key for each image of the data set, and the dictionary is a sample of it.
 *
 * The dictionary can be as large as the data set; but each key was made when its image was last seen, by an encoder of up
 * to an epoch ago, so the keys are less consistent than a queue's.
 *
 * Source: arXiv:1805.01978, in the form in which arXiv:1911.05722 compares with it (section 3.2, figure 2b, section 4.1).
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Tree } from "../core/tree.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer, Network } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { type Bank, initBank, recall, remember, sampleOthers, seenShare } from "./bank.ts";
import { applyInTurn, featuresOf } from "./encode.ts";
import { infoNce } from "./info_nce.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { measure } from "./metrics.ts";
import type { MocoConfig } from "./state.ts";
import type { Method, Views } from "./types.ts";

/** Everything that a training with a memory bank changes, as one immutable tree. */
export type MemoryBankState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The only encoder: trained by back-propagation. */
  readonly query: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The stored keys. */
  readonly bank: Bank;
  /** The random key of the next step. */
  readonly random: Key;
};

/** What fixes a training with a memory bank. */
export type MemoryBankConfig =
  & Pick<MocoConfig, "backbone" | "head" | "input" | "optimizer" | "temperature" | "groups">
  & {
    /** M, the images of the data set: the rows of the bank. */
    readonly images: number;
    /** K, the keys that are sampled from the bank as negatives, the same for all queries of a batch. */
    readonly negatives: number;
    /** m of the update of a stored key, in [0, 1]; 0.5 in the implementation of arXiv:1805.01978. */
    readonly momentum: number;
  };

/**
 * The memory bank as a method: `init` makes a state, `step` takes one to the next. Its views need their `index`.
 *
 * The variant is that of MoCo's comparison: InfoNCE instead of the original's noise-contrastive estimate and proximal
 * term; the positive is the stored key of the query's own image, and no gradient reaches the bank. Only the view `query`
 * is encoded. Batch norm needs no shuffling, for positives are from other batches, in the past (arXiv:1911.05722, section
 * 3.3). The first time that an image is seen its positive is still a random row, and each time after it less so: expect a
 * loss above `chance` in the first epochs. `realKeys` says how many rows have been updated.
 *
 * Reference: reference/memory_bank.ts
 *
 * @param config The encoder, the optimizer and the numbers of the papers.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { createMemoryBank, dense, dispose, key, relu, sgd, tf } from "@momentum-contrast/moco";
 *
 * const method = createMemoryBank({
 *   ...{ backbone: relu(), head: dense({ features: 2 }), input: [3] },
 *   ...{ optimizer: sgd({ learningRate: 0.1 }), temperature: 0.07 },
 *   ...{ images: 10, negatives: 6, momentum: 0.5 },
 * });
 * const state = method.init(key(0));
 * const images = tf.ones([2, 3]);
 * const next = method.step(state, { query: images, key: images, index: tf.tensor1d([7, 4], "int32") });
 * assertAlmostEquals(next.state.bank.seen.mean().dataSync()[0], 2 / 10, 1e-6);
 * dispose(state);
 * dispose(next);
 * ```
 */
export function createMemoryBank(config: MemoryBankConfig): Method<MemoryBankState> {
  const encoder = sequential({ backbone: config.backbone, head: config.head });
  return {
    init: (key) => scope(() => initState(config, encoder, key)),
    step: (state, views) => scope(() => step(config, encoder, state, views)),
    features: featuresOf(config.backbone),
  };
}

function initState(config: MemoryBankConfig, encoder: Layer, key: Key): MemoryBankState {
  const [encoderKey, bankKey, random] = split(key, 3);
  const { network: query, output } = encoder.init(encoderKey, config.input);
  return {
    step: tf.scalar(0, "int32"),
    query,
    optimizer: config.optimizer.init(query.params),
    bank: initBank(bankKey, config.images, output[0]),
    random,
  };
}

function step(config: MemoryBankConfig, encoder: Layer, state: MemoryBankState, views: Views) {
  const { groups = 1, images, negatives: count, momentum, temperature } = config;
  const index = indexOf(views); // [N]
  const [random, sampleKey] = split(state.random);

  // Both come from the bank as it was before this step, and stand outside of what is differentiated.
  const positives = recall(state.bank, index); // [N, D]
  const negatives = recall(state.bank, sampleOthers(sampleKey, index, count, images)); // [K, D]

  const { loss, aux, gradients } = valueAndGrad((params) => {
    const { outputs, buffers } = applyInTurn(encoder, { params, buffers: state.query.buffers }, [views.query], groups);
    const features = l2Normalize(outputs[0]); // [N, D]
    const { loss, logits } = infoNce(features, positives, negatives, temperature);
    return { loss, aux: { buffers, features, logits } };
  }, state.query.params);

  const { params, ...next } = descend(config.optimizer, state, state.query.params, gradients);
  return {
    state: {
      step: next.step,
      query: { params, buffers: aux.buffers },
      optimizer: next.optimizer,
      bank: remember(state.bank, index, aux.features, momentum),
      random,
    },
    metrics: {
      ...measure({
        loss,
        chance: Math.log(1 + count),
        features: aux.features,
        logits: aux.logits,
        positives: tf.slice(aux.logits, [0, 0], [-1, 1]),
        gradients,
        params: state.query.params,
      }),
      realKeys: seenShare(state.bank),
    },
  };
}

/** Which images the views are of. */
function indexOf({ query, index }: Views): Tensor {
  const [count] = query.shape;
  if (index === undefined || `${index.shape}` !== `${count}`) {
    const found = index === undefined ? "none" : `[${index.shape}]`;
    throw new TypeError(`Cannot look up a memory bank: expected views with an index [${count}], found ${found}`);
  }
  return index;
}
