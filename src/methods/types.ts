import type { Tensor } from "../engine/mod.ts";
import type { Key } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import type { Network } from "../nn/types.ts";

/** Two views of the same N images, float32 [N, height, width, channels], normalised. */
export type Views = {
  readonly query: Tensor;
  readonly key: Tensor;
  /** The permutation of shuffling BN, int32 [N]; drawn from the state's key where absent. */
  readonly shuffle?: Tensor;
  /** The places of the images in the data set, int32 [N]: for methods that remember each image. */
  readonly index?: Tensor;
};

/** Scalars by name (float32). `loss` is always there, in nats. */
export type Metrics = { readonly [name: string]: Tensor };

/** What the state of every method holds, beside what it trains. */
export type MethodState = Tree & {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The random key of the next step, int32 [2]. */
  readonly random: Key;
  /** The encoder that is kept after pretraining, backbone and all that follows it. */
  readonly query: Network;
};

/** A pretraining method: all that the training loop, the checkpoints and the evaluation need to know of it. */
export type Method<S extends Tree = Tree> = {
  /** A fresh state. Every leaf is a tensor; nothing is shared between two states. */
  readonly init: (key: Key) => S;
  // Written as methods, whose parameters are compared both ways: so a method of any state is a `Method<MethodState>`.
  /** One optimizer step. Pure: borrows the state and the views, returns fresh tensors. */
  step(state: S, views: Views): { readonly state: S; readonly metrics: Metrics };
  /** Backbone features for evaluation, float32 [N, features]; running statistics, no head. */
  features(state: S, images: Tensor): Tensor;
};
