import { join } from "node:path";
import { pipe, TaskEither } from "../core/either.ts";
import type { UnreadableFile } from "../files/errors.ts";
import { namesIn, readBytesOf } from "../files/read.ts";

/**
 * The names of classes from a file of a data set, one line each.
 *
 * @param folder The folder of the data set.
 * @param file The file in it.
 * @param count The number of classes.
 * @returns The names; undefined if there is no such file, or it does not name each of them.
 */
export function classNamesIn(
  folder: string,
  file: string,
  count: number,
): TaskEither<UnreadableFile, readonly string[] | undefined> {
  return pipe(
    namesIn(folder),
    TaskEither.flatMap((names): TaskEither<UnreadableFile, string> =>
      names.includes(file)
        ? pipe(readBytesOf(join(folder, file)), TaskEither.map((bytes) => new TextDecoder().decode(bytes)))
        : TaskEither.right("")
    ),
    TaskEither.map((text) => text.split("\n").map((line) => line.trim()).filter((line) => line !== "")),
    TaskEither.map((lines) => lines.length === count ? lines : undefined),
  );
}
