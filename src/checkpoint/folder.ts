/**
 * A folder of checkpoints: `step-00001234.safetensors` for each of the last few, `best.safetensors` for the best.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { basename, join } from "node:path";
import { type About, loadCheckpoint, saveCheckpoint, type StoredCheckpoint } from "./checkpoint.ts";
import type { CheckpointError, NoCheckpoint } from "./errors.ts";
import type { UnreadableFile, UnwritableFile } from "../files/errors.ts";
import { reading } from "../files/attempt.ts";
import { hasFolder } from "../files/read.ts";
import type { CheckOptions, LazyTensor } from "../files/tensor_file.ts";
import { linkAtomic, nameOfPartial, type OpenFile } from "../files/atomic.ts";

/** The file of the checkpoint after `step` steps. Names sort as steps do. */
export function stepFile(folder: string, step: number): string {
  return join(folder, `step-${String(step).padStart(8, "0")}.safetensors`);
}

/** The file of the best checkpoint. */
export function bestFile(folder: string): string {
  return join(folder, "best.safetensors");
}

/** The step in a checkpoint's name, or undefined for any other file. */
export function stepOf(path: string): number | undefined {
  const match = /^step-(\d{8,})\.safetensors$/.exec(basename(path));
  return match === null ? undefined : Number(match[1]);
}

/** The checkpoints in a folder by step, newest first; none if there is no such folder. */
export function listCheckpoints(folder: string): TaskEither<UnreadableFile, readonly string[]> {
  return reading(folder, async () => {
    const found: { readonly path: string; readonly step: number }[] = [];
    try {
      for await (const { name, isFile } of Deno.readDir(folder)) {
        const step = stepOf(name);
        if (isFile && step !== undefined) found.push({ path: join(folder, name), step });
      }
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
    return found.toSorted((a, b) => b.step - a.step).map(({ path }) => path);
  });
}

/** Which checkpoints stay. */
export type Keep = {
  /** How many of the last checkpoints stay; at least 1. */
  readonly last: number;
  /** Whether this one is the best so far. */
  readonly best: boolean;
};

/**
 * Saves a checkpoint under its step's name, and also as the best one if it is. Only then are the oldest ones beyond
 * `keep.last` removed. Checkpoints of later steps are neither counted nor touched.
 *
 * @returns The file that was written.
 */
export function saveStep(
  folder: string,
  tensors: readonly LazyTensor[],
  about: About,
  keep: Keep,
  open?: OpenFile,
): TaskEither<UnwritableFile, string> {
  const { step } = about.position;
  const path = stepFile(folder, step);
  return pipe(
    saveCheckpoint(path, tensors, about, open),
    TaskEither.flatMap(() => keep.best ? linkAtomic(path, bestFile(folder)) : TaskEither.right(undefined)),
    TaskEither.flatMap(() => TaskEither.fromTask(() => prune(folder, step, keep.last))),
    TaskEither.map(() => path),
  );
}

/** What {@linkcode loadLatest} found. */
export type Latest = {
  /** The newest whole checkpoint. */
  readonly checkpoint: StoredCheckpoint;
  /** Newer checkpoints that are damaged, newest first. */
  readonly damaged: readonly CheckpointError[];
};

/**
 * The newest undamaged checkpoint of a folder. Damaged ones are skipped and reported. Meanwhile a training may save
 * newer ones and remove older ones.
 *
 * @param folder A folder of checkpoints, or a run's folder, in which case its `checkpoints` is used.
 * @param options What is required of a file.
 * @returns Right the checkpoint; left why there is none, which {@linkcode renderCheckpointError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadLatest } from "@momentum-contrast/moco";
 *
 * const folder = await Deno.makeTempDir();
 * const latest = await loadLatest(folder)();
 * assertEquals(latest._tag === "Left" && latest.left._tag, "NoCheckpoint");
 * ```
 */
export function loadLatest(
  folder: string,
  options: CheckOptions = {},
): TaskEither<UnreadableFile | NoCheckpoint, Latest> {
  return async () => {
    const inner = join(folder, "checkpoints");
    const checkpoints = await hasFolder(inner) ? inner : folder;
    for (;;) {
      const listed = await listCheckpoints(checkpoints)();
      if (Either.isLeft(listed)) return listed;
      const found = await newestWhole(listed.right, options);
      if (found !== "removed") {
        return pipe(found, Either.mapLeft((damaged) => ({ _tag: "NoCheckpoint", folder, damaged })));
      }
    }
  };
}

/** The first undamaged checkpoint of a list; left all of them if all are damaged. */
async function newestWhole(
  paths: readonly string[],
  options: CheckOptions,
): Promise<Either<readonly CheckpointError[], Latest> | "removed"> {
  const damaged: CheckpointError[] = [];
  for (const path of paths) {
    const loaded = await loadCheckpoint(path, options)();
    if (Either.isRight(loaded)) return Either.right({ checkpoint: loaded.right, damaged });
    if (await isRemoved(path)) return "removed"; // a newer one is there
    damaged.push(loaded.left);
  }
  return Either.left(damaged);
}

function isRemoved(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => false, (thrown) => thrown instanceof Deno.errors.NotFound);
}

/** Whether a folder of checkpoints may hold a file of this name. */
export function isCheckpoint(name: string): boolean {
  return name === basename(bestFile("")) || stepOf(name) !== undefined;
}

/** The temporary files of checkpoints in a folder: of one that is being written, or that a killed program left. */
async function partials(folder: string): Promise<readonly string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.filter((name) => isCheckpoint(nameOfPartial(name) ?? "")).map((name) => join(folder, name));
}

/** Whether a checkpoint is being written into a folder. One that a killed program did not finish looks the same. */
export async function isBeingWritten(folder: string): Promise<boolean> {
  return (await partials(folder).catch(() => [])).length > 0;
}

/** Removes the temporary checkpoint files that a killed program left. */
export async function removePartial(folder: string): Promise<void> {
  for (const path of await partials(folder)) await Deno.remove(path).catch(() => {});
}

async function prune(folder: string, step: number, last: number): Promise<void> {
  const listed = await listCheckpoints(folder)();
  if (Either.isLeft(listed)) return;
  const upToNow = listed.right.filter((path) => stepOf(path)! <= step);
  for (const path of upToNow.slice(Math.max(1, last))) await Deno.remove(path).catch(() => {}); // the next save retries
}
