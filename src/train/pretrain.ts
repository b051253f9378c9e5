/**
 * Pretraining: a fold of a step over batches, with its effects around it (metrics, evaluation, checkpoints).
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { Either, type TaskEither } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { saveStep } from "../checkpoint/folder.ts";
import { tensorsOf } from "../checkpoint/state.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import { begin, type Beginning, toJson } from "./beginning.ts";
import type { TrainingError } from "./errors.ts";
import { nonFiniteLeaf } from "./finite.ts";
import { type MetricsLog, type MetricsRecord, openMetricsLog } from "./metrics_log.ts";
import { advance, dueAt } from "./position.ts";
import { renderProgress, silent } from "./progress.ts";
import { rateOf } from "./rate.ts";
import { readings } from "./readings.ts";
import { holdFolder, type RunPaths } from "./run_folder.ts";
import { prepareStep, type TrainState } from "./train_step.ts";
import type { Outcome, Pretraining } from "./types.ts";

export type { Outcome, Pretraining, TrainingOptions } from "./types.ts";

/**
 * Trains from a fresh state, or from the newest whole checkpoint of the folder, to the last epoch.
 *
 * A resumed run goes on bit for bit as it would have without the interruption, on the CPU. Every state that is saved is
 * finite, and so are all losses behind it. When the run fails, the folder keeps what was saved before.
 *
 * @param run What to train, on what, and where.
 * @returns Right how it ended, with the state; or left why it could not begin or go on.
 * @throws What the method, the batches or the evaluation throw.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Key, type Method, pretrain, type Tensor, tf } from "@momentum-contrast/moco";
 *
 * const method: Method<{ readonly random: Key; readonly sum: Tensor }> = {
 *   init: (random) => ({ random, sum: tf.scalar(0) }),
 *   step: ({ random, sum }, { query }) => ({
 *     state: { random: tf.clone(random), sum: tf.add(sum, tf.sum(query)) },
 *     metrics: { loss: tf.scalar(0) },
 *   }),
 *   features: (_, images) => images,
 * };
 * const ended = await pretrain({
 *   method,
 *   views: (_, images) => ({ query: images, key: images }),
 *   batches: {
 *     size: 2,
 *     perEpoch: 1,
 *     epoch: () => [{ images: tf.tensor1d([1, 2]), index: tf.tensor1d([0, 1], "int32") }],
 *   },
 *   config: {
 *     training: {
 *       ...{ epochs: 3, seed: 0, precision: "float32", jit: true },
 *       ...{ checkpointEvery: 1, keep: 1, evaluateEvery: 0, logEvery: 1 },
 *     },
 *   },
 *   folder: await Deno.makeTempDir(),
 * })();
 * assertEquals(ended._tag === "Right" && ended.right.state.sum.dataSync()[0], 9);
 * ```
 */
export function pretrain<S extends TrainState>(run: Pretraining<S>): TaskEither<TrainingError, Outcome<S>> {
  return async () => {
    const held = await holdFolder(run.folder)();
    if (Either.isLeft(held)) return held;
    try {
      return await inFolder(run, held.right);
    } finally {
      run.reporter?.end();
      held.right.release();
    }
  };
}

async function inFolder<S extends TrainState>(
  run: Pretraining<S>,
  folder: RunPaths,
): Promise<Either<TrainingError, Outcome<S>>> {
  const beginning = await begin(run, folder);
  if (Either.isLeft(beginning)) return beginning;
  const { state, position } = beginning.right;
  const config = `${JSON.stringify(run.config, null, 2)}\n`;
  const written = await writeTextAtomic(folder.config, config, run.open)();
  const log = Either.isLeft(written) ? written : await openMetricsLog(folder.metrics, position.step, run.open)();
  if (Either.isLeft(log)) {
    dispose(state);
    return log;
  }
  try {
    return await fold(run, folder, log.right, beginning.right);
  } finally {
    log.right.close();
  }
}

async function fold<S extends TrainState>(
  run: Pretraining<S>,
  folder: RunPaths,
  log: MetricsLog,
  beginning: Beginning<S>,
): Promise<Either<TrainingError, Outcome<S>>> {
  const { batches, config: { training }, reporter = silent, bestBy = "knn" } = run;
  const { epochs } = training;
  const steps = epochs * batches.perEpoch;
  const step = prepareStep(run.method, run.views, training);
  const clock = rateOf(run.now ?? (() => performance.now()));
  const unread = readings();
  let { state, position, metrics, best, checkpoint } = beginning;
  let evaluation: Outcome<S>["evaluation"];

  /** Reads what was measured; says what is wrong with it. */
  const read = (): TrainingError | undefined => {
    const found = unread.read();
    if (Either.isLeft(found)) return { _tag: "NonFinite", ...found.left, lastGood: checkpoint };
    metrics = found.right ?? metrics;
  };
  const append = async (more: Partial<MetricsRecord>): Promise<TrainingError | undefined> => {
    const record = { step: position.step, epoch: position.step / batches.perEpoch, ...more };
    const appended = await log.append(record)();
    if (Either.isLeft(appended)) return appended.left;
  };
  /** Saves the state, if it and all that was measured on the way to it are finite. */
  const save = async (isBest: boolean): Promise<TrainingError | undefined> => {
    const unsound = read();
    if (unsound !== undefined) return unsound;
    const what = nonFiniteLeaf(state);
    const value = "a number that is not finite";
    if (what !== undefined) return { _tag: "NonFinite", step: position.step, what, value, lastGood: checkpoint };
    const synced = await log.sync()();
    if (Either.isLeft(synced)) return synced.left;
    const about = { config: toJson(run.config), position, metrics: { ...metrics, ...evaluation }, best };
    const keep = { last: training.keep, best: isBest };
    const saved = await saveStep(folder.checkpoints, tensorsOf(state), about, keep, run.open)();
    if (Either.isLeft(saved)) return saved.left;
    checkpoint = saved.right;
  };
  /** All that comes after a step; says what ends the run, if anything does. */
  const follow = async (): Promise<TrainingError | "interrupted" | undefined> => {
    const due = dueAt(position, { checkpointSteps: 0, evaluateSteps: 0, ...training });
    if (due.log) {
      const failed = read();
      if (failed !== undefined) return failed;
      const imagesPerSecond = clock.rate();
      const unwritten = await append({ metrics, imagesPerSecond });
      if (unwritten !== undefined) return unwritten;
      const imagesLeft = (steps - position.step) * batches.size;
      const epoch = Math.ceil(position.step / batches.perEpoch);
      const shown = { epoch, epochs, step: position.step, steps, imagesPerSecond, imagesLeft, metrics, evaluation };
      reporter.progress(renderProgress(shown));
    }
    let isBest = false;
    if (due.evaluate && run.evaluate !== undefined) {
      evaluation = await run.evaluate(state);
      const unwritten = await append({ evaluation });
      if (unwritten !== undefined) return unwritten;
      const score = evaluation[bestBy];
      isBest = score !== undefined && (best === undefined || score > best.score);
      if (isBest) best = { score, step: position.step };
      clock.restart();
    }
    await turn();
    const interrupted = position.step < steps && (run.interrupted?.() ?? false);
    if (due.checkpoint || isBest || interrupted) {
      const failed = await save(isBest);
      if (failed !== undefined) return failed;
      clock.restart();
    }
    return interrupted ? "interrupted" : undefined;
  };
  const fail = (error: TrainingError): Either<TrainingError, never> => {
    unread.discard();
    dispose(state);
    return Either.left(error._tag === "UnwritableFile" ? { ...error, lastGood: checkpoint } : error);
  };
  const end = (_tag: Outcome<S>["_tag"]): Either<never, Outcome<S>> =>
    Either.right({ _tag, state, position, checkpoint: checkpoint!, best, evaluation });

  if (checkpoint === undefined) { // the first one shows at once whether checkpoints can be written at all
    const failed = await save(false);
    if (failed !== undefined) return fail(failed);
  }
  while (position.epoch < epochs) {
    const { epoch } = position;
    for await (const batch of batches.epoch(epoch, position.batch)) {
      const next = step(state, batch);
      dispose(batch);
      state = next.state;
      position = advance(position, batches.perEpoch);
      unread.add(position.step, next.metrics);
      clock.count(batches.size);
      const ended = await follow();
      if (ended === "interrupted") return end("Interrupted");
      if (ended !== undefined) return fail(ended);
    }
    if (position.epoch === epoch) {
      const { perEpoch } = batches;
      throw new RangeError(`Cannot train: expected ${perEpoch} batches in epoch ${epoch}, found ${position.batch}`);
    }
  }
  return end("Finished");
}

/** Lets the program hear its signals and timers: a step blocks it. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => resolve());
  });
}
