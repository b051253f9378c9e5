import type { TaskEither } from "../core/either.ts";
import type { Best, Position } from "../checkpoint/checkpoint.ts";
import type { Alarms } from "./alarms.ts";
import type { TrainingError } from "./errors.ts";
import type { MetricsLog } from "./metrics_log.ts";
import type { Rate } from "./rate.ts";
import type { Readings } from "./readings.ts";
import type { RunPaths } from "./run_folder.ts";
import type { TrainState } from "./train_step.ts";
import type { RunOptions } from "./types.ts";

/** What is known of a run so far, and what it is recorded with. It is a value: to record a step gives the next one. */
export type Recorder<S extends TrainState> = {
  readonly run: RunOptions<S>;
  readonly paths: RunPaths;
  readonly log: MetricsLog;
  /** What steps measured and nobody has read. */
  readonly unread: Readings;
  readonly clock: Rate;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** When the first images were there; undefined before. */
  readonly started?: number;
  /** Milliseconds since then that were spent waiting for images. */
  readonly waited: number;
  /** When the progress was last shown. */
  readonly shown: number;
  /** When a state was last saved. */
  readonly saved: number;
  /** The metrics of the last step that was read. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The last evaluation, and the step after which it was made. */
  readonly evaluation?: { readonly step: number; readonly scores: Readonly<Record<string, number>> };
  /** The best evaluation. */
  readonly best?: Best;
  /** What is known of how the training goes. */
  readonly alarms: Alarms;
  /** The last checkpoint. */
  readonly checkpoint?: string;
  /** Whether someone asked to stop, and all is saved. */
  readonly stopped: boolean;
};

/** A state, and where the run stands with it. */
export type Point<S> = { readonly state: S; readonly position: Position };

/** The next recorder, or why something could not be recorded. */
export type Recorded<S extends TrainState> = TaskEither<TrainingError, Recorder<S>>;
