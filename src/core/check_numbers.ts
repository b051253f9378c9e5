/**
 * Refuses numbers that make no sense where they are given, so that a mistake is named at once and not at its first use.
 *
 * @module
 */
import type { Bounds } from "./declare.ts";
import { inWords } from "./in_words.ts";

/** What a number must be. */
export type Demand = Bounds & { readonly is: "number" | "integer" };

/** Any number that is finite. */
export const finite = { is: "number" } as const;

/** A number above 0. */
export const aboveZero = { is: "number", above: 0 } as const;

/** A number of at least 0. */
export const fromZero = { is: "number", min: 0 } as const;

/** A number in [0, 1]. */
export const share = { is: "number", min: 0, max: 1 } as const;

/** A number in [0, 1). */
export const shareBelowOne = { is: "number", min: 0, below: 1 } as const;

/** A number between 0 and 1, neither of which it may be. */
export const betweenZeroAndOne = { is: "number", above: 0, below: 1 } as const;

/** The least cosine similarity that is asked for; any two vectors have one of at least -1. */
export const cosineSimilarity = { is: "number", above: -1, max: 1 } as const;

/** 0, 1, 2, ... */
export const wholeFromZero = { is: "integer", min: 0 } as const;

/** 1, 2, 3, ... */
export const wholeFromOne = { is: "integer", min: 1 } as const;

/**
 * Refuses numbers that are not what they must be.
 *
 * @param doing What they are given for; it completes "Cannot ...".
 * @param numbers Numbers by their names, each with what it must be. A schedule is a function that gives a number later,
 *   so it is passed over.
 * @throws {RangeError} at the first one that is not finite, not whole where it must be, or out of its bounds.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkNumbers, wholeFromOne } from "./check_numbers.ts";
 *
 * assertThrows(
 *   () => checkNumbers("make a dense layer", { features: [0, wholeFromOne] }),
 *   RangeError,
 *   "Cannot make a dense layer: expected features to be a whole number of at least 1, found 0",
 * );
 * ```
 */
export function checkNumbers(
  doing: string,
  numbers: { readonly [name: string]: readonly [value: number | ((step: never) => unknown), must: Demand] },
): void {
  for (const [name, [value, must]] of Object.entries(numbers)) {
    if (typeof value === "function" || isMet(must, value)) continue;
    throw new RangeError(`Cannot ${doing}: expected ${name} to be ${inWords(must)}, found ${value}`);
  }
}

/** Whether a number is what it must be. */
export function isMet(
  { is, min = -Infinity, max = Infinity, above = -Infinity, below = Infinity }: Demand,
  value: number,
): boolean {
  const isKind = is === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isKind && value >= min && value <= max && value > above && value < below;
}
