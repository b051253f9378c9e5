/**
 * Describes in words what fields and arguments take.
 *
 * @module
 */
import type { Bounds, Group, Kind } from "./declare.ts";

/**
 * What a field takes, in words that follow "expected".
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inWords } from "./in_words.ts";
 *
 * assertEquals(inWords({ is: "number", min: 0, max: 1 }), "a number in [0, 1]");
 * ```
 */
export function inWords(field: Kind | Group): string {
  switch (field.is) {
    case "group":
      return recordInWords(Object.keys(field.fields));
    case "number":
      return `a number${boundsInWords(field)}`;
    case "integer":
      return `a whole number${boundsInWords(field)}`;
    case "boolean":
      return "true or false";
    case "text":
    case "path":
      return "a text";
    case "choice":
      return field.of.map((choice) => JSON.stringify(choice)).join(" or ");
    case "range":
      return `two numbers${boundsInWords(field)} in ascending order, as [0.2, 1]`;
    case "list":
      return `a list of which each is a number${boundsInWords(field)}`;
  }
}

/** A record, in words that follow "expected". */
export function recordInWords(names: readonly string[]): string {
  return `a record of {${names.join(", ")}}`;
}

function boundsInWords({ min, max, above, below }: Bounds): string {
  if (min !== undefined && max !== undefined) return ` in [${min}, ${max}]`;
  const lower = above !== undefined ? `greater than ${above}` : min !== undefined ? `of at least ${min}` : "";
  const upper = below !== undefined ? `below ${below}` : max !== undefined ? `at most ${max}` : "";
  if (lower && upper) return ` ${lower} and ${upper}`;
  if (lower) return ` ${lower}`;
  return upper ? ` ${below === undefined ? "of " : ""}${upper}` : "";
}
