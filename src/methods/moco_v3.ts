/**
 * Momentum Contrast, version 3: there is no queue, and the negatives are the other keys of the batch.
 *
 * Source: arXiv:2104.02057 (algorithm 1).
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { valueAndGradOfSum } from "../core/autodiff.ts";
import { aboveZero, checkNumbers, share } from "../core/check_numbers.ts";
import { type Devices, virtualDevices } from "../core/devices.ts";
import { type Key, split } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer, Network, Params, Shape } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { valueAt } from "../optim/schedules.ts";
import type { Optimizer, Schedule } from "../optim/types.ts";
import { batchContrast } from "./contrast.ts";
import { ema } from "./ema.ts";
import { encode, forward, initPair } from "./encode.ts";
import { createMethod } from "./method.ts";
import { measure, measureLayers } from "./metrics.ts";
import type { Method, Views } from "./types.ts";

/**
 * The configuration of a MoCo v3 training. ResNets and ViTs differ in layers, optimizer and temperature, not in step.
 */
export type MocoV3Config = {
  /** Images to features, float32 [N, F]; what is kept after pretraining. */
  readonly backbone: Layer;
  /** Features to keys, float32 [N, D]: in both encoders. */
  readonly projector: Layer;
  /** Maps the query side's projections to what is contrasted with the keys, float32 [N, D] to [N, D]. */
  readonly predictor: Layer;
  /** The shape of an image: [height, width, channels]. */
  readonly input: Shape;
  /** How gradients become updates, of backbone, projector and predictor as one tree. */
  readonly optimizer: Optimizer;
  /** m of the momentum update: a number in [0, 1], or a schedule; the paper: `momentumSchedule`. */
  readonly momentum: number | Schedule;
  /** T; ResNet: 1, ViT: 0.2. */
  readonly temperature: number;
  /** The devices that train together. Default: a single one. The paper normalises the batches of all together. */
  readonly devices?: Devices;
  /** The layers, by path, whose gradient norms are measured, each with all below it. Default: every layer. */
  readonly monitored?: readonly string[];
};

/** Everything that a MoCo v3 training changes, as one immutable tree. */
export type MocoV3State = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The query encoder f_q, backbone and projector: trained by back-propagation. */
  readonly query: Network;
  /** The key encoder f_k, of the same layers: follows the query encoder by momentum. */
  readonly key: Network;
  /** The predictor on top of the query encoder: trained by back-propagation, and no key encoder follows it. */
  readonly predictor: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * MoCo v3 as a method: `init` makes a state, `step` takes one to the next.
 *
 *     theta_k <- m theta_k + (1 - m) theta_q
 *     k1, k2 = f_k(x1), f_k(x2),    q1, q2 = g(f_q(x1)), g(f_q(x2))        of unit length; g is the predictor
 *     L = ctr(q1, k2) + ctr(q2, k1)
 *     theta_q, theta_g <- optimizer(theta_q, theta_g, dL/dtheta_q, dL/dtheta_g)
 *
 * The step is algorithm 1 of the paper, in its notation: f_q and f_k are the encoders, x1 and x2 the two views. Each
 * view is once a query (q1, q2) and once a key (k1, k2). The algorithm moves the key encoder at the end of a step. The
 * authors' code and this one move it at the beginning of the next step.
 *
 * Source: arXiv:2104.02057, algorithm 1. Reference: reference/moco_v3.ts
 *
 * @param config The layers, the optimizer and the numbers of the paper.
 * @throws {RangeError} if a number of the configuration is out of its range.
 * @throws {TypeError} from `init`, if the predictor's output has another shape than the projector's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createMocoV3, dense, dispose, key, leaves, relu, sgd, tf } from "@momentum-contrast/moco";
 *
 * const method = createMocoV3({
 *   backbone: relu(),
 *   projector: dense({ features: 2 }),
 *   predictor: dense({ features: 2 }),
 *   input: [3],
 *   optimizer: sgd({ learningRate: 0.1 }),
 *   momentum: 0.99,
 *   temperature: 1,
 * });
 * const state = method.init(key(0));
 * const next = method.step(state, { query: tf.ones([4, 3]), key: tf.ones([4, 3]) });
 * assertEquals(leaves(next.state).length, leaves(state).length);
 * dispose(state);
 * dispose(next);
 * ```
 */
export function createMocoV3(config: MocoV3Config): Method<MocoV3State> {
  const { optimizer, momentum, temperature, devices = virtualDevices() } = config;
  checkNumbers("make MoCo v3", { momentum: [momentum, share], temperature: [temperature, aboveZero] });
  const { mean, gather } = devices;
  const encoder = sequential({ backbone: config.backbone, projector: config.projector });

  function init(from: Key): MocoV3State {
    const [encoderKey, predictorKey, random] = split(from, 3);
    const { query, key, output } = initPair(encoder, encoderKey, config.input); // f_k begins as a copy of f_q
    const { network: predictor, output: predicted } = config.predictor.init(predictorKey, output);
    if (`${predicted}` !== `${output}`) {
      throw new TypeError(`Cannot predict keys: expected a predictor to [${output}], found [${predicted}]`);
    }
    return {
      step: tf.scalar(0, "int32"),
      query,
      key,
      predictor,
      optimizer: optimizer.init(trainedOf(query, predictor)),
      random,
    };
  }

  function step(state: MocoV3State, { query: x1, key: x2 }: Views) {
    const [random] = split(state.random); // the views of this step were drawn from the old key
    const { query: f_q, predictor } = state;
    // The contrast is over the batches of all devices: logits [N, N], N of all devices.
    const ctr = (q: Tensor, k: Tensor) => batchContrast(gather(q), gather(k), temperature);

    // The momentum update of the key encoder, then the keys: no gradient reaches what is outside `valueAndGradOfSum`.
    const m = valueAt(momentum, state.step);
    const f_k = { ...state.key, params: ema(state.key.params, f_q.params, m) };
    const keys = encode(encoder, f_k, [x1, x2], devices);
    const [k1, k2] = keys.encoded; // [N, D]

    const trained = trainedOf(f_q, predictor);
    // L = ctr(q1, k2) + ctr(q2, k1), whose terms have their gradients in turn: one view's activations at a time.
    const { loss, aux, carried: buffers, gradients: own } = valueAndGradOfSum(
      ({ predictor: head, ...params }, [x, k], buffers) => {
        const f = { params, buffers: buffers.query };
        const g = { params: head, buffers: buffers.predictor };
        const projected = forward(encoder, f, [x], devices);
        const predicted = encode(config.predictor, g, projected.outputs, devices);
        const [q] = predicted.encoded; // [N, D]
        const contrast = ctr(q, k);
        return {
          loss: contrast.loss,
          aux: { q, contrast },
          carried: { query: projected.buffers, predictor: predicted.buffers },
        };
      },
      trained,
      [[x1, k2], [x2, k1]],
      { query: f_q.buffers, predictor: predictor.buffers },
    );

    const [{ q: q1, contrast }] = aux;
    const gradients = mean(own);
    const chance = 2 * 2 * temperature * Math.log(contrast.logits.shape[0]); // two terms of 2T log N
    const next = descend(optimizer, state, trained, gradients);
    const { predictor: nextHead, ...nextEncoder } = next.params;
    return {
      state: {
        step: next.step,
        query: { params: nextEncoder, buffers: buffers.query },
        key: { params: f_k.params, buffers: keys.buffers },
        predictor: { params: nextHead, buffers: buffers.predictor },
        optimizer: next.optimizer,
        random,
      },
      metrics: mean({
        ...measure({ loss, chance, features: q1, contrast, gradients, params: trained }),
        ...measureLayers(gradients, config.monitored),
      }),
    };
  }

  return createMethod(config.backbone, { init, step });
}

/** What the optimizer changes, as one tree: backbone, projector and predictor. */
function trainedOf(query: Network, predictor: Network): Params & { readonly predictor: Params } {
  return { ...query.params, predictor: predictor.params };
}
