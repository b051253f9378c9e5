/**
 * Every experiment by name. A new one is a file here and a line below.
 *
 * @module
 */
import type { Experiment } from "../types.ts";
import { frozenPatch } from "./frozen_patch.ts";
import { mechanisms } from "./mechanisms.ts";
import { methods } from "./methods.ts";
import { momentum } from "./momentum.ts";
import { shuffleBn } from "./shuffle_bn.ts";
import { v2Ablation } from "./v2_ablation.ts";
import { v3 } from "./v3.ts";

/** Every experiment by name. */
export const experiments: Readonly<Record<string, Experiment>> = {
  methods,
  mechanisms,
  momentum,
  "shuffle-bn": shuffleBn,
  "v2-ablation": v2Ablation,
  v3,
  "frozen-patch": frozenPatch,
};
