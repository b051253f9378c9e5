import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { buildMethod, buildViews, viewShape } from "../config/build.ts";
import { readStored } from "../config/config.ts";
import type { Config } from "../config/types.ts";
import { warnings } from "../config/warnings.ts";
import type { Split } from "../data/types.ts";
import type { UnreadableImage } from "../data/errors.ts";
import { UnusableImage } from "../data/unusable.ts";
import { hasFastBfloat16 } from "../engine/mod.ts";
import type { Method, MethodState } from "../methods/types.ts";
import type { TrainingError } from "../train/errors.ts";
import type { Interrupt } from "../train/interrupt.ts";
import { pretrain } from "../train/pretrain.ts";
import { type Reporter, silent } from "../train/progress.ts";
import type { Outcome } from "../train/types.ts";
import type { TooFewImages } from "./errors.ts";
import { batchesOf } from "./images.ts";
import { beginningWith } from "./beginning_with.ts";
import { monitorOf } from "./monitor.ts";

/** Whom a training tells how far it is, and who may stop it. */
export type Watch = {
  /** Is told the progress, and what a user should know. Default: nobody is. */
  readonly reporter?: Reporter;
  /** Begins to listen for the wish to stop, when the first step is about to be taken. Default: nobody wishes. */
  readonly interrupt?: () => Interrupt;
};

/** A training whose configuration and images are there. */
export type Training = Watch & {
  readonly config: Config;
  readonly images: Split;
  /** The run's folder. */
  readonly folder: string;
  /** Whether it goes on from the folder's newest checkpoint. Default false. */
  readonly resume?: boolean;
  /** The checkpoint whose encoder a fresh run begins with. Default: random weights. */
  readonly init?: Checkpoint;
};

/** A run that ended, with what it was made of. */
export type Trained = {
  readonly config: Config;
  readonly images: Split;
  /** The run's folder, absolute. */
  readonly folder: string;
  readonly method: Method<MethodState>;
  /** How it ended. Whoever takes it frees its state. */
  readonly outcome: Outcome<MethodState>;
};

/** Trains on images that are there. */
export function runTraining(training: Training): TaskEither<TooFewImages | UnreadableImage | TrainingError, Trained> {
  const { config, images, folder, resume = false, init, reporter = silent, interrupt = neverAsked } = training;
  const { train } = images;
  return pipe(
    TaskEither.fromEither(batchesOf(train, config, reporter.note)),
    TaskEither.flatMap((batches): TaskEither<UnreadableImage | TrainingError, Trained> => async () => {
      for (const warning of warnings(config, train.count)) reporter.note(`Warning: ${warning}`);
      if (config.training.precision === "bfloat16" && !hasFastBfloat16()) {
        reporter.note("Warning: this processor has no bfloat16: it is emulated, much slower than --precision float32.");
      }
      const fresh = buildMethod(config, viewShape(config, train.channels), batches.perEpoch, train.count);
      const begun = init === undefined ? Either.right(fresh) : beginningWith(fresh, init, reporter.note);
      if (Either.isLeft(begun)) return begun;
      const method = begun.right;
      const evaluate = monitorOf(config, images, reporter.note);
      const { requested, close } = interrupt();
      try {
        const ended = await pretrain({
          method,
          views: buildViews(config),
          batches,
          config,
          readConfig: readStored,
          folder,
          resume,
          ...(evaluate === undefined ? {} : { evaluate }),
          reporter,
          interrupted: requested,
        })();
        return pipe(ended, Either.map((outcome): Trained => ({ config, images, folder, method, outcome })));
      } catch (thrown) {
        if (thrown instanceof UnusableImage) return Either.left({ _tag: "UnreadableImage", ...thrown.image });
        throw thrown;
      } finally {
        batches.close?.();
        close();
      }
    }),
  );
}

function neverAsked(): Interrupt {
  return { requested: () => false, close: () => {} };
}
