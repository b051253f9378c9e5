/**
 * Metrics: read, written to the file of metrics, and shown as progress.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { Position } from "../checkpoint/checkpoint.ts";
import type { UnwritableFile } from "../files/errors.ts";
import type { NonFinite, Unsaved } from "./errors.ts";
import type { MetricsRecord } from "./metrics_log.ts";
import { renderProgress, silent } from "./progress.ts";
import type { Recorded, Recorder } from "./recorder.ts";
import type { TrainState } from "./train_step.ts";

/** Writes a line of metrics, and shows the progress. */
export function recordMetrics<S extends TrainState>(recorder: Recorder<S>, position: Position): Recorded<S> {
  return pipe(
    readMetrics(recorder),
    TaskEither.fromEither,
    TaskEither.map((now) => ({ now, imagesPerSecond: now.clock.rate() })),
    TaskEither.tap(({ now, imagesPerSecond }) =>
      append(now, position, { metrics: withRate(now, position), imagesPerSecond })
    ),
    TaskEither.map(({ now, imagesPerSecond }) => shown(now, position, imagesPerSecond)),
  );
}

/** The metrics of the last step, with the learning rate that it was taken with. */
function withRate<S extends TrainState>({ run: { learningRate }, metrics }: Recorder<S>, { step }: Position) {
  return learningRate === undefined ? metrics : { ...metrics, learningRate: learningRate(step - 1) };
}

/** Shows the progress between two lines of metrics, so that slow steps are shown too. */
export function recordProgress<S extends TrainState>(recorder: Recorder<S>, position: Position): Recorded<S> {
  return pipe(
    readMetrics(recorder),
    TaskEither.fromEither,
    TaskEither.map((now) => shown(now, position, now.clock.current())),
  );
}

/** Reads what was measured; left the first number that is not finite. */
export function readMetrics<S extends TrainState>(recorder: Recorder<S>): Either<NonFinite, Recorder<S>> {
  return pipe(
    recorder.unread.read(),
    Either.bimap(
      (found): NonFinite => ({ _tag: "NonFinite", ...found, lastGood: recorder.checkpoint }),
      (metrics): Recorder<S> => ({ ...recorder, metrics: metrics ?? recorder.metrics }),
    ),
  );
}

/** Adds a line to the file of metrics. */
export function append<S extends TrainState>(
  recorder: Recorder<S>,
  { step }: Position,
  more: Partial<MetricsRecord>,
): TaskEither<Unsaved, void> {
  const { log, run: { batches } } = recorder;
  return pipe(
    log.append({ step, epoch: step / batches.perEpoch, ...more }),
    TaskEither.mapLeft((error) => unsaved(recorder, error)),
  );
}

/** A file that could not be written, with the newest checkpoint that is whole. */
export function unsaved<S extends TrainState>({ checkpoint }: Recorder<S>, error: UnwritableFile): Unsaved {
  return { ...error, _tag: "Unsaved", lastGood: checkpoint };
}

function shown<S extends TrainState>(
  recorder: Recorder<S>,
  { step }: Position,
  imagesPerSecond: number | undefined,
): Recorder<S> {
  const { run, metrics, evaluation: { scores: evaluation = {} } = {} } = recorder;
  const { batches: { perEpoch, size }, config: { training: { epochs } }, reporter = silent } = run;
  const steps = epochs * perEpoch;
  const epoch = Math.ceil(step / perEpoch);
  const imagesLeft = (steps - step) * size;
  reporter.progress(renderProgress({ epoch, epochs, step, steps, imagesPerSecond, imagesLeft, metrics, evaluation }));
  return { ...recorder, shown: recorder.now() };
}
