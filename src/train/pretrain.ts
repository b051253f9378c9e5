/**
 * Pretraining: next batch, step, record, until the last epoch.
 *
 * @module
 */
import { checkNumbers, fromZero, wholeFromOne, wholeFromZero } from "../core/check_numbers.ts";
import { Either, type TaskEither } from "../core/either.ts";
import { consume, dispose } from "../core/scope.ts";
import type { Crops } from "../augment/types.ts";
import { listCheckpoints } from "../checkpoint/folder.ts";
import { tensorsOf } from "../checkpoint/state.ts";
import type { Tensor } from "../engine/mod.ts";
import { batchesFrom } from "./batches_from.ts";
import { begin, type Beginning, toJson } from "./beginning.ts";
import type { TrainingError } from "./errors.ts";
import { follow } from "./follow.ts";
import { stateDigest } from "./state_digest.ts";
import { advance } from "./position.ts";
import { silent } from "./progress.ts";
import { closeRecorder, openRecorder, record, waited } from "./record.ts";
import type { Recorder } from "./recorder.ts";
import { holdFolder, mayTrainIn, removePartials, type RunPaths, runPaths } from "./run_folder.ts";
import { type TrainState, trainStep } from "./train_step.ts";
import type { Outcome, Pretraining, RunOptions, TrainingOptions } from "./types.ts";

/**
 * Trains from a fresh state, or from the newest whole checkpoint of the folder, to the last epoch.
 *
 * A resumed run goes on bit for bit as it would have without the interruption, on the CPU. Every state that is saved is
 * finite, and so are all losses on the way to it. When the run fails, the folder keeps what was saved before.
 *
 * @param run What to train, on what, and where.
 * @returns Right how it ended, with the state; or left why it could not begin or go on.
 * @throws {RangeError} if a number of the training makes no sense, at once.
 * @throws What the method, the batches or the evaluation throw, from the task.
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
export function pretrain<S extends TrainState, I extends Tensor | Crops = Tensor>(
  run: Pretraining<S, I>,
): TaskEither<TrainingError, Outcome<S>> {
  checkTraining(run.config.training);
  return async () => {
    const allowed = await mayTrainIn(run.folder, run.resume ?? false)();
    if (Either.isLeft(allowed)) return allowed;
    if (run.team !== undefined && run.team.rank > 0) {
      return await together(run, () => follow(run, (beginning) => meet(run, beginning)));
    }
    const held = await holdFolder(run.folder)();
    if (Either.isLeft(held)) return held;
    try {
      return await together(run, () => inFolder(run, held.right));
    } finally {
      run.reporter?.end();
      held.right.release();
    }
  };
}

function checkTraining(
  {
    epochs,
    seed,
    checkpointEvery,
    checkpointSteps = 0,
    checkpointMinutes = 0,
    keep,
    evaluateEvery,
    evaluateSteps = 0,
    logEvery,
  }: TrainingOptions,
): void {
  checkNumbers("train", {
    epochs: [epochs, wholeFromOne],
    seed: [seed, wholeFromZero],
    checkpointEvery: [checkpointEvery, wholeFromOne],
    checkpointSteps: [checkpointSteps, wholeFromZero],
    checkpointMinutes: [checkpointMinutes, fromZero],
    keep: [keep, wholeFromOne],
    evaluateEvery: [evaluateEvery, wholeFromZero],
    evaluateSteps: [evaluateSteps, wholeFromZero],
    logEvery: [logEvery, wholeFromOne],
  });
}

/** Compares what this process begins with to what the others begin with. */
async function meet<S extends TrainState>(
  { team, config, data, evaluatedOn }: RunOptions<S>,
  { state, position: { step }, digest }: Beginning<S>,
): Promise<Either<TrainingError, void>> {
  if (team === undefined) return Either.right(undefined);
  return await team.meet({
    config: toJson(config),
    images: toJson(data ?? null),
    evaluatedOn: toJson(evaluatedOn ?? null),
    step,
    state: digest ?? stateDigest(tensorsOf(state)),
  })();
}

/** Finds out who is missing where something that all compute together fails. */
async function together<S extends TrainState>(
  { team, folder }: Pick<RunOptions<S>, "team" | "folder">,
  trains: () => Promise<Either<TrainingError, Outcome<S>>>,
): Promise<Either<TrainingError, Outcome<S>>> {
  if (team === undefined) return await trains();
  try {
    return await trains();
  } catch (thrown) {
    const missing = await team.missing(thrown);
    const saved = await listCheckpoints(runPaths(folder).checkpoints)();
    const lastGood = Either.isRight(saved) ? saved.right.at(0) ?? null : null;
    return Either.left(missing._tag === "MissingWorkers" ? { ...missing, lastGood } : missing);
  }
}

/** Trains in a folder that is held. */
async function inFolder<S extends TrainState, I extends Tensor | Crops>(
  run: Pretraining<S, I>,
  paths: RunPaths,
): Promise<Either<TrainingError, Outcome<S>>> {
  const beginning = await begin(run, paths);
  if (Either.isLeft(beginning)) return beginning;
  const met = await meet(run, beginning.right);
  if (Either.isLeft(met)) {
    dispose(beginning.right.state);
    return met;
  }
  await removePartials(paths);
  const recorder = await openRecorder(run, paths, beginning.right)();
  if (Either.isLeft(recorder)) {
    dispose(beginning.right.state);
    return recorder;
  }
  try {
    return await loop(run, beginning.right, recorder.right);
  } finally {
    closeRecorder(recorder.right);
  }
}

/** The loop. */
async function loop<S extends TrainState, I extends Tensor | Crops>(
  { method, views, batches, config: { training }, reporter = silent }: Pretraining<S, I>,
  beginning: Beginning<S>,
  opened: Recorder<S>,
): Promise<Either<TrainingError, Outcome<S>>> {
  const step = trainStep(method, views, { ...training, takesState: true });
  let { state, position } = beginning;
  let recorder = opened;
  let asked = recorder.now();
  const steps = training.epochs * batches.perEpoch;
  const announce = (more: string) => {
    if (position.step < steps) reporter.running?.(`step ${position.step + 1}/${steps}${more}`);
  };
  announce(`, the first one${training.jit ? ", which is compiled" : ""}`);
  try {
    for await (const batch of batchesFrom(batches, position, training.epochs)) {
      recorder = waited(recorder, recorder.now() - asked);
      const next = consume(batch, () => step(state, batch));
      state = next.state;
      position = advance(position, batches.perEpoch);
      const recorded = await record(recorder, { state, position }, next.metrics)();
      if (Either.isLeft(recorded)) {
        dispose(state);
        return recorded;
      }
      recorder = recorded.right;
      if (recorder.stopped) break;
      asked = recorder.now();
      announce("");
    }
  } catch (thrown) {
    dispose(state);
    throw thrown;
  }
  const { stopped, checkpoint, best, evaluation } = recorder;
  const _tag = stopped ? "Interrupted" : "Finished";
  return Either.right({ _tag, state, position, checkpoint: checkpoint!, best, evaluation: evaluation?.scores });
}
