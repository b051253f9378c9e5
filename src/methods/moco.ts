/**
 * Momentum Contrast, versions 1 and 2.
 *
 * Source: arXiv:1911.05722 (algorithm 1), arXiv:2003.04297.
 *
 * @module
 */
import { tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { permutation, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { valueAt } from "../optim/schedules.ts";
import { ema } from "./ema.ts";
import { applyInTurn, featuresOf } from "./encode.ts";
import { infoNce } from "./info_nce.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { measure } from "./metrics.ts";
import { enqueue, realShare } from "./queue.ts";
import { shuffle, unshuffle } from "./shuffle.ts";
import { initState, type MocoConfig, type MocoState } from "./state.ts";
import type { Method, Views } from "./types.ts";

/**
 * MoCo v1 or v2 as a method: `init` makes a state, `step` takes one to the next.
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
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
  const encoder = sequential({ backbone: config.backbone, head: config.head });
  return {
    init: (key) => scope(() => initState(config, encoder, key)),
    step: (state, views) => scope(() => step(config, encoder, state, views)),
    features: featuresOf(config.backbone),
  };
}

function step(config: MocoConfig, encoder: Layer, state: MocoState, views: Views) {
  const { groups = 1, temperature } = config;
  const [random, shuffleKey] = split(state.random);
  const order = views.shuffle ?? permutation(shuffleKey, views.query.shape[0]); // [N]
  const queries = config.symmetric ? [views.query, views.key] : [views.query];
  const images = config.symmetric ? [views.key, views.query] : [views.key];

  // The key encoder moves first, then makes the keys. Both stand outside of what is differentiated.
  const keyParams = ema(state.key.params, state.query.params, valueAt(config.momentum, state.step));
  const keyEncoder = { params: keyParams, buffers: state.key.buffers };
  const shuffled = config.shuffle ?? true;
  const keys = applyInTurn(encoder, keyEncoder, images.map((x) => shuffled ? shuffle(x, order) : x), groups);
  const positives = keys.outputs.map(l2Normalize).map((k) => shuffled ? unshuffle(k, order) : k); // [N, D]

  const { loss, aux, gradients } = valueAndGrad((params) => {
    const { outputs, buffers } = applyInTurn(encoder, { params, buffers: state.query.buffers }, queries, groups);
    const features = outputs.map(l2Normalize); // [N, D]
    // Both directions see the queue as it was before this step.
    const contrasts = features.map((q, i) => infoNce(q, positives[i], state.queue.keys, temperature));
    return {
      loss: contrasts.map((contrast) => contrast.loss).reduce((a, b) => tf.add(a, b)),
      aux: { buffers, features: features[0], logits: contrasts[0].logits },
    };
  }, state.query.params);

  const { params, ...next } = descend(config.optimizer, state, state.query.params, gradients);
  return {
    state: {
      step: next.step,
      query: { params, buffers: aux.buffers },
      key: { params: keyParams, buffers: keys.buffers },
      optimizer: next.optimizer,
      queue: enqueue(state.queue, tf.concat(positives, 0)),
      random,
    },
    metrics: {
      ...measure({
        loss,
        chance: queries.length * Math.log(1 + state.queue.keys.shape[0]),
        features: aux.features,
        logits: aux.logits,
        positives: tf.slice(aux.logits, [0, 0], [-1, 1]),
        gradients,
        params: state.query.params,
      }),
      realKeys: realShare(state.queue),
    },
  };
}
