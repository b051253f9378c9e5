/**
 * Values inside records, by dot-joined path.
 *
 * @module
 */
import { isRecord } from "../files/json.ts";
import type { Part } from "./sections.ts";

/** The value at a path, or undefined where there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => typeof inner === "object" && inner !== null ? (inner as Part)[name] : undefined,
    value,
  );
}

/** A record that holds one value at a path. */
export function nest([first, ...rest]: readonly string[], value: unknown): Part {
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}

/** A record without what stands at a path. */
export function without(part: Part, [first, ...rest]: readonly string[]): Part {
  const { [first]: inner, ...others } = part;
  if (rest.length === 0 || !isRecord(inner)) return rest.length === 0 ? others : part;
  return { ...part, [first]: without(inner, rest) };
}

/** Two records as one: records inside are merged, and elsewhere the second wins. Neither is changed. */
export function merge(first: Part, second: Part): Part {
  const merged = Object.entries(second).map(([name, value]) => {
    const before = Object.hasOwn(first, name) ? first[name] : undefined;
    return [name, isRecord(before) && isRecord(value) ? merge(before, value) : value] as const;
  });
  return { ...first, ...Object.fromEntries(merged) };
}
