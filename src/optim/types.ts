import type { Tensor } from "../engine/mod.ts";
import type { Tree } from "../core/tree.ts";
import type { Params } from "../nn/types.ts";

/** A value that follows the training step: an int32 scalar (steps taken so far, from 0) to a float32 scalar. */
export type Schedule = (step: Tensor) => Tensor;

/** An optimizer as a pair of pure functions. `updates` are added to the parameters by `applyUpdates`. */
export type Optimizer<S extends Tree = Tree> = {
  /** The state before the first update, for parameters of this structure. */
  readonly init: (params: Params) => S;
  /**
   * What is to be added to the parameters, float32 of their structure, and the next state. `step` is the number of steps
   * taken so far, an int32 scalar, which a {@linkcode Schedule} follows.
   */
  // A method's parameters are compared bivariantly, so an optimizer with any state is an `Optimizer`.
  update(gradients: Params, state: S, params: Params, step: Tensor): {
    readonly updates: Params;
    readonly state: S;
  };
};
