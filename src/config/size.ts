import type { ConfigError } from "./errors.ts";

/** The most characters that a configuration may have. A whole one has some 3,000. */
export const mostCharacters: number = 1 << 16;

/** The fault of a value that is too large for a configuration; none where it is not. */
export function sizeFault(value: unknown): readonly ConfigError[] {
  if (!isLarger(value, mostCharacters)) return [];
  const expected = `a configuration of at most ${mostCharacters.toLocaleString("en")} characters`;
  return [{ _tag: "Invalid", path: "", expected, found: "a larger one" }];
}

/**
 * Whether a value is larger than a limit, whatever it contains, itself included. Names and texts count with their
 * characters, and every value counts as one more.
 */
function isLarger(value: unknown, most: number): boolean {
  const waiting = [value];
  for (let size = 0; waiting.length > 0;) {
    const next = waiting.pop();
    size += typeof next === "string" ? next.length + 1 : 1;
    if (typeof next === "object" && next !== null) {
      for (const [name, inner] of Object.entries(next)) {
        size += name.length;
        waiting.push(inner);
      }
    }
    if (size + waiting.length > most) return true;
  }
  return false;
}
