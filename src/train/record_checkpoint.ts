import { Either, pipe, TaskEither } from "../core/either.ts";
import { saveStep } from "../checkpoint/folder.ts";
import { toJson } from "./beginning.ts";
import type { NonFinite } from "./errors.ts";
import { nonFiniteLeaf } from "./finite.ts";
import { isBest } from "./record_evaluation.ts";
import { readMetrics, unsaved } from "./record_metrics.ts";
import type { Point, Recorded, Recorder } from "./recorder.ts";
import { wholeTensors } from "./shared_rows.ts";
import type { TrainState } from "./train_step.ts";

/** Saves a state, if it and all that was measured on the way to it are finite. */
export function recordCheckpoint<S extends TrainState>(recorder: Recorder<S>, point: Point<S>): Recorded<S> {
  return pipe(
    readMetrics(recorder),
    Either.flatMap((now) => checkFinite(now, point)),
    TaskEither.fromEither,
    TaskEither.flatMap((now) => save(now, point)),
  );
}

function checkFinite<S extends TrainState>(
  recorder: Recorder<S>,
  { state, position: { step } }: Point<S>,
): Either<NonFinite, Recorder<S>> {
  const what = nonFiniteLeaf(state);
  if (what === undefined) return Either.right(recorder);
  const value = "a number that is not finite";
  return Either.left({ _tag: "NonFinite", step, what, value, lastGood: recorder.checkpoint });
}

function save<S extends TrainState>(recorder: Recorder<S>, point: Point<S>): Recorded<S> {
  const { run: { method, team, config, data, classes, open }, paths, log, metrics, evaluation, best } = recorder;
  const { state, position } = point;
  const scores = evaluation?.step === position.step ? evaluation.scores : {};
  const about = { config: toJson(config), position, metrics: { ...metrics, ...scores }, best, data, classes };
  const keep = { last: config.training.keep, best: isBest(recorder, point) };
  return pipe(
    log.sync(),
    TaskEither.flatMap(() =>
      saveStep(paths.checkpoints, wholeTensors(state, method.perImage, team), about, keep, open)
    ),
    TaskEither.bimap(
      (error) => unsaved(recorder, error),
      (checkpoint) => ({ ...recorder, checkpoint, saved: recorder.now() }),
    ),
  );
}
