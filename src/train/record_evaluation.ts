import { Either, pipe, TaskEither } from "../core/either.ts";
import type { NonFinite } from "./errors.ts";
import { nonFiniteNumber } from "./finite.ts";
import { append } from "./record_metrics.ts";
import type { Point, Recorded, Recorder } from "./recorder.ts";
import type { TrainState } from "./train_step.ts";

/**
 * Evaluates a state, where the run says how, and compares it with the best one so far. A score that is not finite ends
 * the run before anything of it is stored.
 */
export function recordEvaluation<S extends TrainState>(
  recorder: Recorder<S>,
  { state, position }: Point<S>,
): Recorded<S> {
  const { run: { evaluate, bestBy = "knn", reporter }, best, clock } = recorder;
  if (evaluate === undefined) return TaskEither.right(recorder);
  reporter?.running?.(`evaluation after step ${position.step}`);
  return pipe(
    TaskEither.fromTask(async () => await evaluate(state)),
    TaskEither.flatMapEither((scores) => checkScores(recorder, position.step, scores)),
    TaskEither.tap((evaluation) => append(recorder, position, { evaluation })),
    TaskEither.map((scores) => {
      clock.restart();
      const evaluation = { step: position.step, scores };
      const score = scores[bestBy];
      const isBetter = score !== undefined && (best === undefined || score > best.score);
      return { ...recorder, evaluation, best: isBetter ? { score, step: position.step } : best };
    }),
  );
}

function checkScores<S extends TrainState>(
  { checkpoint }: Recorder<S>,
  step: number,
  scores: Readonly<Record<string, number>>,
): Either<NonFinite, Readonly<Record<string, number>>> {
  const unsound = nonFiniteNumber(scores);
  if (unsound === undefined) return Either.right(scores);
  return Either.left({ _tag: "NonFinite", step, ...unsound, lastGood: checkpoint });
}

/** Whether the best state so far is the one at a position. */
export function isBest<S extends TrainState>({ best }: Recorder<S>, { position }: Point<S>): boolean {
  return best?.step === position.step;
}
