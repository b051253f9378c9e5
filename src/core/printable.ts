/**
 * A text that is safe to print to a terminal: control characters and direction marks are escaped, as in `\u001b`. Names
 * of files, classes and tensors come from anywhere. Line breaks and tabs stay.
 *
 * @param text Any text. JSON stays the same JSON.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { printable } from "./printable.ts";
 *
 * assertEquals(printable("cat\x1b[2J"), "cat\\u001b[2J");
 * ```
 */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are the point
  return text.replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escaped);
}

/** A text that is also kept on one line of a terminal, such as a name in a table. */
export function printableLine(text: string): string {
  return printable(text).replaceAll(/[\t\n]/g, escaped);
}

/**
 * An error's data with every text on one line. Only the words around them may then break lines, and not a file's name.
 *
 * @param data Texts, and records and lists of them.
 */
export function onOneLine<A>(data: A): A {
  const inside = (value: unknown): unknown => {
    if (typeof value === "string") return printableLine(value);
    if (Array.isArray(value)) return value.map(inside);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inside(part)]));
  };
  return inside(data) as A;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
