/**
 * The folder of a run: `config.json`, `metrics.jsonl`, `checkpoints/`, and `lock` while a program trains there.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { isCheckpoint, listCheckpoints, removePartial, stepOf } from "../checkpoint/folder.ts";
import { nameOfPartial } from "../files/atomic.ts";
import { reading } from "../files/attempt.ts";
import type { UnwritableFile } from "../files/errors.ts";
import type { NotARun, RunBusy, TrainingError } from "./errors.ts";

/** The paths of a run. */
export type RunPaths = {
  /** Where TensorBoard's files go, if there are any. */
  readonly tensorboard: string;
  readonly folder: string;
  readonly config: string;
  readonly metrics: string;
  readonly checkpoints: string;
};

/** The paths of the run in a folder. */
export function runPaths(folder: string): RunPaths {
  return {
    folder,
    config: join(folder, "config.json"),
    metrics: join(folder, "metrics.jsonl"),
    checkpoints: join(folder, "checkpoints"),
    tensorboard: join(folder, "tensorboard"),
  };
}

/**
 * Whether a run may begin or go on in a folder, as far as can be seen without touching it: a run begins where there is
 * nothing yet, or nothing but the start of a run; it goes on where there are checkpoints.
 *
 * @param folder The run's folder.
 * @param resume Whether it goes on.
 */
export function mayTrainIn(folder: string, resume: boolean): TaskEither<TrainingError, void> {
  return pipe(
    reading(folder, () => foreignName(folder)),
    TaskEither.flatMapEither((found) =>
      found === undefined ? Either.right(undefined) : Either.left<NotARun>({ _tag: "NotARun", folder, found })
    ),
    TaskEither.flatMap(() => listCheckpoints(runPaths(folder).checkpoints)),
    TaskEither.flatMapEither((checkpoints): Either<TrainingError, void> => {
      if (resume && checkpoints.length === 0) return Either.left({ _tag: "NoCheckpoint", folder, damaged: [] });
      // A run that has not come further than its first state has nothing to lose.
      const checkpoint = checkpoints.find((path) => stepOf(path)! > 0);
      if (!resume && checkpoint !== undefined) return Either.left({ _tag: "RunExists", folder, checkpoint });
      return Either.right(undefined);
    }),
  );
}

/**
 * A name in a folder that is neither empty nor a run's; undefined where it is. A run's has the checkpoint of a step,
 * whatever lies beside it. One that has none yet has its lock, or nothing but an empty folder for checkpoints, because a
 * program can be killed before it makes its lock. Hidden files among the checkpoints do not count: they are temporary
 * files, or what a file system keeps there.
 */
async function foreignName(folder: string): Promise<string | undefined> {
  const names = await namesOf(folder);
  const inside = (await namesOf(join(folder, "checkpoints"))).filter((name) => !name.startsWith("."));
  if (inside.some((name) => stepOf(name) !== undefined)) return undefined;
  const stray = inside.find((name) => !isCheckpoint(name));
  if (stray !== undefined) return join("checkpoints", stray);
  const isBegun = inside.length > 0 || names.includes("lock") || names.length === 1;
  return names.includes("checkpoints") && isBegun ? undefined : names[0];
}

async function namesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).toSorted();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}

/** Removes the temporary files of this run that a killed program left, and no others. */
export async function removePartials({ config, metrics, checkpoints }: RunPaths): Promise<void> {
  const own = [config, metrics].map((path) => basename(path));
  for (const name of await namesOf(dirname(config))) {
    if (own.includes(nameOfPartial(name) ?? "")) await Deno.remove(join(dirname(config), name)).catch(() => {});
  }
  await removePartial(checkpoints);
}

/**
 * A folder that this program alone trains in, until it is released. The lock goes with the program, however it ends.
 */
export type HeldFolder = RunPaths & { readonly release: () => void };

/** Makes the folder of a run where it is not there, and locks it. */
export function holdFolder(folder: string): TaskEither<UnwritableFile | RunBusy, HeldFolder> {
  const paths = runPaths(folder);
  return pipe(
    TaskEither.tryCatch(
      async () => {
        await Deno.mkdir(paths.checkpoints, { recursive: true });
        const file = await Deno.open(join(folder, "lock"), { write: true, create: true });
        const locked = await file.tryLock(true);
        if (!locked) file.close();
        return locked ? file : undefined;
      },
      (thrown): UnwritableFile | RunBusy => ({ _tag: "UnwritableFile", path: folder, reason: reasonOf(thrown) }),
    ),
    TaskEither.flatMapEither((file): Either<UnwritableFile | RunBusy, HeldFolder> => {
      if (file === undefined) return Either.left({ _tag: "RunBusy", folder });
      return Either.right({ ...paths, release: () => file.close() });
    }),
  );
}
