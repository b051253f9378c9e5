/**
 * Every experiment by name. A new one is a file here and a line below.
 *
 * @module
 */
import type { Experiment } from "../types.ts";
import { frozenPatch } from "./frozen_patch.ts";
import { methods } from "./methods.ts";
import { momentum } from "./momentum.ts";
import { shuffleBn } from "./shuffle_bn.ts";

/** Every experiment by name. */
export const experiments: Readonly<Record<string, Experiment>> = {
  methods,
  momentum,
  "shuffle-bn": shuffleBn,
  "frozen-patch": frozenPatch,
};
