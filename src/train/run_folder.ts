/**
 * The folder of a run: `config.json`, `metrics.jsonl`, `checkpoints/`, and `lock` while a program trains there.
 *
 * @module
 */
import { join } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { removePartial } from "../checkpoint/folder.ts";
import type { RunBusy } from "./errors.ts";

/** The paths of a run. */
export type RunPaths = {
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
  };
}

/** A folder that this program alone trains in, until it is released. The lock goes with the program, however it ends. */
export type HeldFolder = RunPaths & { readonly release: () => void };

/** Makes the folder of a run where it is not there, locks it, and clears it of temporary files of a killed program. */
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
    TaskEither.flatMap((file) => async (): Promise<Either<UnwritableFile | RunBusy, HeldFolder>> => {
      if (file === undefined) return Either.left({ _tag: "RunBusy", folder });
      await removePartial(folder);
      await removePartial(paths.checkpoints);
      return Either.right({ ...paths, release: () => file.close() });
    }),
  );
}
