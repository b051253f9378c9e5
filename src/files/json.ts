/**
 * JSON: what it can say, how it is read, and the one check that `JSON.parse` does not make.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";

/** Anything that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Whether a value is a record of values by name: neither a list nor null. */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a JSON text, or why it is none. */
export function parseJson(text: string): Either<string, unknown> {
  return Either.tryCatch((): unknown => JSON.parse(text), reasonOf);
}

/**
 * The first name that comes twice in one object of a JSON text, or undefined where none does. `JSON.parse` keeps the
 * last of them in silence.
 *
 * @param text Valid JSON.
 */
export function repeatedName(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // a set of names for an object, nothing for an array
  for (const [token, separator] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (separator !== undefined) {
      const name = JSON.parse(token.slice(0, -separator.length)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}
