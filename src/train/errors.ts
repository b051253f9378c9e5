/**
 * Why a training run cannot begin or go on, as data, and its one renderer.
 *
 * @module
 */
import { onOneLine } from "../core/printable.ts";
import { type CheckpointError, type Difference, renderCheckpointError } from "../checkpoint/errors.ts";
import { renderFileError } from "../files/errors.ts";

/** A step or an evaluation measured a number that is not finite: the state that it was measured on is worthless. */
export type NonFinite = {
  readonly _tag: "NonFinite";
  /** The step that measured it, or after which it was measured, from 1. */
  readonly step: number;
  /** The metric, the score of an evaluation, or the tensor of the state. */
  readonly what: string;
  readonly value: string;
  /** The newest checkpoint, from before. */
  readonly lastGood?: string;
};

/** A new run was to begin in the folder of another. */
export type RunExists = {
  readonly _tag: "RunExists";
  readonly folder: string;
  readonly checkpoint: string;
};

/** Another program trains in this folder. */
export type RunBusy = { readonly _tag: "RunBusy"; readonly folder: string };

/** The folder of a run holds other things than a run: nothing in it was touched. */
export type NotARun = {
  readonly _tag: "NotARun";
  readonly folder: string;
  /** One of the names in it. */
  readonly found: string;
};

/** A file of a run on its way that could not be written; older files are as they were. */
export type Unsaved = {
  readonly _tag: "Unsaved";
  readonly path: string;
  readonly reason: string;
  /** The newest checkpoint that is still whole. */
  readonly lastGood?: string;
};

/** The images are not those that a run was trained on, and it cannot go on with others from where it stands. */
export type DifferentData = {
  readonly _tag: "DifferentData";
  /** The checkpoint. */
  readonly path: string;
  /** How the images differ. */
  readonly found: string;
  /** Why the run cannot go on with them, as sentences. */
  readonly reason: string;
};

/** One of several processes that train together. */
export type Worker = {
  /** Its place among them, from 0. */
  readonly rank: number;
  /** "host:port". */
  readonly address: string;
};

/** Other workers are missing, so that nothing can be computed together. */
export type MissingWorkers = {
  readonly _tag: "MissingWorkers";
  readonly workers: readonly Worker[];
  /** What is known of them: "does not answer". */
  readonly found: string;
  /** Where they trained: the newest checkpoint, or null if there is none. */
  readonly lastGood?: string | null;
};

/** Two workers would not train the same. */
export type DifferentWorkers = {
  readonly _tag: "DifferentWorkers";
  readonly workers: readonly [Worker, Worker];
  /** Where they differ: what the first one has is `expected`. */
  readonly differences: readonly Difference[];
};

/** Everything that stops a training run, beside faults of the program. */
export type TrainingError =
  | CheckpointError
  | Unsaved
  | NonFinite
  | RunExists
  | RunBusy
  | NotARun
  | DifferentData
  | MissingWorkers
  | DifferentWorkers;

/** A worker by its place and address. */
function renderWorker({ rank, address }: Worker): string {
  return `worker ${rank} at ${address}`;
}

/**
 * A training error as text.
 *
 * @param found The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderTrainingError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderTrainingError({ _tag: "UnreadableFile", path: "runs", reason: "no such file or folder" }),
 *   "Cannot read runs: no such file or folder",
 * );
 * ```
 */
export function renderTrainingError(found: TrainingError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "NonFinite": {
      const rest = error.lastGood === undefined
        ? "There is no checkpoint from before"
        : `The last good checkpoint is ${error.lastGood}`;
      return `Cannot go on: expected finite numbers, found ${error.what} = ${error.value} at step ${error.step}. ` +
        `${rest}. A lower learning rate, or a warm-up, often helps.`;
    }
    case "Unsaved": {
      const rest = error.lastGood === undefined
        ? "There is no earlier checkpoint"
        : `The last good checkpoint is ${error.lastGood}`;
      return `${renderFileError({ ...error, _tag: "UnwritableFile" })}. ${rest}.`;
    }
    case "RunExists":
      return `Cannot begin a run in ${error.folder}: expected no checkpoints, found ${error.checkpoint}. ` +
        "Resume that run, or choose another folder.";
    case "NotARun":
      return `Cannot train in ${error.folder}: expected an empty folder or a run's, found ${error.found} in it`;
    case "RunBusy":
      return `Cannot train in ${error.folder}: another program trains there`;
    case "DifferentData":
      return `Cannot resume ${error.path}: expected the images that the run was trained on, found ${error.found}. ` +
        `${error.reason} Bring the images back, or begin a new run with the encoder of this checkpoint (--init).`;
    case "MissingWorkers": {
      const found = `Cannot go on: expected all workers, found that ${error.workers.map(renderWorker).join(" and ")} ` +
        `${error.found}.`;
      if (error.lastGood === undefined) return found;
      return error.lastGood === null
        ? `${found} There is no checkpoint yet.`
        : `${found} The last whole checkpoint is ${error.lastGood}: go on from it with --resume.`;
    }
    case "DifferentWorkers": {
      const [first, second] = error.workers.map(renderWorker);
      const lines = error.differences.map(({ path, expected, found }) =>
        `  ${path}: ${first} has ${expected}, ${second} has ${found}`
      );
      return ["Cannot work together: the workers differ.", ...lines].join("\n");
    }
    default:
      return renderCheckpointError(error);
  }
}
