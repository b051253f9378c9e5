/**
 * The end-to-end mechanism: the dictionary is the batch, and both encoders are trained by back-propagation.
 *
 * Its keys are fully consistent, because the current encoder makes them all. There are only as many as images in the
 * batch.
 *
 * Source: arXiv:1911.05722, section 3.2 and figure 2a.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { invertPermutation } from "../engine/ops/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { virtualDevices } from "../core/devices.ts";
import { type Key, split } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import { sequential } from "../nn/sequential.ts";
import type { Network } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { batchInfoNce } from "./contrast.ts";
import { encode, initPair } from "./encode.ts";
import { createMethod } from "./method.ts";
import { measure } from "./metrics.ts";
import { shufflingOrder } from "./shuffle_bn.ts";
import type { ContrastConfig, Method, Views } from "./types.ts";

/** The configuration of an end-to-end training. */
export type EndToEndConfig = ContrastConfig & {
  /**
   * Whether the key batch is permuted across the devices. Default true; with a single one it changes nothing.
   */
  readonly shuffle?: boolean;
};

/** Everything that an end-to-end training changes, as one immutable tree. */
export type EndToEndState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The query encoder f_q: trained by back-propagation. */
  readonly query: Network;
  /** The key encoder f_k: trained by back-propagation too. */
  readonly key: Network;
  /** The optimizer's own state, over both encoders. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * The end-to-end mechanism as a method: `init` makes a state, `step` takes one to the next.
 *
 *     k = f_k(x_k),    q = f_q(x_q)                              of unit length; batch norm sees the keys shuffled
 *     L = InfoNCE(q, k), with the keys of the batch as dictionary
 *     theta_q, theta_k <- optimizer(theta_q, theta_k, dL/dtheta_q, dL/dtheta_k)
 *
 * In the paper the two encoders may be one network or two. Here they are two that start as copies, as in MoCo. Batch
 * norm is shuffled as in MoCo (section 3.3: the paper uses it in its end-to-end counterpart too). The loss has one
 * direction.
 *
 * Source: arXiv:1911.05722, section 3.2 and figure 2a. Reference: reference/end_to_end.ts
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
 * @throws {RangeError} if the temperature is not above 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { createEndToEnd, dense, dispose, key, relu, sgd, tf } from "@momentum-contrast/moco";
 *
 * const method = createEndToEnd({
 *   ...{ backbone: relu(), head: dense({ features: 2 }), input: [3] },
 *   ...{ optimizer: sgd({ learningRate: 0.1 }), temperature: 0.07 },
 * });
 * const state = method.init(key(0));
 * const next = method.step(state, { query: tf.ones([4, 3]), key: tf.ones([4, 3]) }); // nothing to tell apart
 * assertAlmostEquals(next.metrics.loss.dataSync()[0], Math.log(4), 1e-5);
 * dispose(state);
 * dispose(next);
 * ```
 */
export function createEndToEnd(config: EndToEndConfig): Method<EndToEndState> {
  const { optimizer, temperature, devices = virtualDevices() } = config;
  checkNumbers("make the end-to-end mechanism", { temperature: [temperature, aboveZero] });
  const { mean, gather, exchange } = devices;
  const encoder = sequential({ backbone: config.backbone, head: config.head });

  function init(from: Key): EndToEndState {
    const [encoderKey, random] = split(from);
    const { query, key } = initPair(encoder, encoderKey, config.input); // f_k begins as a copy of f_q
    const optimizerState = optimizer.init({ query: query.params, key: key.params });
    return { step: tf.scalar(0, "int32"), query, key, optimizer: optimizerState, random };
  }

  function step(state: EndToEndState, views: Views) {
    const [random, shuffleKey] = split(state.random);
    const { query: f_q, key: f_k } = state;
    const [x_q, x_k] = [views.query, views.key]; // [N, height, width, channels]
    const order = shufflingOrder(shuffleKey, views, config.shuffle ?? true, devices); // [N of all devices]

    // The keys are made inside the differentiated function, so the gradient reaches both encoders.
    const trained = { query: f_q.params, key: f_k.params };
    const { loss, aux, gradients: own } = valueAndGrad((params) => {
      const queries = encode(encoder, { ...f_q, params: params.query }, [x_q], devices);
      const keys = encode(encoder, { ...f_k, params: params.key }, [exchange(x_k, order)], devices);
      const q = queries.encoded[0]; // [N, D]
      const k = exchange(keys.encoded[0], invertPermutation(order)); // [N, D]
      const contrast = batchInfoNce(gather(q), gather(k), temperature); // logits [N, N], N of all devices
      const buffers = { query: queries.buffers, key: keys.buffers };
      return { loss: contrast.loss, aux: { buffers, q, contrast } };
    }, trained);

    const gradients = mean(own);
    const chance = Math.log(aux.contrast.logits.shape[0]);
    const next = descend(optimizer, state, trained, gradients);
    return {
      state: {
        step: next.step,
        query: { params: next.params.query, buffers: aux.buffers.query },
        key: { params: next.params.key, buffers: aux.buffers.key },
        optimizer: next.optimizer,
        random,
      },
      metrics: mean(measure({ loss, chance, features: aux.q, contrast: aux.contrast, gradients, params: trained })),
    };
  }

  return createMethod(config.backbone, { init, step });
}
