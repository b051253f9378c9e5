/**
 * The end-to-end mechanism: the dictionary is the batch, and both encoders are trained by back-propagation.
 *
 * Its keys are as consistent as can be, for the present encoder makes them all; but there are no more of them than images
 * in the batch.
 *
 * Source: arXiv:1911.05722, section 3.2 and figure 2a.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { type Key, permutation, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import { map, type Tree } from "../core/tree.ts";
import { diagonal } from "../engine/ops/mod.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer, Network } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { batchInfoNce } from "./batch_info_nce.ts";
import { applyInTurn, featuresOf } from "./encode.ts";
import { l2Normalize } from "./l2_normalize.ts";
import { measure } from "./metrics.ts";
import { shuffle, unshuffle } from "./shuffle.ts";
import type { MocoConfig } from "./state.ts";
import type { Method, Views } from "./types.ts";

/** Everything that an end-to-end training changes, as one immutable tree. */
export type EndToEndState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The query encoder: trained by back-propagation. */
  readonly query: Network;
  /** The key encoder: trained by back-propagation too. */
  readonly key: Network;
  /** The optimizer's own state, over both encoders. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/** What fixes an end-to-end training: what fixes MoCo's, but for queue and momentum. */
export type EndToEndConfig = Pick<
  MocoConfig,
  "backbone" | "head" | "input" | "optimizer" | "temperature" | "groups" | "shuffle"
>;

/**
 * The end-to-end mechanism as a method: `init` makes a state, `step` takes one to the next.
 *
 * The paper lets the two encoders be one network or two; here they are two that begin as copies, as MoCo's do. Batch norm
 * is shuffled as in MoCo (section 3.3: the paper uses it in its end-to-end counterpart too), and the loss goes one way.
 *
 * Reference: reference/end_to_end.ts
 *
 * @param config The encoder, the optimizer and the numbers of the paper.
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
  const encoder = sequential({ backbone: config.backbone, head: config.head });
  return {
    init: (key) => scope(() => initState(config, encoder, key)),
    step: (state, views) => scope(() => step(config, encoder, state, views)),
    features: featuresOf(config.backbone),
  };
}

function initState(config: EndToEndConfig, encoder: Layer, from: Key): EndToEndState {
  const [encoderKey, random] = split(from);
  const { network: query } = encoder.init(encoderKey, config.input);
  const key = map((leaf) => tf.clone(leaf), query);
  const optimizer = config.optimizer.init({ query: query.params, key: key.params });
  return { step: tf.scalar(0, "int32"), query, key, optimizer, random };
}

function step(config: EndToEndConfig, encoder: Layer, state: EndToEndState, views: Views) {
  const { groups = 1, temperature, shuffle: shuffled = true } = config;
  const [count] = views.query.shape;
  const [random, shuffleKey] = split(state.random);
  const order = views.shuffle ?? permutation(shuffleKey, count); // [N]
  const trained = { query: state.query.params, key: state.key.params };

  const { loss, aux, gradients } = valueAndGrad((params) => {
    const forward = (side: "query" | "key", images: Tensor) =>
      applyInTurn(encoder, { params: params[side], buffers: state[side].buffers }, [images], groups);
    const query = forward("query", views.query);
    const key = forward("key", shuffled ? shuffle(views.key, order) : views.key);
    const q = l2Normalize(query.outputs[0]); // [N, D]
    const asEncoded = l2Normalize(key.outputs[0]);
    const k = shuffled ? unshuffle(asEncoded, order) : asEncoded; // [N, D]
    const { loss, logits } = batchInfoNce(q, k, temperature);
    return { loss, aux: { buffers: { query: query.buffers, key: key.buffers }, features: q, logits } };
  }, trained);

  const { params, ...next } = descend(config.optimizer, state, trained, gradients);
  return {
    state: {
      step: next.step,
      query: { params: params.query, buffers: aux.buffers.query },
      key: { params: params.key, buffers: aux.buffers.key },
      optimizer: next.optimizer,
      random,
    },
    metrics: measure({
      loss,
      chance: Math.log(count),
      features: aux.features,
      logits: aux.logits,
      positives: diagonal(aux.logits),
      gradients,
      params: trained,
    }),
  };
}
