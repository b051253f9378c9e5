/**
 * SimCLR: one encoder, and every view of the batch is contrasted with every other one.
 *
 * It is the end-to-end mechanism with one network on both sides and both directions of the loss. The batch size
 * therefore bounds its negatives as well.
 *
 * Source: arXiv:2002.05709 (algorithm 1), as arXiv:2003.04297 compares MoCo v2 with it.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { virtualDevices } from "../core/devices.ts";
import { type Key, split } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import { sequential } from "../nn/sequential.ts";
import type { Network } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { ntXent } from "./contrast.ts";
import { encode } from "./encode.ts";
import { createMethod } from "./method.ts";
import { measure } from "./metrics.ts";
import type { ContrastConfig, Method, Views } from "./types.ts";

/**
 * The configuration of a SimCLR training; the paper's head is `mlpHead`.
 *
 * Batch norm normalises both views of all images together, as the paper does over all devices (section 2.2, "global
 * BN"). With several groups, into which the images divide evenly, both views of an image are in one of them, as on
 * devices that do not exchange their statistics.
 */
export type SimclrConfig = ContrastConfig;

/** Everything that a SimCLR training changes, as one immutable tree. */
export type SimclrState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The encoder, named as other methods name the one that is kept. */
  readonly query: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * SimCLR as a method: `init` makes a state, `step` takes one to the next.
 *
 *     z_i, z_j = f(x_i), f(x_j)                                  of unit length, in one pass
 *     L = NT-Xent(z_i, z_j)
 *     theta <- optimizer(theta, dL/dtheta)
 *
 * The step is algorithm 1 of the paper, in its notation: z_i and z_j are the projections of the two views of an image.
 *
 * Source: arXiv:2002.05709, algorithm 1. Reference: reference/simclr.ts
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
 * @throws {RangeError} if the temperature is not above 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { createSimclr, dense, dispose, key, relu, sgd, tf } from "@momentum-contrast/moco";
 *
 * const method = createSimclr({
 *   ...{ backbone: relu(), head: dense({ features: 2 }), input: [3] },
 *   ...{ optimizer: sgd({ learningRate: 0.1 }), temperature: 0.1 },
 * });
 * const state = method.init(key(0));
 * const next = method.step(state, { query: tf.ones([4, 3]), key: tf.ones([4, 3]) }); // nothing to tell apart
 * assertAlmostEquals(next.metrics.loss.dataSync()[0], Math.log(7), 1e-5);
 * dispose(state);
 * dispose(next);
 * ```
 */
export function createSimclr(config: SimclrConfig): Method<SimclrState> {
  const { optimizer, temperature, devices = virtualDevices() } = config;
  checkNumbers("make SimCLR", { temperature: [temperature, aboveZero] });
  const { mean, gather } = devices;
  const encoder = sequential({ backbone: config.backbone, head: config.head });

  function init(from: Key): SimclrState {
    const [encoderKey, random] = split(from);
    const { network: query } = encoder.init(encoderKey, config.input);
    return { step: tf.scalar(0, "int32"), query, optimizer: optimizer.init(query.params), random };
  }

  function step(state: SimclrState, views: Views) {
    const [random] = split(state.random); // the views of this step were drawn from the old key
    const f = state.query;
    const x = tf.concat([views.query, views.key], 0); // [2N, height, width, channels]

    const { loss, aux, gradients: own } = valueAndGrad((params) => {
      const { encoded: [z], buffers } = encode(encoder, { ...f, params }, [x], devices); // [2N, D]
      const [z_i, z_j] = tf.split(z, 2); // [N, D]
      const contrast = ntXent(gather(z_i), gather(z_j), temperature); // logits [2N, 2N], N of all devices
      return { loss: contrast.loss, aux: { buffers, z, contrast } };
    }, f.params);

    const gradients = mean(own);
    const chance = Math.log(aux.contrast.logits.shape[0] - 1);
    const next = descend(optimizer, state, f.params, gradients);
    return {
      state: {
        step: next.step,
        query: { params: next.params, buffers: aux.buffers },
        optimizer: next.optimizer,
        random,
      },
      metrics: mean(measure({ loss, chance, features: aux.z, contrast: aux.contrast, gradients, params: f.params })),
    };
  }

  return createMethod(config.backbone, { init, step });
}
