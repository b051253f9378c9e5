import { type Tensor, tf } from "../engine/mod.ts";
import { barrier } from "../core/barrier.ts";
import type { Tree } from "../core/tree.ts";
import type { Params } from "../nn/types.ts";
import { applyUpdates } from "./apply_updates.ts";
import type { Optimizer } from "./types.ts";

/** The progress of a training: steps taken, int32 scalar, and the optimizer's own state. */
export type Progress = { readonly step: Tensor; readonly optimizer: Tree };

/**
 * One step of an optimizer along the gradients.
 *
 * @param optimizer How gradients become updates.
 * @param progress The training's progress so far.
 * @param params What is trained.
 * @param gradients The derivative of the loss with respect to each parameter.
 * @returns The next parameters and the next progress.
 */
export function descend<P extends Params>(
  optimizer: Optimizer,
  progress: Progress,
  params: P,
  gradients: P,
): Progress & { readonly params: P } {
  // The update needs its own memory, so it begins when no activation is left.
  const given = barrier({ gradients, params, optimizer: progress.optimizer });
  const { updates, state } = optimizer.update(given.gradients, given.optimizer, given.params, progress.step);
  return {
    params: applyUpdates(given.params, updates),
    step: tf.add(progress.step, tf.scalar(1, "int32")),
    optimizer: state,
  };
}
