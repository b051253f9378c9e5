import type { Tensor } from "../engine/mod.ts";
import type { Key } from "../core/random.ts";

/** The parameters or statistics of a network: tensors in nested readonly records, named as PyTorch names them. */
export type Params = { readonly [name: string]: Tensor | Params };

/**
 * A network's values: what the optimizer changes (`params`) and what it does not (`stats`): the running statistics that
 * the forward pass measures, and what is frozen.
 */
export type Network = { readonly params: Params; readonly stats: Params };

/** The shape of one sample, without the batch axis: [height, width, channels] or [features]. */
export type Shape = readonly number[];

/** How a forward pass treats batch normalisation. */
export type Mode = {
  /** Normalise by the batch and update the running statistics; otherwise by the running statistics. */
  readonly training: boolean;
  /** Batch-norm groups: the batch is cut into this many consecutive parts, each normalised by itself. Default 1. */
  readonly groups?: number;
};

/** A layer or a whole network as a pair of pure functions. */
export type Layer = {
  /** Fresh values for one sample of shape `input`, and the shape of one output sample. */
  readonly init: (key: Key, input: Shape) => { readonly network: Network; readonly output: Shape };
  /** `x` [N, ...input] to `output` [N, ...]; `stats` are the next running statistics (the same ones in evaluation). */
  readonly apply: (network: Network, x: Tensor, mode: Mode) => { readonly output: Tensor; readonly stats: Params };
};
