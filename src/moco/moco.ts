/**
 * Momentum Contrast, versions 1 and 2.
 *
 * Source: arXiv:1911.05722 (algorithm 1), arXiv:2003.04297.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { permutation, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer, Network } from "../nn/types.ts";
import { applyUpdates } from "../optim/apply_updates.ts";
import { ema } from "./ema.ts";
import { infoNce } from "./info_nce.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { measure } from "./metrics.ts";
import { enqueue } from "./queue.ts";
import { byGroup, inOrder, shuffle, unshuffle } from "./shuffle.ts";
import { initState, type MocoConfig, type MocoState } from "./state.ts";
import type { Method, Views } from "./types.ts";

/**
 * MoCo v1 or v2 as a method: `init` makes a state, `step` takes one to the next.
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
 */
export function createMoco(config: MocoConfig): Method<MocoState> {
  const encoder = sequential({ backbone: config.backbone, head: config.head });
  return {
    init: (key) => scope(() => initState(config, encoder, key)),
    step: (state, views) => scope(() => step(config, encoder, state, views)),
    features: (state, images) =>
      scope(() => config.backbone.apply(backboneOf(state.query), images, { training: false }).output),
  };
}

function step(config: MocoConfig, encoder: Layer, state: MocoState, views: Views) {
  const { groups = 1, temperature } = config;
  const [random, shuffleKey] = split(state.random);
  const order = views.shuffle ?? permutation(shuffleKey, views.query.shape[0]); // [N]
  const queries = config.symmetric ? [views.query, views.key] : [views.query];
  const images = config.symmetric ? [views.key, views.query] : [views.key];

  // The key encoder moves first, then makes the keys. Both stand outside of what is differentiated.
  const momentum = typeof config.momentum === "number" ? config.momentum : config.momentum(state.step);
  const keyParams = ema(state.key.params, state.query.params, momentum);
  const keyEncoder = { params: keyParams, stats: state.key.stats };
  const shuffled = config.shuffle ?? true;
  const keys = encodeAll(encoder, keyEncoder, images.map((x) => shuffled ? shuffle(x, order) : x), groups);
  const positives = keys.features.map((k) => shuffled ? unshuffle(k, order) : k); // [N, D]

  const { loss, aux, gradients } = valueAndGrad((params) => {
    const { features, stats } = encodeAll(encoder, { params, stats: state.query.stats }, queries, groups);
    // Both directions see the queue as it was before this step.
    const contrasts = features.map((q, i) => infoNce(q, positives[i], state.queue.keys, temperature));
    return {
      loss: contrasts.map((contrast) => contrast.loss).reduce((a, b) => tf.add(a, b)),
      aux: { stats, features: features[0], logits: contrasts[0].logits },
    };
  }, state.query.params);

  const { updates, state: optimizer } = config.optimizer.update(
    gradients,
    state.optimizer,
    state.query.params,
    state.step,
  );
  const queryParams = applyUpdates(state.query.params, updates);
  return {
    state: {
      step: tf.add(state.step, tf.scalar(1, "int32")),
      query: { params: queryParams, stats: aux.stats },
      key: { params: keyParams, stats: keys.stats },
      optimizer,
      queue: enqueue(state.queue, tf.concat(positives, 0)),
      random,
    },
    metrics: measure({
      loss,
      ...aux,
      gradients,
      params: state.query.params,
      queue: state.queue,
      terms: queries.length,
    }),
  };
}

/** Unit features of each batch in turn, in training mode; the running statistics pass from one to the next. */
function encodeAll(encoder: Layer, network: Network, batches: readonly Tensor[], groups: number) {
  const features: Tensor[] = [];
  let { stats } = network;
  for (const images of batches) {
    const result = encoder.apply({ params: network.params, stats }, byGroup(images, groups), {
      training: true,
      groups,
    });
    features.push(l2Normalize(inOrder(result.output, groups))); // [N, D]
    stats = result.stats;
  }
  return { features, stats };
}

/** The backbone's part of an encoder. */
function backboneOf(network: Network): Network {
  return { params: network.params.backbone as Network["params"], stats: network.stats.backbone as Network["stats"] };
}
