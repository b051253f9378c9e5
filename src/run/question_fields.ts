import {
  betweenZeroAndOne,
  cosineSimilarity,
  type Demand,
  fromZero,
  isMet,
  wholeFromOne,
  wholeFromZero,
} from "../core/check_numbers.ts";
import { inWords } from "../core/in_words.ts";
import type { BadQuestion } from "./question_errors.ts";

/** What numbers of requests must be that ask a collection something, or show it. */
const numbers: Readonly<Record<string, Demand>> = {
  count: wholeFromOne,
  k: wholeFromOne,
  seed: wholeFromZero,
  within: betweenZeroAndOne,
  threshold: cosineSimilarity,
  minimum: { ...fromZero, below: 1 },
  away: fromZero,
  port: { ...wholeFromOne, max: 65_535 },
};

/** The first field of a request that makes no sense; undefined if all do. */
export function badFieldOf(request: object): BadQuestion | undefined {
  for (const [field, found] of Object.entries(request)) {
    if (field === "saveAs" && found === "") return { _tag: "BadQuestion", field, expected: "a name", found };
    const must = numbers[field];
    if (must === undefined || found === undefined || (typeof found === "number" && isMet(must, found))) continue;
    return { _tag: "BadQuestion", field, expected: inWords(must), found };
  }
}
