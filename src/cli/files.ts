/**
 * Tensor files and checkpoints, as commands open them.
 *
 * @module
 */
import { Either } from "../dependencies/fp_ts.ts";
import type { TaskEither } from "../core/either.ts";
import { type Checkpoint, loadCheckpoint } from "../checkpoint/checkpoint.ts";
import { type CheckpointError, renderCheckpointError } from "../checkpoint/errors.ts";
import { loadLatest } from "../checkpoint/folder.ts";
import type { StoredTensor, TensorFile } from "../files/safetensors.ts";
import { readTensorFile } from "../files/tensor_file.ts";
import { Failure } from "./failure.ts";

/** The value of a task, or a failure with the rendered error. */
export async function orFail<E, A>(task: TaskEither<E, A>, render: (error: E) => string): Promise<A> {
  const result = await task();
  if (Either.isLeft(result)) throw new Failure(render(result.left), 1, result.left);
  return result.right;
}

/** The same for what checkpoints and tensor files can meet. */
export function orCheckpointFailure<E extends CheckpointError, A>(task: TaskEither<E, A>): Promise<A> {
  return orFail(task, renderCheckpointError);
}

/** A tensor file, or the newest checkpoint of a run's folder. */
export async function openTensorFile(path: string): Promise<{ readonly path: string; readonly contents: TensorFile }> {
  const file = await isFolder(path) ? (await openCheckpoint(path)).path : path;
  return { path: file, contents: await orCheckpointFailure(readTensorFile(file)) };
}

/** A checkpoint file, or the newest whole one of a run's folder; damaged newer ones are named on stderr. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (!await isFolder(path)) return orCheckpointFailure(loadCheckpoint(path));
  const { checkpoint, damaged } = await orCheckpointFailure(loadLatest(path));
  for (const error of damaged) console.error(`warning: ${renderCheckpointError(error)}`);
  return checkpoint;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false; // opening it says why
  }
}

/** The rows of the memory bank among the tensors of a state: one for each image that it was trained on. */
export function bankRows(tensors: readonly StoredTensor[]): number | undefined {
  return tensors.find(({ name }) => name === "bank.keys")?.shape[0];
}
