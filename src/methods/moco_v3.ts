/**
 * Momentum Contrast, version 3: no queue, the negatives are the other keys of the batch.
 *
 * Source: arXiv:2104.02057 (algorithm 1).
 *
 * @module
 */
import { tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { valueAt } from "../optim/schedules.ts";
import { diagonal } from "../engine/ops/mod.ts";
import { batchContrast } from "./batch_contrast.ts";
import { ema } from "./ema.ts";
import { applyInTurn, featuresOf } from "./encode.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { measure, measureLayers } from "./metrics.ts";
import { initStateV3, type MocoV3Config, type MocoV3State, trainedOf } from "./state_v3.ts";
import type { Method, Views } from "./types.ts";

/**
 * MoCo v3 as a method: `init` makes a state, `step` takes one to the next.
 *
 * The two views of `Views` stand for the two crops of the paper; each is query once and key once.
 *
 * Reference: reference/moco_v3.ts
 *
 * @param config The layers, the optimizer and the numbers of the paper.
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
  const encoder = sequential({ backbone: config.backbone, projector: config.projector });
  return {
    init: (key) => scope(() => initStateV3(config, encoder, key)),
    step: (state, views) => scope(() => step(config, encoder, state, views)),
    features: featuresOf(config.backbone),
  };
}

function step(config: MocoV3Config, encoder: Layer, state: MocoV3State, views: Views) {
  const { groups = 1, temperature } = config;
  const [random] = split(state.random); // the views of this step were drawn from the old key
  const crops = [views.query, views.key];

  // The key encoder moves first, then makes the keys. Both stand outside of what is differentiated.
  const keyParams = ema(state.key.params, state.query.params, valueAt(config.momentum, state.step));
  const keys = applyInTurn(encoder, { params: keyParams, buffers: state.key.buffers }, crops, groups);
  const [k1, k2] = keys.outputs.map(l2Normalize); // [N, D]

  const trained = trainedOf(state);
  const { loss, aux, gradients } = valueAndGrad(({ predictor, ...query }) => {
    const projected = applyInTurn(encoder, { params: query, buffers: state.query.buffers }, crops, groups);
    const head = { params: predictor, buffers: state.predictor.buffers };
    const predicted = applyInTurn(config.predictor, head, projected.outputs, groups);
    const [q1, q2] = predicted.outputs.map(l2Normalize); // [N, D]
    const contrasts = [batchContrast(q1, k2, temperature), batchContrast(q2, k1, temperature)];
    return {
      loss: tf.add(contrasts[0].loss, contrasts[1].loss),
      aux: {
        buffers: { query: projected.buffers, predictor: predicted.buffers },
        features: q1,
        logits: contrasts[0].logits,
      },
    };
  }, trained);

  const { params: { predictor, ...query }, ...next } = descend(config.optimizer, state, trained, gradients);
  return {
    state: {
      step: next.step,
      query: { params: query, buffers: aux.buffers.query },
      key: { params: keyParams, buffers: keys.buffers },
      predictor: { params: predictor, buffers: aux.buffers.predictor },
      optimizer: next.optimizer,
      random,
    },
    metrics: {
      ...measure({
        loss,
        chance: 2 * 2 * temperature * Math.log(k1.shape[0]), // two terms of 2T log N
        features: aux.features,
        logits: aux.logits,
        positives: diagonal(aux.logits),
        gradients,
        params: trained,
      }),
      ...measureLayers(gradients, config.monitored),
    },
  };
}
