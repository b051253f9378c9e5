/**
 * What can be wrong with a configuration, as data.
 *
 * @module
 */

/**
 * One fault of a configuration.
 *
 * - `Invalid`: a field holds a value of another type, or out of its range;
 * - `Unknown`: a field that no configuration has;
 * - `Foreign`: a field of another method, encoder, optimizer or data source than the one that is chosen;
 * - `Conflict`: two fields that are right by themselves do not go together.
 */
export type ConfigError = {
  /** Which of the four kinds. */
  readonly _tag: "Invalid" | "Unknown" | "Foreign" | "Conflict";
  /** Where, dot-joined: `training.batch`. The empty path is the configuration itself. */
  readonly path: string;
  /** What should stand there; for a foreign field, what it belongs to. */
  readonly expected: string;
  /** What stands there; for a foreign field, what is chosen in its place. */
  readonly found: string;
  /** What was probably meant: for an unknown field or choice, the nearest known name. */
  readonly suggestion?: string;
};

/** A short, readable picture of any value: `"abc"`, `-1`, `a list of 3`, `a record of {a, b}`, `nothing`. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Array.isArray(value)) {
    const text = JSON.stringify(value);
    return text !== undefined && text.length <= 40 ? text : `a list of ${value.length}`;
  }
  if (typeof value === "object") {
    const names = Object.keys(value);
    const shown = names.slice(0, 5).join(", ");
    return `a record of {${shown}${names.length > 5 ? ", ..." : ""}}`;
  }
  return String(value);
}
