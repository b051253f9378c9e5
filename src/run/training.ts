import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Crops } from "../augment/types.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { CheckpointError } from "../checkpoint/errors.ts";
import { buildMethod, buildViews, learnsFromLabels, viewShape } from "../config/build.ts";
import { buildSchedule } from "../config/build_optimizer.ts";
import { faultsWith } from "../config/against_data.ts";
import { readStored } from "../config/config.ts";
import type { Config } from "../config/types.ts";
import { warnings } from "../config/warnings.ts";
import { printableLine } from "../core/printable.ts";
import { digestOf } from "../data/data_digest.ts";
import { lookAt } from "../data/look.ts";
import { type Batch, type Batches, isInFiles, type Split } from "../data/types.ts";
import { withLabels } from "../data/with_labels.ts";
import type { UnreadableImage } from "../data/errors.ts";
import { clusterDevices, type Devices, virtualDevices } from "../core/devices.ts";
import { reasonOf } from "../core/reason.ts";
import { dispose, scope } from "../core/scope.ts";
import { type Cluster, hasFastBfloat16, memory, type Tensor, tf } from "../engine/mod.ts";
import type { UnwritableFile } from "../files/errors.ts";
import type { Method, MethodState } from "../methods/types.ts";
import type { TrainingError } from "../train/errors.ts";
import type { Interrupt } from "../train/interrupt.ts";
import { pretrain } from "../train/pretrain.ts";
import { type Reporter, silent } from "../train/progress.ts";
import type { Outcome } from "../train/types.ts";
import type { BadConfig } from "./configure_errors.ts";
import type { NoLabels, TooFewImages, TooLarge } from "./errors.ts";
import { type Estimate, estimate, inMegabytes, isAbsurd, renderEstimate } from "./estimate.ts";
import { batchesOf, type Note } from "./images.ts";
import { remembersImages } from "./counts.ts";
import { viewSheet } from "./augment.ts";
import { beginningWith } from "./beginning_with.ts";
import { faultsAmong } from "./cluster/faults.ts";
import { teamOf } from "./cluster/team.ts";
import { monitorOf } from "./monitor.ts";
import { openCheckpoint } from "./open.ts";
import { writeProjector } from "./projector.ts";
import { type Prepared, supervised } from "./supervise.ts";
import { unusableAsLeft } from "./unusable_as_left.ts";

/** Who is told of a training's progress, and who may stop it. */
export type Watch = {
  /** Receives the progress and messages for the user. Default: none. */
  readonly reporter?: Reporter;
  /** Called just before the first step, to start listening for requests to stop. Default: there are none. */
  readonly interrupt?: () => Interrupt;
};

/** A training whose configuration and images are loaded. */
export type Training = Watch & {
  readonly config: Config;
  readonly images: Split;
  /** The run's folder. */
  readonly folder: string;
  /** Whether it continues from the folder's newest checkpoint. Default false. */
  readonly resume?: boolean;
  /** Whether files for TensorBoard are written. Default false. */
  readonly tensorboard?: boolean;
  /** The checkpoint whose encoder a fresh run begins with. Default: the one that `training.init` names, if it does. */
  readonly init?: Checkpoint;
  /** The processes that train together, each with a part of every batch. Default: this one trains alone. */
  readonly cluster?: Cluster;
};

/** A run that ended, with what it was made of. */
export type Trained = {
  readonly config: Config;
  /** The images that it was trained on, and those that were held out. */
  readonly images: Split;
  /** The run's folder, absolute. */
  readonly folder: string;
  /** The method that trained it. */
  readonly method: Method<MethodState>;
  /** The processes that trained together. Absent if this one trained alone. */
  readonly cluster?: Cluster;
  /** How it ended. The caller frees its state. */
  readonly outcome: Outcome<MethodState>;
};

/** Why a training did not finish. */
export type Untrained = BadConfig | NoLabels | TooLarge | TooFewImages | UnreadableImage | TrainingError;

/** Trains on images that are there. */
export function runTraining(training: Training): TaskEither<Untrained, Trained> {
  const { resume = false, cluster } = training;
  const { rank = 0, size = 1 } = cluster ?? {};
  const reporter = rank === 0 ? training.reporter ?? silent : silent;
  const devices = cluster === undefined ? virtualDevices() : clusterDevices(cluster);
  const unfit = faultsAmong(training.config, size);
  if (unfit.length > 0) return TaskEither.left({ _tag: "BadConfig", faults: unfit });
  return pipe(
    TaskEither.fromEither(supervised(training, size, reporter.note)),
    TaskEither.bindW(
      "init",
      ({ config }) => resume ? TaskEither.right(undefined) : initOf(training.init, config, reporter.note),
    ),
    TaskEither.bindW(
      "batches",
      ({ config, images }) => TaskEither.fromEither(batchesOf(images.train, config, reporter.note, devices)),
    ),
    TaskEither.flatMap((ready) =>
      closing(
        ready.batches,
        pipe(
          TaskEither.right(ready),
          TaskEither.tapIO((ready) => () => say(ready, rank, reporter.note)),
          TaskEither.bindW("method", (ready) => TaskEither.fromEither(methodFor(ready, cluster, reporter.note))),
          TaskEither.flatMap((ready) => trained(training, ready, devices, reporter)),
        ),
      )
    ),
  );
}

/** Does something with batches and closes them afterwards, however it ends. */
function closing<E, A>({ close }: Ready["batches"], done: TaskEither<E, A>): TaskEither<E, A> {
  return () => done().finally(() => close?.());
}

/** What a training needs before its method is made. */
type Ready = Prepared & {
  readonly batches: Batches<Generator<Batch<Tensor | Crops>>>;
  /** The checkpoint whose encoder it begins with. */
  readonly init: Checkpoint | undefined;
};

/** Says what a user should know of the images and the configuration. */
function say({ config, images: { train } }: Ready, rank: number, note: Note): void {
  if (isInFiles(train) && rank === 0) lookAt(train).forEach((line) => note(printableLine(line)));
  for (const warning of warnings(config, train.count)) note(`Warning: ${warning}`);
  if (config.training.precision === "bfloat16" && !hasFastBfloat16()) {
    note("This processor multiplies no faster in bfloat16 than in float32: the step stays in float32.");
  }
}

/** The method, if it suits the images, fits into the memory, and can begin with the encoder that is given. */
function methodFor(
  { config, images: { train }, batches: { perEpoch }, init }: Ready,
  cluster: Cluster | undefined,
  note: Note,
): Either<BadConfig | TooLarge | CheckpointError, Method<MethodState>> {
  const faults = faultsWith(config, { channels: train.channels, stepsPerEpoch: perEpoch });
  if (faults.length > 0) return Either.left({ _tag: "BadConfig", faults });
  const view = viewShape(config, train.channels);
  const fresh = buildMethod(config, view, perEpoch, train.count, devicesOf(cluster));
  const own = { ...config, training: { ...config.training, batch: config.training.batch / (cluster?.size ?? 1) } };
  return pipe(
    fitsMemory(estimate(own, fresh, view), note),
    Either.flatMap((): Either<BadConfig | TooLarge | CheckpointError, Method<MethodState>> =>
      init === undefined ? Either.right(fresh) : beginningWith(fresh, init, note)
    ),
  );
}

/** Trains a method, and writes what TensorBoard's projector reads if it is asked for. */
function trained(
  { folder, resume = false, interrupt = neverAsked, cluster, tensorboard = false }: Training,
  { config, images, batches, method }: Ready & { readonly method: Method<MethodState> },
  devices: Devices,
  reporter: Reporter,
): TaskEither<UnreadableImage | TrainingError, Trained> {
  return async () => {
    const { train, test } = images;
    const { batch, seed } = config.training;
    const fromLabels = learnsFromLabels(config.method);
    const writesTensorboard = tensorboard && (cluster?.rank ?? 0) === 0;
    const evaluate = monitorOf(config, images, devices, reporter.note);
    const team = cluster && teamOf(cluster, `every batch of ${batch}, seed ${seed}`, reporter.note);
    const { requested, close } = interrupt();
    try {
      const pretraining = pretrain({
        method,
        views: buildViews(config, devices),
        batches: fromLabels ? withLabels(batches, train.labels ?? []) : batches,
        data: digestOf(train),
        ...fromLabels && train.classes !== undefined ? { classes: train.classes } : {},
        remembersImages: remembersImages(config),
        config,
        readConfig: readStored,
        folder,
        resume,
        ...evaluate === undefined ? {} : { evaluate },
        ...team === undefined || evaluate === undefined || test === undefined ? {} : { evaluatedOn: digestOf(test) },
        learningRate: learningRateOf(config, batches.perEpoch),
        ...writesTensorboard ? { tensorboard: sheetOf(train, config) } : {},
        bestBy: fromLabels ? "top1" : "knn",
        reporter,
        interrupted: requested,
        ...team === undefined ? {} : { team },
      });
      const ended = Either.map((outcome: Outcome<MethodState>): Trained => ({
        ...{ config, images, folder, method, outcome },
        ...cluster === undefined ? {} : { cluster },
      }))(await unusableAsLeft(pretraining)());
      return writesTensorboard ? await withProjector(ended) : ended;
    } finally {
      close();
    }
  };
}

/** A picture of views; none where no image can be used, which the training itself says. */
function sheetOf(train: Split["train"], config: Config): { readonly sheet?: Uint8Array } {
  const made = Either.tryCatch(() => viewSheet(train, config, { images: 8 }), reasonOf);
  return Either.isRight(made) ? { sheet: made.right } : {};
}

/** A run that ended, with what TensorBoard's projector reads if it is finished. */
async function withProjector<E>(ended: Either<E, Trained>): Promise<Either<E | UnwritableFile, Trained>> {
  if (Either.isLeft(ended) || ended.right.outcome._tag === "Interrupted") return ended;
  const written = await writeProjector({ ...ended.right, state: ended.right.outcome.state })();
  if (Either.isRight(written)) return ended;
  dispose(ended.right.outcome.state); // which the caller does not get
  return written;
}

/** The learning rate of a configuration as numbers. */
function learningRateOf(config: Config, stepsPerEpoch: number): (step: number) => number {
  const schedule = buildSchedule(config, stepsPerEpoch);
  return (step) => scope(() => schedule(tf.scalar(step, "int32")).dataSync<"float32">()[0]);
}

/** The devices of a cluster: each normalises its share of the groups by themselves, or all a single group together. */
function devicesOf(cluster: Cluster | undefined) {
  return cluster &&
    ((groups: number) => clusterDevices(cluster, groups === 1 ? "all" : groups / cluster.size));
}

/** The checkpoint whose encoder a fresh run begins with, if there is one. */
function initOf(
  given: Checkpoint | undefined,
  { training: { init } }: Config,
  note: Note,
): TaskEither<CheckpointError, Checkpoint | undefined> {
  return given !== undefined || init === undefined ? TaskEither.right(given) : openCheckpoint(init, note);
}

/** Says what a training will need; left if this machine will never have it. */
function fitsMemory(needed: Estimate, note: Note): Either<TooLarge, void> {
  note(renderEstimate(needed));
  const there = memory();
  if (there === undefined) return Either.right(undefined);
  if (isAbsurd(needed, there)) return Either.left({ _tag: "TooLarge", needed, memory: there });
  const { state, contrast, activations } = needed;
  if (state + contrast + activations > there.free) {
    note(
      `Warning: that is more than the ${inMegabytes(there.free)} of memory that are free. ` +
        "Lower --batch or --size, or choose a smaller encoder.",
    );
  }
  return Either.right(undefined);
}

/** What stands for requests to stop where there are none. */
export function neverAsked(): Interrupt {
  return { requested: () => false, close: () => {} };
}
