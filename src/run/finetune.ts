import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { renderConfig } from "../config/render.ts";
import { learnsFromLabels } from "../config/build.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { dispose } from "../core/scope.ts";
import { scoreClassifier } from "../evaluate/classify.ts";
import type { Scores } from "../evaluate/scores.ts";
import { silent } from "../train/progress.ts";
import { mayTrainIn } from "../train/run_folder.ts";
import { classifierOf } from "./classifier.ts";
import { configure, configureOver, configureStored } from "./configure.ts";
import type { BadConfig } from "./configure_errors.ts";
import type { RunError } from "./errors.ts";
import { finetuningOf } from "./finetuning.ts";
import { onImagesOf } from "./other_images.ts";
import { holdOut, type LabelledSplit, loadImages, sourceOf } from "./images.ts";
import { checkpointOf, type Measurable } from "./measurable.ts";
import { runTraining, type Trained, type Watch } from "./training.ts";

/** What {@linkcode finetune} is asked for: an encoder, where the run goes, and changes to the protocol. */
export type FinetuneRequest = PartialConfig & Watch & (BegunFinetuning | ResumedFinetuning) & {
  /** The run's folder, for the configuration, the metrics and the checkpoints. */
  readonly out: string;
};

/** A fine-tuning that begins. */
export type BegunFinetuning = {
  /** The encoder that is fine-tuned. */
  readonly from: Measurable;
  /** Whether the same encoder starts from random weights, to compare with. Default false. */
  readonly randomWeights?: boolean;
  readonly resume?: false;
};

/** A fine-tuning that goes on from the newest whole checkpoint in `out`, with its configuration. */
export type ResumedFinetuning = {
  readonly resume: true;
  readonly from?: undefined;
  readonly randomWeights?: undefined;
};

/** What {@linkcode finetune} did. */
export type Finetuned = Omit<Trained, "images" | "outcome"> & {
  /** Whether the run is complete, or was interrupted and saved. */
  readonly _tag: "Finished" | "Interrupted";
  /** Steps done. */
  readonly step: number;
  /** The checkpoint of its state. */
  readonly checkpoint: string;
  /** How many labelled images it was trained on. */
  readonly trained: number;
  /** The accuracy on the test images, as shares in [0, 1]; absent where it was interrupted. */
  readonly scores?: Scores;
};

/**
 * Trains an encoder further on labelled images, with a linear classifier after it, and measures its accuracy on test
 * images. Where there are no test images, every fifth image of each class is held out.
 *
 * The protocol is SimCLR's for ResNets and BEiT's for vision transformers, unless the request says otherwise; see
 * `docs/weights.md`. With the same request and `resume` it goes on from where it stopped.
 *
 * @param request The encoder, the run's folder, and fields of the configuration.
 * @returns Right what came of it; left why it could not begin or go on, which {@linkcode renderRunError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { finetune, renderRunError } from "@momentum-contrast/moco";
 *
 * const finetuned = await finetune({ from: { run: "/no/such/run" }, out: "/no/such/folder" })();
 * assertEquals(
 *   finetuned._tag === "Left" && renderRunError(finetuned.left),
 *   "Cannot read /no/such/run: no such file or folder",
 * );
 * ```
 */
export function finetune(request: FinetuneRequest): TaskEither<RunError, Finetuned> {
  const { from, randomWeights = false, out, resume = false, reporter = silent, interrupt, ...fields } = request;
  const { note } = reporter;
  const folder = resolve(out);
  return pipe(
    from === undefined
      ? pipe(configure(fields, { run: folder }), TaskEither.map((config): Beginning => ({ config })))
      : pipe(
        checkpointOf(from, ofEncoder(fields), note),
        TaskEither.flatMapEither((init) => beginningFrom(init, fields, randomWeights)),
      ),
    TaskEither.mapLeft((error): RunError => error),
    TaskEither.tap(() => mayTrainIn(folder, resume)),
    TaskEither.filterOrElse(
      ({ config }) => learnsFromLabels(config.method),
      ({ config }): RunError => withoutLabels(config),
    ),
    TaskEither.bindW("split", ({ config }) => {
      note(renderConfig(config));
      return loadImages(config, note);
    }),
    TaskEither.bindW("images", ({ config, split }) => TaskEither.fromEither(holdOut(split, sourceOf(config), note))),
    TaskEither.flatMap(({ config, init, images }) =>
      pipe(
        runTraining({ config, images, folder, resume, reporter, interrupt, init }),
        TaskEither.flatMap((trained) => TaskEither.fromTask(() => measured(trained, images))),
      )
    ),
  );
}

/** What fine-tuning begins with. */
type Beginning = { readonly config: Config; readonly init?: Checkpoint };

/** What the user says of an encoder and its images, which another program's file does not. */
function ofEncoder({ encoder, augment }: PartialConfig): PartialConfig {
  return { ...encoder === undefined ? {} : { encoder }, ...augment === undefined ? {} : { augment } };
}

function beginningFrom(init: Checkpoint, fields: PartialConfig, random: boolean): Either<BadConfig, Beginning> {
  const { path } = init;
  return pipe(
    configureStored(onImagesOf(init, fields), {}, { data: false }),
    Either.flatMap((before) => configureOver(finetuningOf(before, fields), fields)),
    Either.map(({ training: { init: _, ...training }, ...config }): Beginning =>
      random
        ? { config: { ...config, training } }
        : { config: { ...config, training: { ...training, init: path } }, init }
    ),
  );
}

/** A method that learns nothing from labels, as a fault. */
function withoutLabels({ method: { name } }: Config): BadConfig {
  const fault = {
    _tag: "Conflict",
    path: "method.name",
    expected: '"supervised", to fine-tune',
    found: `"${name}"`,
  } as const;
  return { _tag: "BadConfig", faults: [fault] };
}

/** The accuracy of what was trained, which is freed. */
async function measured({ outcome, images, ...run }: Trained, { test }: LabelledSplit): Promise<Finetuned> {
  const { _tag, state, position: { step }, checkpoint } = outcome;
  const finetuned: Finetuned = { ...run, _tag, step, checkpoint, trained: images.train.count };
  try {
    if (_tag === "Interrupted") return finetuned;
    const classify = classifierOf(run.config);
    const named = test.classes === undefined ? {} : { classes: test.classes };
    return { ...finetuned, scores: await scoreClassifier((images) => classify(state, images), test, named) };
  } finally {
    dispose(state);
  }
}
