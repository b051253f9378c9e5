import type { Devices } from "../core/devices.ts";
import type { Tensor } from "../engine/mod.ts";
import type { Key } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import type { Layer, Network, Shape } from "../nn/types.ts";
import type { Optimizer } from "../optim/types.ts";

/** Two views of the same N images, float32 [N, height, width, channels], normalised: a device's part of the batch. */
export type Views = {
  readonly query: Tensor;
  readonly key: Tensor;
  /** The permutation of shuffling BN, int32 [size of the whole batch]; drawn from the state's key where absent. */
  readonly shuffle?: Tensor;
  /** The places of the images in the data set, int32 [N]: for methods that remember each image. */
  readonly index?: Tensor;
  /**
   * The places of the images whose stored keys are the negatives, int32 [K]; drawn from the state's key where absent.
   */
  readonly sample?: Tensor;
  /** The class of each image, int32 [N]: for the method that learns from labels. */
  readonly labels?: Tensor;
};

/** Scalars by name (float32). `loss` is always there, in nats. */
export type Metrics = { readonly [name: string]: Tensor };

/** The configuration of any contrastive training: the encoder, the optimizer and the numbers of the paper. */
export type ContrastConfig = {
  /** Images to features, float32 [N, F]; what is kept after pretraining. */
  readonly backbone: Layer;
  /** Features to the vectors that are contrasted, float32 [N, D]; MoCo v1: linear, v2 and SimCLR: MLP. */
  readonly head: Layer;
  /** The shape of an image: [height, width, channels]. */
  readonly input: Shape;
  /** How gradients become updates. */
  readonly optimizer: Optimizer;
  /** T of the contrast; MoCo v1: 0.07, v2: 0.2. */
  readonly temperature: number;
  /** The devices that train together. Default: a single one. */
  readonly devices?: Devices;
};

/** What the state of every method holds, in addition to what it trains. */
export type MethodState = Tree & {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The random key of the next step, int32 [2]. */
  readonly random: Key;
  /** The encoder that is kept after pretraining: the backbone and everything after it. */
  readonly query: Network;
};

/** Leaves of a state that have a row for each image of the data set, which devices share. */
export type PerImage = {
  /** The images of the data set. */
  readonly images: number;
  /** The paths of the leaves, such as "bank.keys". */
  readonly leaves: readonly string[];
};

/**
 * A pretraining method: everything that the training loop, the checkpoints and the evaluation need to know about it.
 */
export type Method<S extends Tree = Tree> = {
  /** A fresh state. Every leaf is a tensor; nothing is shared between two states. */
  readonly init: (key: Key) => S;
  // A method's parameters are compared bivariantly, so a method with any state is a `Method<MethodState>`.
  /** One optimizer step. Pure: borrows the state and the views, returns fresh tensors. */
  step(state: S, views: Views): { readonly state: S; readonly metrics: Metrics };
  /** Backbone features for evaluation, float32 [N, features]: with the running statistics and without a head. */
  features(state: S, images: Tensor): Tensor;
  /** What of its state has a row for each image, of which each device has its part. Default: nothing. */
  readonly perImage?: PerImage;
};
