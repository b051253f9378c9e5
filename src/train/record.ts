/**
 * What is recorded of a run: metrics, progress, evaluations and checkpoints.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { pipe, TaskEither } from "../core/either.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import type { Position } from "../checkpoint/checkpoint.ts";
import type { Metrics } from "../methods/types.ts";
import { agree } from "./agree.ts";
import { noAlarms, observe } from "./alarms.ts";
import type { Beginning } from "./beginning.ts";
import { openLogs } from "./logs.ts";
import { dueAt } from "./position.ts";
import { progressInterval, silent } from "./progress.ts";
import { rateOf } from "./rate.ts";
import { readings } from "./readings.ts";
import { recordCheckpoint } from "./record_checkpoint.ts";
import { isBest, recordEvaluation } from "./record_evaluation.ts";
import { recordMetrics, recordProgress } from "./record_metrics.ts";
import type { Point, Recorded, Recorder } from "./recorder.ts";
import type { RunPaths } from "./run_folder.ts";
import type { TrainState } from "./train_step.ts";
import type { RunOptions } from "./types.ts";

/** The recorder of a run that is about to begin: with its configuration written, and its first checkpoint. */
export function openRecorder<S extends TrainState>(
  run: RunOptions<S>,
  paths: RunPaths,
  beginning: Beginning<S>,
): Recorded<S> {
  const { position, metrics, best, checkpoint } = beginning;
  return pipe(
    writeTextAtomic(paths.config, `${JSON.stringify(run.config, null, 2)}\n`, run.open),
    TaskEither.flatMap(() => openLogs(run, paths, position.step)),
    TaskEither.flatMap((log): Recorded<S> => {
      const now = run.now ?? (() => performance.now());
      const times = { now, clock: rateOf(now), waited: 0, shown: now(), saved: now() };
      const recorder = {
        run,
        paths,
        log,
        unread: readings(),
        ...times,
        metrics,
        alarms: noAlarms,
        best,
        checkpoint,
        stopped: false,
      };
      if (checkpoint !== undefined) return TaskEither.right(recorder);
      // The first one shows at once whether checkpoints can be written at all.
      return pipe(
        recordCheckpoint(recorder, beginning),
        TaskEither.mapLeft((error) => {
          closeRecorder(recorder);
          return error;
        }),
      );
    }),
  );
}

/** Closes what a recorder holds open. */
export function closeRecorder<S extends TrainState>({ log, unread }: Recorder<S>): void {
  unread.discard();
  log.close();
}

/** Counts the milliseconds of waiting for a batch. The first one is not counted, because its source is opened. */
export function waited<S extends TrainState>(recorder: Recorder<S>, time: number): Recorder<S> {
  const { started, waited, now } = recorder;
  return started === undefined ? { ...recorder, started: now() } : { ...recorder, waited: waited + time };
}

/**
 * Records a step: metrics, progress, an evaluation and a checkpoint, each where it is due.
 *
 * @param recorder What was known before.
 * @param point The state after the step; borrowed.
 * @param measured What the step measured; the recorder frees it.
 */
export function record<S extends TrainState>(recorder: Recorder<S>, point: Point<S>, measured: Metrics): Recorded<S> {
  const { run: { batches, config: { training } }, unread, clock } = recorder;
  const { checkpointMinutes = 10 } = training;
  const since = (time: number): number => (recorder.now() - time) / 1000;
  const late = checkpointMinutes > 0 && since(recorder.saved) >= 60 * checkpointMinutes;
  const due = dueAt(point.position, training);
  unread.add(point.position.step, measured);
  clock.count(batches.size);
  return pipe(
    due.log
      ? recordMetrics(recorder, point.position)
      : since(recorder.shown) >= progressInterval
      ? recordProgress(recorder, point.position)
      : TaskEither.right(recorder),
    TaskEither.flatMap((now) => due.evaluate ? recordEvaluation(now, point) : TaskEither.right(now)),
    TaskEither.map((now) => isNews(recorder, now) ? alarmed(now, point.position) : now),
    TaskEither.flatMap((now) => TaskEither.fromTask(() => listen(now, point, due.checkpoint || late))),
    TaskEither.flatMap(({ recorder, save }) => save ? saveOnTheWay(recorder, point) : TaskEither.right(recorder)),
  );
}

/** Whether something was measured between two recorders. */
function isNews<S extends TrainState>(before: Recorder<S>, now: Recorder<S>): boolean {
  return now.metrics !== before.metrics || now.evaluation !== before.evaluation;
}

/** Says what goes wrong. */
function alarmed<S extends TrainState>(recorder: Recorder<S>, { step }: Position): Recorder<S> {
  const { run: { batches: { perEpoch }, reporter = silent }, metrics, evaluation, started, waited, now } = recorder;
  const waiting = started === undefined ? 0 : waited / Math.max(now() - started, 1);
  const knn = evaluation?.step === step ? evaluation.scores.knn : undefined;
  const { alarms, texts } = observe(recorder.alarms, {
    step,
    perEpoch,
    metrics,
    waiting,
    ...knn === undefined ? {} : { knn },
  });
  texts.forEach(reporter.note);
  return { ...recorder, alarms };
}

/** Lets the program hear its signals and timers, which a step blocks, and what is to be done. */
async function listen<S extends TrainState>(
  recorder: Recorder<S>,
  point: Point<S>,
  isDue: boolean,
): Promise<{ readonly recorder: Recorder<S>; readonly save: boolean }> {
  await new Promise<void>((resolve) => setImmediate(() => resolve()));
  const { stop, save } = agree(recorder.run, point.position, isDue || isBest(recorder, point));
  return { recorder: { ...recorder, stopped: stop }, save };
}

/** Saves a state; the clock does not count the time that it takes. */
function saveOnTheWay<S extends TrainState>(recorder: Recorder<S>, point: Point<S>): Recorded<S> {
  return pipe(
    recordCheckpoint(recorder, point),
    TaskEither.map((now) => {
      now.clock.restart();
      return now;
    }),
  );
}
