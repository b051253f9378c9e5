/**
 * Why a training run cannot begin or go on, as data, and its one renderer.
 *
 * @module
 */
import { type CheckpointError, renderCheckpointError } from "../checkpoint/errors.ts";
import { renderFileError } from "../files/errors.ts";

/** A step measured a number that is not finite: the state behind it is worthless. */
export type NonFinite = {
  readonly _tag: "NonFinite";
  /** The step that measured it, from 1. */
  readonly step: number;
  /** The metric, or the tensor of the state. */
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

/** Everything that stops a training run, beside faults of the program. */
export type TrainingError = CheckpointError | Unsaved | NonFinite | RunExists | RunBusy | NotARun | DifferentData;

/** A training error as text. */
export function renderTrainingError(error: TrainingError): string {
  switch (error._tag) {
    case "NonFinite": {
      const rest = error.lastGood === undefined
        ? "There is no checkpoint from before"
        : `The last good checkpoint is ${error.lastGood}`;
      return `Cannot go on: expected finite numbers, found ${error.what} = ${error.value} at step ${error.step}. ${rest}. ` +
        "A lower learning rate, or a warm-up, often helps.";
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
    default:
      return renderCheckpointError(error);
  }
}
