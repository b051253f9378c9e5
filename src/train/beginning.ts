/**
 * What a run starts from: a fresh state, or the newest whole checkpoint.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { printableLine } from "../core/printable.ts";
import { dispose } from "../core/scope.ts";
import type { Best, Checkpoint, Position } from "../checkpoint/checkpoint.ts";
import type { Json } from "../files/json.ts";
import { dataDifference } from "../data/data_digest.ts";
import { type Difference, type DifferentState, renderCheckpointError } from "../checkpoint/errors.ts";
import { bestFile, listCheckpoints, loadLatest, stepOf } from "../checkpoint/folder.ts";
import { restore } from "../checkpoint/state.ts";
import { linkAtomic } from "../files/atomic.ts";
import { configDifferences } from "./config_differences.ts";
import type { DifferentData, TrainingError } from "./errors.ts";
import { freshState } from "./fresh_state.ts";
import { start } from "./position.ts";
import { whyNotOtherImages } from "./other_images.ts";
import type { RunPaths } from "./run_folder.ts";
import { partOfTensors } from "./shared_rows.ts";
import { stateDigest } from "./state_digest.ts";
import type { TrainState } from "./train_step.ts";
import type { RunOptions } from "./types.ts";

/** What the loop starts from. */
export type Beginning<S> = {
  /** Whoever takes it frees it. */
  readonly state: S;
  readonly position: Position;
  readonly metrics: Readonly<Record<string, number>>;
  readonly best?: Best;
  /** The checkpoint of this state, where it came from one. */
  readonly checkpoint?: string;
  /** The digest of the tensors of that checkpoint, where several processes begin with it. */
  readonly digest?: string;
};

/** Fields of a configuration in which a resumed run may differ: they change when things are done, or at what cost. */
const free = [
  ...["data.path", "data.testPath", "data.labels", "data.onUnreadable"],
  "encoder.recompute",
  ...["training.init", "training.epochs", "training.keep", "training.precision", "training.jit"],
  ...["training.checkpointEvery", "training.checkpointSteps", "training.checkpointMinutes"],
  ...["training.evaluateEvery", "training.evaluateSteps", "training.logEvery"],
];

/** Those of them that change the numbers that come out, and are worth a word. */
const notable = ["encoder.recompute", "training.epochs", "training.precision", "training.jit"];

/**
 * Whether a run that has taken so many steps may differ in a field. Before its first step it may differ in every field
 * that the state does not depend on.
 */
function isFree({ path }: Difference, step: number): boolean {
  return free.includes(path) || step === 0 && path !== "training.seed";
}

/** The beginning of a run, fresh or resumed as it asks. */
export function begin<S extends TrainState>(
  run: RunOptions<S>,
  folder: RunPaths,
): Promise<Either<TrainingError, Beginning<S>>> {
  return run.resume ? resumed(run, folder) : fresh(run, folder);
}

async function fresh<S extends TrainState>(
  { method, config }: RunOptions<S>,
  { folder, checkpoints }: RunPaths,
): Promise<Either<TrainingError, Beginning<S>>> {
  const listed = await listCheckpoints(checkpoints)();
  if (Either.isLeft(listed)) return listed;
  // A run that has not come further than its first state has nothing to lose.
  const checkpoint = listed.right.find((path) => stepOf(path)! > 0);
  if (checkpoint !== undefined) return Either.left({ _tag: "RunExists", folder, checkpoint });
  return Either.right({ state: freshState(method, config.training.seed), position: start, metrics: {} });
}

async function resumed<S extends TrainState>(
  run: RunOptions<S>,
  { checkpoints }: RunPaths,
): Promise<Either<TrainingError, Beginning<S>>> {
  const latest = await loadLatest(checkpoints, { mustBeChecked: true })();
  if (Either.isLeft(latest)) return latest;
  const { checkpoint, damaged } = latest.right;
  for (const error of damaged) run.reporter?.note(`Warning: ${renderCheckpointError(error)}. Passing over it.`);
  const state = fromCheckpoint(run, checkpoint);
  if (Either.isLeft(state)) return state;
  const { path, position, metrics, best } = checkpoint;
  // A program that was killed between the two names of a best checkpoint left the second one undone.
  if (best?.step === position.step && (run.team?.rank ?? 0) === 0) {
    const linked = await linkAtomic(path, bestFile(checkpoints))();
    if (Either.isLeft(linked)) {
      dispose(state.right);
      return linked;
    }
  }
  run.reporter?.note(printableLine(`Resuming at step ${position.step} from ${path}`));
  const beginning = { state: state.right, position, metrics, best, checkpoint: path };
  if (run.team === undefined) return Either.right(beginning);
  const digest = stateDigest(checkpoint.tensors.map(({ name, data }) => ({ name, read: () => data })));
  return Either.right({ ...beginning, digest });
}

/** The state of a checkpoint, if it is of this run's configuration, images and shape; all differences otherwise. */
function fromCheckpoint<S extends TrainState>(
  run: RunOptions<S>,
  checkpoint: Checkpoint,
): Either<DifferentState | DifferentData, S> {
  const { path, position } = checkpoint;
  const { perEpoch } = run.batches;
  const { readConfig = (stored) => stored } = run;
  const differences = configDifferences(toJson(run.config), toJson(readConfig(checkpoint.config)));
  const fixed = differences.filter((difference) => !isFree(difference, position.step));
  const found = dataDifference(checkpoint.data, run.data);
  const reason = found === undefined ? undefined : whyNotOtherImages(run, position);
  if (fixed.length === 0 && found !== undefined && reason !== undefined) {
    return Either.left({ _tag: "DifferentData", path, found, reason });
  }
  const template = freshState(run.method, run.config.training.seed);
  const { rank: index, size: count } = run.team ?? { rank: 0, size: 1 };
  const tensors = partOfTensors(checkpoint.tensors, run.method.perImage, { index, count });
  const state = restore(template, { path, tensors });
  dispose(template);
  if (fixed.length > 0 || Either.isLeft(state)) {
    if (Either.isRight(state)) dispose(state.right);
    const others = Either.isLeft(state) ? state.left.differences : [];
    const advice =
      "A run goes on with the settings that it began with. To change them, begin a new run with the encoder " +
      `of this one: --init ${path}, or finetune --checkpoint ${path}`;
    const differences = [...fixed, ...others];
    return Either.left({ _tag: "DifferentState", path, differences, ...fixed.length > 0 ? { advice } : {} });
  }
  if (position.batch >= perEpoch || position.step !== position.epoch * perEpoch + position.batch) {
    dispose(state.right);
    const expected = `a position in epochs of ${perEpoch} batches`;
    const found = `step ${position.step} at batch ${position.batch} of epoch ${position.epoch}`;
    return Either.left({ _tag: "DifferentState", path, differences: [{ path: "the data", expected, found }] });
  }
  for (
    const { path, expected, found } of differences.filter(({ path }) => notable.includes(path) || !free.includes(path))
  ) {
    run.reporter?.note(`Note: the run began with ${path} ${found} and goes on with ${expected}`);
  }
  if (found !== undefined) run.reporter?.note(`Note: the run goes on with other images: ${found}`);
  return state;
}

/** A configuration as its file says it. */
export function toJson(config: unknown): Json {
  return JSON.parse(JSON.stringify(config));
}
