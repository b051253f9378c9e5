import type { Position } from "../checkpoint/checkpoint.ts";
import type { Asked } from "./team.ts";
import type { TrainState } from "./train_step.ts";
import type { RunOptions } from "./types.ts";

/**
 * What is to be done after a step: what this process or another one asks for. A training that stops is saved, and one
 * that is complete is not stopped.
 *
 * @param run The run.
 * @param position Where it is.
 * @param save Whether this process has a reason to save.
 */
export function agree<S extends TrainState>(
  { team, interrupted, config: { training } }: RunOptions<S>,
  { epoch }: Position,
  save: boolean,
): Asked {
  const own = { stop: epoch < training.epochs && (interrupted?.() ?? false), save };
  const all = team?.agree(own) ?? own;
  return { ...all, save: all.save || all.stop };
}
