/**
 * Tensor files and checkpoints, by the path of a file or of a run's folder.
 *
 * @module
 */
import { pipe, TaskEither } from "../core/either.ts";
import { type Checkpoint, loadCheckpoint, type StoredCheckpoint } from "../checkpoint/checkpoint.ts";
import { type CheckpointError, renderCheckpointError } from "../checkpoint/errors.ts";
import { loadLatest } from "../checkpoint/folder.ts";
import { renamed } from "../checkpoint/renamed.ts";
import type { StoredTensor, TensorFile } from "../files/safetensors.ts";
import { hasFolder } from "../files/read.ts";
import { readTensorFile } from "../files/tensor_file.ts";
import type { Note } from "./images.ts";

/** A tensor file that was read. */
export type OpenedFile = { readonly path: string; readonly contents: TensorFile };

/** A tensor file, or the newest checkpoint of a run's folder. */
export function openTensorFile(path: string, note: Note): TaskEither<CheckpointError, OpenedFile> {
  return pipe(
    isFolder(path),
    TaskEither.flatMap((folder): TaskEither<CheckpointError, OpenedFile> =>
      folder
        ? pipe(newest(path, note), TaskEither.map((checkpoint) => ({ path: checkpoint.path, contents: checkpoint })))
        : pipe(readTensorFile(path), TaskEither.map((contents) => ({ path, contents })))
    ),
  );
}

/** A checkpoint file, or the newest whole one of a run's folder; damaged newer ones are reported to `note`. */
export function openCheckpoint(path: string, note: Note): TaskEither<CheckpointError, Checkpoint> {
  return pipe(
    isFolder(path),
    TaskEither.flatMap((folder): TaskEither<CheckpointError, Checkpoint> =>
      folder ? newest(path, note) : loadCheckpoint(path)
    ),
  );
}

function newest(folder: string, note: Note): TaskEither<CheckpointError, StoredCheckpoint> {
  return pipe(
    loadLatest(folder),
    TaskEither.map(({ checkpoint, damaged }) => {
      for (const error of damaged) note(`Warning: ${renderCheckpointError(error)}`);
      return checkpoint;
    }),
  );
}

/** The rows of the memory bank among the tensors of a state: one for each image that it was trained on. */
export function bankRows(tensors: readonly StoredTensor[]): number | undefined {
  return tensors.find(({ name }) => name === "bank.keys")?.shape[0];
}

/** The channels of the images that the encoder among the tensors of a state takes. */
export function imageChannels(tensors: readonly StoredTensor[]): number {
  const first = /^query\.(?:params|buffers)\.backbone\.(?:conv1|patch_embed\.proj(?:\.0)?)\.weight$/;
  return tensors.find(({ name }) => first.test(renamed(name)))?.shape[2] ?? 3;
}

/** Whether a path is a folder. If it cannot be looked at, opening it says why. */
function isFolder(path: string): TaskEither<never, boolean> {
  return TaskEither.fromTask(() => hasFolder(path));
}
