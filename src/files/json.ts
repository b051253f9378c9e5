/**
 * JSON: the type of its values, how it is read, and the one check that `JSON.parse` does not make.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";

/** Any value that JSON can express. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Whether a value is a record of values by name, which excludes lists and null. */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a whole number of at least 0. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The value of a JSON text, or why the text is not valid. */
export function parseJson(text: string): Either<string, unknown> {
  return Either.tryCatch((): unknown => JSON.parse(text), reasonOf);
}

/**
 * The first name that occurs twice in one object of a JSON text, or undefined if none does. `JSON.parse` silently keeps
 * the last of them.
 *
 * @param text Valid JSON.
 */
export function repeatedName(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // a set of names for an object, nothing for an array
  const marks = /["{}[\]]/g;
  const colon = /\s*:/y;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === "{") open.push(new Set());
    else if (mark[0] === "[") open.push(undefined);
    else if (mark[0] !== '"') open.pop();
    else {
      const end = endOfString(text, mark.index);
      marks.lastIndex = colon.lastIndex = end;
      if (!colon.test(text)) continue;
      const name = JSON.parse(text.slice(mark.index, end)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}

/**
 * The place after a string of a JSON text. It is found by hand, because a regular expression fails on a very long
 * string.
 */
function endOfString(text: string, begin: number): number {
  for (let quote = text.indexOf('"', begin + 1);; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text[quote - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
}
