/**
 * Reading and writing, with failures as data.
 *
 * @module
 */
import { TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import type { UnreadableFile, UnwritableFile } from "./errors.ts";

/** What a function reads from a path, or why it cannot. */
export function reading<A>(path: string, read: () => Promise<A>): TaskEither<UnreadableFile, A> {
  return TaskEither.tryCatch(
    read,
    (thrown): UnreadableFile => ({ _tag: "UnreadableFile", path, reason: reasonOf(thrown) }),
  );
}

/** The result of a function that writes to a path, or why it cannot. */
export function writing<A>(path: string, write: () => Promise<A>): TaskEither<UnwritableFile, A> {
  return TaskEither.tryCatch(
    write,
    (thrown): UnwritableFile => ({ _tag: "UnwritableFile", path, reason: reasonOf(thrown) }),
  );
}
