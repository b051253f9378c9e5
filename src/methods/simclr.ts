/**
 * SimCLR: one encoder, and every view of the batch is contrasted with every other one.
 *
 * It is the end-to-end mechanism with one network on both sides and both directions of the loss, so its negatives are
 * bounded by the batch as well.
 *
 * Source: arXiv:2002.05709 (algorithm 1), as arXiv:2003.04297 compares MoCo v2 with it.
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
import { applyInTurn, featuresOf } from "./encode.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { measure } from "./metrics.ts";
import { ntXent } from "./nt_xent.ts";
import type { MocoConfig } from "./state.ts";
import type { Method, Views } from "./types.ts";

/** Everything that a SimCLR training changes, as one immutable tree. */
export type SimclrState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The encoder, under the name that other methods give the one that is kept. */
  readonly query: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * What fixes a SimCLR training; the paper's head is `mlpHead`.
 *
 * Batch norm normalises both views of all images together, as the paper does over all devices (section 2.2, "global BN").
 * With `groups` above 1 both views of an image are in one group, as on devices that do not exchange their statistics.
 */
export type SimclrConfig = Pick<
  MocoConfig,
  "backbone" | "head" | "input" | "optimizer" | "temperature" | "groups"
>;

/**
 * SimCLR as a method: `init` makes a state, `step` takes one to the next.
 *
 * Reference: reference/simclr.ts
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
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
  const encoder = sequential({ backbone: config.backbone, head: config.head });
  return {
    init: (key) => scope(() => initState(config, encoder, key)),
    step: (state, views) => scope(() => step(config, encoder, state, views)),
    features: featuresOf(config.backbone),
  };
}

function initState(config: SimclrConfig, encoder: Layer, key: Key): SimclrState {
  const [encoderKey, random] = split(key);
  const { network: query } = encoder.init(encoderKey, config.input);
  return { step: tf.scalar(0, "int32"), query, optimizer: config.optimizer.init(query.params), random };
}

function step(config: SimclrConfig, encoder: Layer, state: SimclrState, views: Views) {
  const { groups = 1, temperature } = config;
  const [count] = views.query.shape;
  const [random] = split(state.random); // the views of this step were drawn from the old key
  const images = tf.concat([views.query, views.key], 0); // [2N, ...]

  const { loss, aux, gradients } = valueAndGrad((params) => {
    const { outputs, buffers } = applyInTurn(encoder, { params, buffers: state.query.buffers }, [images], groups);
    const features = l2Normalize(outputs[0]); // [2N, D]
    const [first, second] = tf.split(features, 2); // [N, D]
    const { loss, ...contrast } = ntXent(first, second, temperature);
    return { loss, aux: { buffers, features, ...contrast } };
  }, state.query.params);

  const { params, ...next } = descend(config.optimizer, state, state.query.params, gradients);
  return {
    state: { step: next.step, query: { params, buffers: aux.buffers }, optimizer: next.optimizer, random },
    metrics: measure({
      loss,
      chance: Math.log(2 * count - 1),
      features: aux.features,
      logits: aux.logits,
      positives: aux.positives,
      gradients,
      params: state.query.params,
    }),
  };
}
