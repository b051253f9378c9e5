/**
 * Every experiment by name. A new one is a file here and a line below.
 *
 * @module
 */
import type { Experiment } from "../types.ts";
import { momentum } from "./momentum.ts";
import { shuffleBn } from "./shuffle_bn.ts";

/** Every experiment by name. */
export const experiments: Readonly<Record<string, Experiment>> = {
  momentum,
  "shuffle-bn": shuffleBn,
};
