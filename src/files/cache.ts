/**
 * Values that take long to make, kept as tensor files in the cache folder from one run to the next.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { dirname, join } from "node:path";
import { cacheFolder } from "../engine/install/mod.ts";
import { renderFileError } from "./errors.ts";
import type { StoredTensor } from "./safetensors.ts";
import { readTensorFile, writeTensorFile } from "./tensor_file.ts";

/** What is kept, and how it is converted to a file and back. */
export type Kept<E, A> = {
  /** The file's place below the cache folder, without its extension: `data/mnist-1.2.6`. */
  readonly name: string;
  /** How it is made. */
  readonly make: TaskEither<E, A>;
  /** Its tensors. */
  readonly tensors: (value: A) => readonly StoredTensor[];
  /** The value that such tensors stand for; undefined if they stand for none. */
  readonly value: (tensors: readonly StoredTensor[]) => A | undefined;
};

/**
 * A value from its file in the cache folder, or made and kept there. The file is written atomically, and its length and
 * checksum are checked when it is read. A damaged file is made anew. If the file cannot be written, the value is made
 * in every run.
 *
 * @param entry What is kept.
 * @param notify Called with what a user should know.
 */
export function kept<E, A>(entry: Kept<E, A>, notify: (message: string) => void): TaskEither<E, A> {
  return pipe(
    TaskEither.fromEither(pathOf(entry.name)),
    TaskEither.matchE(
      (reason) => {
        notify(`Cannot keep ${entry.name} for the next run: ${reason}`);
        return entry.make;
      },
      (path) =>
        pipe(
          found(path, entry, notify),
          TaskEither.orElse(() =>
            pipe(
              entry.make,
              TaskEither.tap((value) => TaskEither.fromTask(() => keep(path, entry.tensors(value), notify))),
            )
          ),
        ),
    ),
  );
}

function pathOf(name: string): Either<string, string> {
  return Either.tryCatch(() => join(cacheFolder(), `${name}.safetensors`), reasonOf);
}

/** The value that is kept at a path; left if there is none, which is reported only if there should be one. */
function found<E, A>(path: string, { value }: Kept<E, A>, notify: (message: string) => void): TaskEither<void, A> {
  return pipe(
    readTensorFile(path),
    TaskEither.mapLeft((error) => {
      if (error._tag === "DamagedFile") notify(`${renderFileError(error)}. Making it anew.`);
    }),
    TaskEither.flatMap(({ tensors }) =>
      pipe(
        TaskEither.fromNullable(undefined)(value(tensors)),
        TaskEither.mapLeft(() => notify(`Cannot load ${path}: it holds something else. Making it anew.`)),
      )
    ),
  );
}

async function keep(path: string, tensors: readonly StoredTensor[], notify: (message: string) => void): Promise<void> {
  const written = await pipe(
    TaskEither.tryCatch(() => Deno.mkdir(dirname(path), { recursive: true }), reasonOf),
    TaskEither.flatMap(() =>
      pipe(
        writeTensorFile(path, tensors.map(({ data, ...info }) => ({ ...info, read: () => data }))),
        TaskEither.mapLeft(({ reason }) => reason),
      )
    ),
  )();
  if (Either.isLeft(written)) notify(`Cannot keep ${path} for the next run: ${written.left}`);
}
