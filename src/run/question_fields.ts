import type { BadQuestion } from "./question_errors.ts";

/** What a field may be: in words, and as a test. */
type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

function number(expected: string, fits: (value: number) => boolean): Rule {
  return [expected, (value) => typeof value === "number" && fits(value)];
}

function wholeNumber(least: number): Rule {
  return number(`a whole number of at least ${least}`, (value) => Number.isSafeInteger(value) && value >= least);
}

/** What the fields of requests may be that ask a collection something, or show it. */
const rules: Readonly<Record<string, Rule>> = {
  count: wholeNumber(1),
  k: wholeNumber(1),
  seed: wholeNumber(0),
  within: number("a share above 0 and below 1", (value) => value > 0 && value < 1),
  threshold: number("a cosine similarity above -1 and at most 1", (value) => value > -1 && value <= 1),
  minimum: number("a distance of at least 0 and below 1", (value) => value >= 0 && value < 1),
  away: number("a weight of at least 0", (value) => value >= 0 && Number.isFinite(value)),
  port: number("a port from 1 to 65535", (value) => Number.isInteger(value) && value >= 1 && value <= 65_535),
  saveAs: ["a name", (value) => value !== ""],
};

/** The first field of a request that makes no sense; undefined if all do. */
export function badFieldOf(request: object): BadQuestion | undefined {
  for (const [field, found] of Object.entries(request)) {
    const rule = rules[field];
    if (rule === undefined || found === undefined || rule[1](found)) continue;
    return { _tag: "BadQuestion", field, expected: rule[0], found };
  }
}
