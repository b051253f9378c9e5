/**
 * Why a command cannot do what it was asked for, as data, and its one renderer.
 *
 * @module
 */
import { counted } from "../core/counted.ts";
import { onOneLine } from "../core/printable.ts";
import { type DataError, renderDataError } from "../data/errors.ts";
import type { Memory } from "../engine/mod.ts";
import { type InterchangeError, renderInterchangeError } from "../interchange/errors.ts";
import { type CollectionError, renderCollectionError } from "../search/collection/errors.ts";
import { renderTrainingError, type TrainingError } from "../train/errors.ts";
import { type ClusterError, renderClusterError } from "./cluster/errors.ts";
import { type ConfigureError, renderConfigureError } from "./configure_errors.ts";
import { type Estimate, inMegabytes, renderEstimate } from "./estimate.ts";
import { type QuestionError, renderQuestionError } from "./question_errors.ts";

/** Labels are needed and the images have none. */
export type NoLabels = { readonly _tag: "NoLabels"; readonly data: string };

/** Test images were to be held out, and no class has enough for that. */
export type NoneToHoldOut = { readonly _tag: "NoneToHoldOut"; readonly data: string; readonly count: number };

/** There are fewer images than a batch takes. */
export type TooFewImages = {
  readonly _tag: "TooFewImages";
  readonly data: string;
  readonly count: number;
  readonly batch: number;
  /** Whether there must be images beyond those of a batch, for a memory bank to sample from. */
  readonly others: boolean;
};

/** A file whose views are not what the configuration asks for. */
export type BadViews = { readonly _tag: "BadViews"; readonly path: string; readonly faults: readonly string[] };

/** The number of training images is needed, and neither the configuration nor a state says it. */
export type UnknownCount = {
  readonly _tag: "UnknownCount";
  readonly data: string;
  readonly for: "bank" | "schedules";
};

/** A memory bank would have no rows beyond those of a batch. */
export type SmallBank = { readonly _tag: "SmallBank"; readonly images: number; readonly batch: number };

/** The loss of a step is not a finite number. */
export type InfiniteLoss = { readonly _tag: "InfiniteLoss"; readonly step: number; readonly loss: number };

/** A file has no tensor of the name that was asked for. */
export type NoSuchTensor = { readonly _tag: "NoSuchTensor"; readonly path: string; readonly name: string };

/** A training for which this machine will never have enough memory. */
export type TooLarge = { readonly _tag: "TooLarge"; readonly needed: Estimate; readonly memory: Memory };

/** A checkpoint whose weights are worthless. */
export type NonFiniteWeights = { readonly _tag: "NonFiniteWeights"; readonly path: string; readonly tensor: string };

/** More than one collection is to be looked at. */
export type SeveralCollections = { readonly _tag: "SeveralCollections"; readonly paths: readonly string[] };

/** A folder that is to be watched is no run's. */
export type NoRun = { readonly _tag: "NoRun"; readonly folder: string; readonly found: string };

/** Everything that keeps one of the functions of `src/run` from its result. */
export type RunError =
  | NoLabels
  | NoneToHoldOut
  | TooFewImages
  | BadViews
  | UnknownCount
  | SmallBank
  | InfiniteLoss
  | NoSuchTensor
  | NonFiniteWeights
  | TooLarge
  | SeveralCollections
  | NoRun
  | ConfigureError
  | QuestionError
  | ClusterError
  | TrainingError
  | InterchangeError
  | CollectionError
  | DataError;

/** How many faults of a file of views are written out before the rest is only counted. */
const SHOWN = 20;

/**
 * An error as text: one clear message, with the way out where there is one.
 *
 * @param found The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderRunError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderRunError({ _tag: "TooFewImages", data: "photos", count: 4, batch: 8, others: false }),
 *   "Cannot train on photos: expected at least one batch of 8 images, found 4 images. " +
 *     "Lower --batch (and --queue with it).",
 * );
 * ```
 */
export function renderRunError(found: RunError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "NoLabels":
      return `Cannot measure with ${error.data}: expected labelled images, as a folder for each class, found images ` +
        "without labels. Give labelled ones with --path.";
    case "NoneToHoldOut":
      return `Cannot measure with ${error.data}: expected two images or more of a class, found ${error.count} in all`;
    case "TooFewImages": {
      const { data, batch, count, others } = error;
      const more = others ? " and others to sample negatives from" : "";
      return `Cannot train on ${data}: expected at least one batch of ${batch} images${more}, found ${
        counted(count, "image")
      }. ` +
        "Lower --batch (and --queue with it).";
    }
    case "BadViews": {
      const shown = error.faults.slice(0, SHOWN);
      const hidden = error.faults.length - shown.length;
      return [
        `Cannot use the views of ${error.path}:`,
        ...[...shown, ...hidden > 0 ? [`and ${hidden} more`] : []].map((line) => `  ${line}`),
      ].join("\n");
    }
    case "UnknownCount":
      return error.for === "bank"
        ? `Cannot make a memory bank: expected the number of images, found data of the kind ${error.data}, which ` +
          "are not read here. Give --limit, or --state."
        : `Cannot schedule learning rate and momentum: expected the number of images, found data of the kind ` +
          `${error.data}, which are not read here. Give --steps-per-epoch, or --limit.`;
    case "SmallBank":
      return `Cannot make a memory bank: expected more images than the ${error.batch} of a batch, ` +
        `found ${error.images}`;
    case "InfiniteLoss":
      return `Cannot go on: expected a finite loss, found ${error.loss} at step ${error.step}. Nothing was written.`;
    case "NoSuchTensor":
      return `Cannot inspect ${error.path}: expected the beginning of a tensor's name, found "${error.name}"`;
    case "TooLarge": {
      const { needed, memory } = error;
      return `Cannot train: expected a run that fits into ${inMegabytes(memory.total)} of memory, found ` +
        `${renderEstimate(needed)}. Lower --batch or --size, or choose a smaller encoder.`;
    }
    case "NonFiniteWeights":
      return `Cannot measure ${error.path}: expected finite numbers, found one in ${error.tensor} that is not`;
    case "SeveralCollections":
      return `Cannot explore several collections: expected one file, found ${error.paths.join(" and ")}`;
    case "NoRun":
      return `Cannot explore ${error.folder}: expected a collection's file or a run's folder, found a folder with ` +
        error.found;
    case "BadConfig":
    case "UnknownPreset":
    case "UnreadableConfig":
      return renderConfigureError(error);
    case "TooFewVectors":
    case "OneHalf":
    case "NoMap":
    case "NoSuchImage":
    case "ChangedEncoder":
    case "NothingToBeLike":
    case "BadQuestion":
    case "NoIndex":
    case "NoColour":
      return renderQuestionError(error);
    case "BadCluster":
    case "Unjoined":
      return renderClusterError(error);
    case "NonFinite":
    case "RunExists":
    case "RunBusy":
    case "NotARun":
    case "DifferentData":
    case "Unsaved":
    case "MissingWorkers":
    case "DifferentWorkers":
    case "UnreadableFile":
    case "UnwritableFile":
    case "DamagedFile":
    case "NotACheckpoint":
    case "DifferentState":
    case "NoCheckpoint":
      return renderTrainingError(error);
    case "UnknownLayout":
    case "OwnCheckpoint":
    case "UnknownEncoder":
    case "CannotExport":
    case "UnknownFormat":
      return renderInterchangeError(error);
    case "NotACollection":
    case "NewerCollection":
    case "DamagedCollection":
    case "BusyCollection":
    case "OtherEncoder":
    case "NoSuchVectors":
      return renderCollectionError(error);
    default:
      return renderDataError(error);
  }
}
