import type { Key } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Tree } from "../core/tree.ts";
import type { Layer, Network } from "../nn/types.ts";
import { featuresOf } from "./encode.ts";
import type { Method, Metrics, PerImage, Views } from "./types.ts";

/** The algorithm of a method: how its state begins, and how a step changes it. */
export type Algorithm<S extends Tree> = {
  /** A fresh state. */
  readonly init: (random: Key) => S;
  /** One step. */
  readonly step: (state: S, views: Views) => { readonly state: S; readonly metrics: Metrics };
  /** What of its state has a row for each image. Default: nothing. */
  readonly perImage?: PerImage;
};

/**
 * A method from its algorithm. The algorithm's intermediate tensors are freed, and the features are the backbone's. The
 * step throws a TypeError unless there are as many keys as queries.
 *
 * @param backbone The part of the query encoder that is kept after pretraining; its values are named `backbone`.
 * @param algorithm How the state begins and changes.
 */
export function createMethod<S extends Tree & { readonly query: Network }>(
  backbone: Layer,
  { init, step, ...about }: Algorithm<S>,
): Method<S> {
  return {
    init: (random) => scope(() => init(random)),
    step: (state, views) => {
      const [queries, keys] = [views.query.shape[0], views.key.shape[0]];
      if (queries !== keys) {
        throw new TypeError(`Cannot take a step: expected a key for each of ${queries} queries, found ${keys}`);
      }
      return scope(() => step(state, views));
    },
    features: featuresOf(backbone),
    ...about,
  };
}
