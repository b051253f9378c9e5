import type { Tensor } from "../engine/mod.ts";
import type { Devices } from "../core/devices.ts";
import type { Key } from "../core/random.ts";

/** The parameters or buffers of a network: tensors in nested readonly records, named as PyTorch names them. */
export type Params = { readonly [name: string]: Tensor | Params };

/**
 * The values of a network. The optimizer changes `params`. It does not change `buffers` (PyTorch's term): the running
 * statistics of batch norm, and frozen weights.
 */
export type Network = { readonly params: Params; readonly buffers: Params };

/** The shape of one sample, without the batch axis: [height, width, channels] or [features]. */
export type Shape = readonly number[];

/** How a forward pass treats batch normalisation. */
export type Mode = {
  /** If true, normalise with the batch's statistics and update the running ones; otherwise, with the running ones. */
  readonly training: boolean;
  /**
   * The devices that train together. In training, batch norm cuts the batch into as many consecutive parts as they say,
   * and normalises each by itself. Default: one device.
   */
  readonly devices?: Devices;
};

/** A layer or a whole network as a pair of pure functions. */
export type Layer = {
  /** Fresh values for one sample of shape `input`, and the shape of one output sample. */
  readonly init: (key: Key, input: Shape) => { readonly network: Network; readonly output: Shape };
  /** Maps `x` [N, ...input] to `output` [N, ...]. `buffers` are the next ones (unchanged in evaluation). */
  readonly apply: (network: Network, x: Tensor, mode: Mode) => { readonly output: Tensor; readonly buffers: Params };
};

/** Where an encoder looks in an image, as maps over the image. */
export type Focus = {
  /**
   * "attention": how much the class token attends to each patch, a map for each head; see `attentionWeights`.
   * "share": each place's share of the features' squared length, one map; see `lengthShares`.
   */
  readonly kind: "attention" | "share";
  /** From images [N, height, width, C] to M maps of each, float32 [N, M, rows, columns], in evaluation mode. */
  readonly maps: (network: Network, images: Tensor) => Tensor;
};

/** An encoder without its head. */
export type Backbone = Layer & {
  /** Where it looks; absent where it does not say. */
  readonly focus?: Focus;
};
