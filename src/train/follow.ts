/**
 * A training as all but the first of several processes take part in it: they take every step, compute their part of
 * each evaluation, and write nothing.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { consume, dispose } from "../core/scope.ts";
import type { Crops } from "../augment/types.ts";
import { stepFile } from "../checkpoint/folder.ts";
import type { Tensor } from "../engine/mod.ts";
import { batchesFrom } from "./batches_from.ts";
import { agree } from "./agree.ts";
import { begin, type Beginning } from "./beginning.ts";
import type { TrainingError } from "./errors.ts";
import { advance, dueAt } from "./position.ts";
import { runPaths } from "./run_folder.ts";
import { wholeTensors } from "./shared_rows.ts";
import { type TrainState, trainStep } from "./train_step.ts";
import type { Outcome, Pretraining } from "./types.ts";

/** Trains to the last epoch, or until a process is asked to stop. */
export async function follow<S extends TrainState, I extends Tensor | Crops>(
  run: Pretraining<S, I>,
  meet: (beginning: Beginning<S>) => Promise<Either<TrainingError, void>>,
): Promise<Either<TrainingError, Outcome<S>>> {
  const { method, views, batches, config: { training }, evaluate, team } = run;
  const paths = runPaths(run.folder);
  const beginning = await begin(run, paths);
  if (Either.isLeft(beginning)) return beginning;
  let { state, position } = beginning.right;
  const met = await meet(beginning.right);
  if (Either.isLeft(met)) {
    dispose(state);
    return met;
  }
  const takePart = () => wholeTensors(state, method.perImage, team); // in what the first process saves
  if (beginning.right.checkpoint === undefined) takePart();
  const step = trainStep(method, views, { ...training, takesState: true });
  let stopped = false;
  try {
    for await (const batch of batchesFrom(batches, position, training.epochs)) {
      const next = consume(batch, () => step(state, batch));
      dispose(next.metrics);
      state = next.state;
      position = advance(position, batches.perEpoch);
      if (dueAt(position, training).evaluate) await evaluate?.(state);
      await new Promise<void>((resolve) => setTimeout(resolve)); // signals are heard only while the program waits
      const asked = agree(run, position, false);
      if (asked.save) takePart();
      stopped = asked.stop;
      if (stopped) break;
    }
  } catch (thrown) {
    dispose(state);
    throw thrown;
  }
  const checkpoint = stepFile(paths.checkpoints, position.step); // the first process writes it
  return Either.right({ _tag: stopped ? "Interrupted" : "Finished", state, position, checkpoint });
}
