import { pipe, TaskEither } from "../core/either.ts";
import { append } from "./record_metrics.ts";
import type { Point, Recorded, Recorder } from "./recorder.ts";
import type { TrainState } from "./train_step.ts";

/** Evaluates a state, where the run says how, and compares it with the best one so far. */
export function recordEvaluation<S extends TrainState>(
  recorder: Recorder<S>,
  { state, position }: Point<S>,
): Recorded<S> {
  const { run: { evaluate, bestBy = "knn", reporter }, best, clock } = recorder;
  if (evaluate === undefined) return TaskEither.right(recorder);
  reporter?.running?.(`evaluation after step ${position.step}`);
  return pipe(
    TaskEither.fromTask(async () => await evaluate(state)),
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

/** Whether the best state so far is the one at a position. */
export function isBest<S extends TrainState>({ best }: Recorder<S>, { position }: Point<S>): boolean {
  return best?.step === position.step;
}
