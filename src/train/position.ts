/**
 * Where a run stands, and what is due there: pure functions of numbers.
 *
 * @module
 */
import type { Position } from "../checkpoint/checkpoint.ts";

/** The beginning of a run. */
export const start: Position = { epoch: 0, batch: 0, step: 0 };

/**
 * The position after one more batch.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { advance } from "./position.ts";
 *
 * assertEquals(advance({ epoch: 0, batch: 1, step: 1 }, 2), { epoch: 1, batch: 0, step: 2 });
 * ```
 */
export function advance({ epoch, batch, step }: Position, batchesPerEpoch: number): Position {
  const last = batch + 1 === batchesPerEpoch;
  return { epoch: last ? epoch + 1 : epoch, batch: last ? 0 : batch + 1, step: step + 1 };
}

/** How often things happen. */
export type Cadence = {
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Steps from one line of metrics to the next. */
  readonly logEvery: number;
  /** Epochs from one evaluation to the next; 0 for none. */
  readonly evaluateEvery: number;
  /** Steps from one evaluation to the next, beside those of the epochs. Default 0: none. */
  readonly evaluateSteps?: number;
  /** Epochs from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** Steps from one checkpoint to the next, beside those of the epochs. Default 0: none. */
  readonly checkpointSteps?: number;
};

/** What is due after a step. */
export type Due = { readonly log: boolean; readonly evaluate: boolean; readonly checkpoint: boolean };

/** What is due at a position; at the end of the run everything is that ever is. */
export function dueAt({ epoch, batch, step }: Position, cadence: Cadence): Due {
  const ended = epoch === cadence.epochs;
  const everyEpochs = (epochs: number): boolean => batch === 0 && epochs > 0 && (epoch % epochs === 0 || ended);
  const everySteps = (steps = 0): boolean => steps > 0 && (step % steps === 0 || ended);
  return {
    log: everySteps(cadence.logEvery),
    evaluate: everyEpochs(cadence.evaluateEvery) || everySteps(cadence.evaluateSteps),
    checkpoint: everyEpochs(cadence.checkpointEvery) || everySteps(cadence.checkpointSteps),
  };
}
