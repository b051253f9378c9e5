/**
 * A training run as commands start it.
 *
 * @module
 */
import { buildMethod, buildViews, viewShape } from "../config/build.ts";
import type { Config } from "../config/types.ts";
import { readPart } from "../config/reading.ts";
import { warnings } from "../config/rules.ts";
import { hasFastBfloat16 } from "../engine/mod.ts";
import { renderTrainingError } from "../train/errors.ts";
import { listenForInterrupt } from "../train/interrupt.ts";
import { pretrain } from "../train/pretrain.ts";
import type { Outcome } from "../train/types.ts";
import { type Reporter, terminalReporter } from "../train/progress.ts";
import type { Split } from "../data/types.ts";
import type { Method, MethodState } from "../methods/types.ts";
import { batchesOf, isLabelled, loadImages } from "./datasets.ts";
import { monitor } from "./evaluation.ts";
import { orFail } from "./files.ts";

/** A run that ended, with what it was made of. */
export type Trained = {
  /** How it ended; the caller frees its state. */
  readonly outcome: Outcome<MethodState>;
  readonly method: Method<MethodState>;
  readonly split: Split;
};

/** How a run is started. */
export type TrainOptions = {
  /** Whether it goes on from the folder's newest checkpoint. */
  readonly resume?: boolean;
  /** The data, where they are there already. */
  readonly split?: Split;
};

/**
 * Trains as the configuration says, reporting on stderr; Ctrl-C ends it after the step.
 *
 * @throws {Failure} where it cannot begin or go on.
 */
export async function train(config: Config, folder: string, options: TrainOptions = {}): Promise<Trained> {
  const reporter = terminalReporter();
  const split = options.split ?? await loadImages(config);
  const images = split.train;
  for (const warning of warnings(config, images.count)) reporter.note(`Warning: ${warning}`);
  if (config.training.precision === "bfloat16" && !hasFastBfloat16()) {
    reporter.note("Warning: this processor has no bfloat16: it is emulated, much slower than --precision float32.");
  }
  const batches = batchesOf(images, config);
  const method = buildMethod(config, viewShape(config, images.channels), batches.perEpoch, images.count);
  const evaluate = scorer(config, split, reporter);
  const interrupt = listenForInterrupt(() =>
    reporter.note("Finishing this step, then saving. Once more to stop at once.")
  );
  try {
    const outcome = await orFail(
      pretrain({
        method,
        views: buildViews(config),
        batches,
        config: readPart(config),
        folder,
        resume: options.resume ?? false,
        ...(evaluate === undefined ? {} : { evaluate }),
        reporter,
        interrupted: interrupt.requested,
      }),
      renderTrainingError,
    );
    return { outcome, method, split };
  } finally {
    interrupt.close();
  }
}

/** The periodic kNN, where it is asked for and there are labels. */
function scorer(config: Config, { train, test }: Split, reporter: Reporter) {
  const { evaluateEvery, evaluateSteps } = config.training;
  if (evaluateEvery === 0 && evaluateSteps === 0) return undefined;
  if (!isLabelled(train) || !isLabelled(test)) {
    reporter.note("Note: there are no labelled training and test images, so no kNN accuracy while training.");
    return undefined;
  }
  return monitor(config, train, test);
}
