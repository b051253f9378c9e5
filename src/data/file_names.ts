/**
 * Names that stand for several files.
 *
 * @module
 */
import { Either, pipe } from "../core/either.ts";

/** The most files that a name may stand for. */
const MOST = 100_000;

/**
 * The files that a name with braces stands for: `{000..099}` for each number of as many digits, `{a,b}` for each text.
 *
 * @param name The name.
 * @returns Right the names, only this one if there are no braces; left what was expected and found.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileNames } from "./file_names.ts";
 *
 * assertEquals(fileNames("train-{08..10}.tar"), {
 *   _tag: "Right",
 *   right: ["train-08.tar", "train-09.tar", "train-10.tar"],
 * });
 * ```
 */
export function fileNames(name: string): Either<string, readonly string[]> {
  let names: readonly string[] = [""];
  for (const part of name.split(/(\{\d+\.\.\d+\}|\{[^{}]*,[^{}]*\})/)) {
    const choices = choicesOf(part);
    if (names.length * choices.length > MOST) {
      const found = names.length * choices.length;
      return Either.left(`expected a name of at most ${MOST.toLocaleString("en")} files, found ${found}`);
    }
    names = names.flatMap((start) => choices.map((choice) => start + choice));
  }
  return names.length === 0 ? Either.left(`expected ascending numbers in ${name}, found none`) : Either.right(names);
}

/**
 * The paths that a path may mean: itself, since a name may hold braces, and the files that its braces stand for.
 *
 * @param path The path.
 */
export function meantBy(path: string): readonly string[] {
  return [path, ...pipe(fileNames(path), Either.getOrElse((): readonly string[] => []))];
}

function choicesOf(part: string): readonly string[] {
  const range = /^\{(\d+)\.\.(\d+)\}$/.exec(part);
  if (range !== null) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    const count = Math.min(Math.max(0, last - first + 1), MOST + 1);
    return Array.from({ length: count }, (_, index) => String(first + index).padStart(range[1].length, "0"));
  }
  return part.startsWith("{") && part.endsWith("}") && part.includes(",") ? part.slice(1, -1).split(",") : [part];
}
