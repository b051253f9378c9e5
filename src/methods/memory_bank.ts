/**
 * The memory bank: it stores a key for each image of the data set, and the dictionary is a sample of these keys.
 *
 * The dictionary can be as large as the data set. However, each key was made when its image was last seen, by an
 * encoder up to an epoch old, so the keys are less consistent than a queue's.
 *
 * Source: arXiv:1805.01978, in the form that arXiv:1911.05722 compares with (section 3.2, figure 2b, section 4.1).
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { aboveZero, checkNumbers, shareBelowOne, wholeFromOne } from "../core/check_numbers.ts";
import { partOf, virtualDevices } from "../core/devices.ts";
import { type Key, split } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import { sequential } from "../nn/sequential.ts";
import type { Network } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { type Bank, initBank, isStored, recall, remember, sampleOthers, seenShare } from "./bank.ts";
import { infoNce } from "./contrast.ts";
import { encode } from "./encode.ts";
import { createMethod } from "./method.ts";
import { measure } from "./metrics.ts";
import type { ContrastConfig, Method, Views } from "./types.ts";

/** The configuration of a training with a memory bank. */
export type MemoryBankConfig = ContrastConfig & {
  /** M, the images of the data set: the rows of the bank. */
  readonly images: number;
  /** K, the keys that are sampled from the bank as negatives, the same for all queries of a batch. */
  readonly negatives: number;
  /** m of the update of a stored key, in [0, 1); 0.5 in the implementation of arXiv:1805.01978. */
  readonly momentum: number;
};

/** Everything that a training with a memory bank changes, as one immutable tree. */
export type MemoryBankState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The only encoder f_q: trained by back-propagation. */
  readonly query: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The stored keys. */
  readonly bank: Bank;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * The memory bank as a method: `init` makes a state, `step` takes one to the next. Its views need their `index`.
 *
 *     q = f(x)                                                   of unit length
 *     L = InfoNCE(q, v_i, V)         v_i is the stored key of q's image, and V a sample of the other stored keys
 *     theta <- optimizer(theta, dL/dtheta),    v_i <- l2(m v_i + (1 - m) q)
 *
 * This is the variant of MoCo's comparison: InfoNCE replaces the original's noise-contrastive estimate and proximal
 * term. The positive is the stored key of the query's own image, and no gradient reaches the bank. Only the view
 * `query` is encoded. Batch norm needs no shuffling, because positives come from earlier batches (arXiv:1911.05722,
 * section 3.3).
 *
 * A query whose image was not seen before has no positive. A zero vector takes the query's place: its loss
 * is `chance`, without a gradient. So the first epoch only fills the bank. `realKeys` is the share of rows that are
 * filled. A negative that is not filled is a zero vector, as near to each query as a random key is on average.
 *
 * Source: arXiv:1805.01978, as arXiv:1911.05722 compares with it (sections 3.2 and 4.1).
 * Reference: reference/memory_bank.ts
 *
 * @param config The encoder, the optimizer and the numbers of the papers.
 * @throws {RangeError} if a number of the configuration is out of its range.
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
  const { optimizer, images, negatives: count, momentum, temperature, devices = virtualDevices() } = config;
  const { mean, gather } = devices;
  checkNumbers("make a memory bank", {
    images: [images, wholeFromOne],
    negatives: [count, wholeFromOne],
    momentum: [momentum, shareBelowOne],
    temperature: [temperature, aboveZero],
  });
  const encoder = sequential({ backbone: config.backbone, head: config.head });

  function init(from: Key): MemoryBankState {
    const [encoderKey, random] = split(from);
    const { network: query, output } = encoder.init(encoderKey, config.input);
    return {
      step: tf.scalar(0, "int32"),
      query,
      optimizer: optimizer.init(query.params),
      bank: initBank(images, output[0], devices),
      random,
    };
  }

  function step(state: MemoryBankState, views: Views) {
    const [random, sampleKey] = split(state.random);
    const { query: f_q, bank } = state;
    const [x_q, index] = [views.query, indexOf(views)]; // [N, height, width, channels], [N]
    const batch = gather(index); // the images of all devices, which share the bank

    // The keys come from the bank as it was before this step: no gradient reaches what is outside `valueAndGrad`.
    const k = partOf(recall(bank, batch, devices), devices); // the positives, [N, D]
    const stored = partOf(isStored(bank, batch, devices), devices); // [N, 1]
    const sample = views.sample ?? sampleOthers(sampleKey, batch, count, images); // [K]
    const negatives = recall(bank, sample, devices); // [K, D]

    const { loss, aux, gradients: own } = valueAndGrad((params) => {
      const { encoded: [q], buffers } = encode(encoder, { ...f_q, params }, [x_q], devices); // [N, D]
      const contrast = infoNce(tf.mul(q, stored), k, negatives, temperature); // logits [N, 1+K]
      return { loss: contrast.loss, aux: { buffers, q, contrast } };
    }, f_q.params);

    const gradients = mean(own);
    const chance = Math.log(1 + count);
    const next = descend(optimizer, state, f_q.params, gradients);
    return {
      state: {
        step: next.step,
        query: { params: next.params, buffers: aux.buffers },
        optimizer: next.optimizer,
        bank: remember(bank, batch, gather(aux.q), momentum, devices),
        random,
      },
      metrics: mean({
        ...measure({ loss, chance, features: aux.q, contrast: aux.contrast, gradients, params: f_q.params }),
        realKeys: seenShare(bank, images, devices),
      }),
    };
  }

  const perImage = { images, leaves: ["bank.keys", "bank.seen"] };
  return createMethod(config.backbone, { init, step, perImage });
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
