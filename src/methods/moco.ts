/**
 * Momentum Contrast, versions 1 and 2: the dictionary is a queue of past keys, and the key encoder follows the query
 * encoder by momentum.
 *
 * Source: arXiv:1911.05722 (algorithm 1), arXiv:2003.04297.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { invertPermutation } from "../engine/ops/mod.ts";
import { valueAndGradOfSum } from "../core/autodiff.ts";
import { aboveZero, checkNumbers, share, wholeFromOne } from "../core/check_numbers.ts";
import { virtualDevices } from "../core/devices.ts";
import { type Key, split } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import { sequential } from "../nn/sequential.ts";
import type { Network } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { valueAt } from "../optim/schedules.ts";
import type { Schedule } from "../optim/types.ts";
import { infoNce } from "./contrast.ts";
import { ema } from "./ema.ts";
import { encode, initPair } from "./encode.ts";
import { createMethod } from "./method.ts";
import { measure } from "./metrics.ts";
import { enqueue, initQueue, type Queue, realShare } from "./queue.ts";
import { shufflingOrder } from "./shuffle_bn.ts";
import type { ContrastConfig, Method, Views } from "./types.ts";

/** The configuration of MoCo v1 or v2. The two differ in head, augmentation, temperature and schedule, not in step. */
export type MocoConfig = ContrastConfig & {
  /** K, the number of keys in the queue. */
  readonly queueSize: number;
  /** m of the momentum update: a number in [0, 1], or a schedule. */
  readonly momentum: number | Schedule;
  /**
   * Whether the key batch is permuted across the devices. Default true; with a single one it changes nothing.
   */
  readonly shuffle?: boolean;
  /** Whether each view is once a query and once a key, and the loss is the sum of both. Default false. */
  readonly symmetric?: boolean;
};

/** Everything that a MoCo training changes, as one immutable tree. */
export type MocoState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The query encoder f_q: trained by back-propagation. */
  readonly query: Network;
  /** The key encoder f_k: follows the query encoder by momentum. */
  readonly key: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The dictionary of past keys. */
  readonly queue: Queue;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * MoCo v1 or v2 as a method: `init` makes a state, `step` takes one to the next.
 *
 *     theta_k <- m theta_k + (1 - m) theta_q
 *     k = f_k(x_k),    q = f_q(x_q)                              of unit length; batch norm sees the keys shuffled
 *     L = InfoNCE(q, k, queue)
 *     theta_q <- optimizer(theta_q, dL/dtheta_q),    queue <- enqueue(queue, k)
 *
 * The step is algorithm 1 of the paper, in its notation: f_q and f_k are the encoders, x_q and x_k the two views, q and
 * k their encodings. The algorithm moves the key encoder at the end of a step. The authors' code and this one move it at
 * the beginning of the next step, which gives the same keys.
 *
 * Source: arXiv:1911.05722, algorithm 1; arXiv:2003.04297. Reference: reference/moco.ts
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
 * @throws {RangeError} if a number of the configuration is out of its range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createMoco, dense, dispose, key, relu, sgd, tf } from "@momentum-contrast/moco";
 *
 * const method = createMoco({
 *   ...{ backbone: relu(), head: dense({ features: 2 }), input: [3] },
 *   ...{ optimizer: sgd({ learningRate: 0.1 }), temperature: 0.07 },
 *   ...{ queueSize: 8, momentum: 0.999 },
 * });
 * const state = method.init(key(0));
 * const next = method.step(state, { query: tf.ones([4, 3]), key: tf.ones([4, 3]) });
 * assertEquals(next.state.queue.filled.dataSync()[0], 4); // the batch's keys are in the queue
 * dispose(state);
 * dispose(next);
 * ```
 */
export function createMoco(config: MocoConfig): Method<MocoState> {
  const { optimizer, queueSize, momentum, temperature, devices = virtualDevices() } = config;
  checkNumbers("make MoCo", {
    queueSize: [queueSize, wholeFromOne],
    momentum: [momentum, share],
    temperature: [temperature, aboveZero],
  });
  const { mean, gather, exchange } = devices; // on one device, exchange permutes, and the others change nothing
  const encoder = sequential({ backbone: config.backbone, head: config.head });

  function init(from: Key): MocoState {
    const [encoderKey, queueKey, random] = split(from, 3);
    const { query, key, output } = initPair(encoder, encoderKey, config.input); // f_k begins as a copy of f_q
    return {
      step: tf.scalar(0, "int32"),
      query,
      key,
      optimizer: optimizer.init(query.params),
      queue: initQueue(queueKey, queueSize, output[0]),
      random,
    };
  }

  function step(state: MocoState, views: Views) {
    const [random, shuffleKey] = split(state.random);
    const { query: f_q, queue } = state;
    // Lists of one batch, or of two if the loss is symmetric: each view is then once a query and once a key.
    const x_q = config.symmetric ? [views.query, views.key] : [views.query]; // [N, height, width, channels]
    const x_k = config.symmetric ? [views.key, views.query] : [views.key]; // [N, height, width, channels]

    // The momentum update of the key encoder, then the keys: no gradient reaches what is outside `valueAndGradOfSum`.
    const m = valueAt(momentum, state.step);
    const f_k = { ...state.key, params: ema(state.key.params, f_q.params, m) };
    const order = shufflingOrder(shuffleKey, views, config.shuffle ?? true, devices); // [N of all devices]
    const shuffled = x_k.map((x) => exchange(x, order));
    const keys = encode(encoder, f_k, shuffled, devices);
    const k = keys.encoded.map((k) => exchange(k, invertPermutation(order))); // [N, D]

    // L = sum InfoNCE(q, k, queue), whose terms have their gradients in turn: one view's activations at a time.
    const { loss, aux, carried: buffers, gradients: own } = valueAndGradOfSum(
      (params, [x, k_x], buffers) => {
        const queries = encode(encoder, { params, buffers }, [x], devices);
        const [q] = queries.encoded; // [N, D]
        const contrast = infoNce(q, k_x, queue.keys, temperature); // logits [N, 1+K]
        return { loss: contrast.loss, aux: { q, contrast }, carried: queries.buffers };
      },
      f_q.params,
      x_q.map((x, i): [Tensor, Tensor] => [x, k[i]]),
      f_q.buffers,
    );

    const [{ q, contrast }] = aux;
    const gradients = mean(own);
    const chance = x_q.length * Math.log(1 + queue.keys.shape[0]);
    const next = descend(optimizer, state, f_q.params, gradients);
    return {
      state: {
        step: next.step,
        query: { params: next.params, buffers },
        key: { params: f_k.params, buffers: keys.buffers },
        optimizer: next.optimizer,
        queue: enqueue(queue, tf.concat(k.map(gather), 0)), // the keys of all devices, and the oldest ones leave it
        random,
      },
      metrics: mean({
        ...measure({ loss, chance, features: q, contrast, gradients, params: f_q.params }),
        realKeys: realShare(queue),
      }),
    };
  }

  return createMethod(config.backbone, { init, step });
}
