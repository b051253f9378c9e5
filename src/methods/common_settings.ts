/**
 * Settings that methods share.
 *
 * @module
 */
import type { Rule } from "../core/declare.ts";

/** T of the contrast. */
export const temperature = {
  is: "number",
  above: 0,
  default: 0.2,
  about: "T of the contrast: 0.07 in v1, 0.2 in v2 and in v3's ViTs",
  flag: "temperature",
} as const;

/** Virtual groups of batch normalisation. */
export const groups = {
  is: "integer",
  min: 1,
  default: 4,
  about: "virtual groups of batch normalisation; shuffling needs two or more",
  flag: "groups",
} as const;

/** The number of contrasted features. */
export const dimension = {
  is: "integer",
  min: 1,
  max: 65_536,
  default: 128,
  about: "features that are contrasted",
  flag: "dimension",
} as const;

/** The projection head and the contrast that it is trained with, for every method but MoCo v3. */
export const contrasted = {
  head: {
    is: "choice",
    of: ["linear", "mlp"],
    default: "mlp",
    about: "projection head: linear in v1, mlp in v2",
    flag: "head",
  },
  dimension,
  temperature,
} as const;

/** m of the key encoder. */
export const momentum = {
  is: "number",
  min: 0,
  max: 1,
  default: 0.99,
  about: "m of the key encoder's moving average; small data sets want 0.99, ImageNet 0.999",
} as const;

/** Whether m stays constant. */
export const momentumSchedule = {
  is: "choice",
  of: ["constant", "cosine"],
  default: "constant",
  about: "whether m stays as it is, or rises to 1 step by step",
} as const;

/** Shuffling BN. */
export const shuffle = {
  is: "boolean",
  default: true,
  about: "shuffling BN, which permutes the keys' batch across the groups",
  flag: "shuffle",
} as const;

/** What {@linkcode groupsDivideBatch} reads. */
type Grouped = { readonly method: { readonly groups: number }; readonly training: { readonly batch: number } };

/** The groups are equal. */
export const groupsDivideBatch: Rule<Grouped> = {
  reads: ["method.groups", "training.batch"],
  check: ({ method: { groups }, training: { batch } }) =>
    batch % groups === 0
      ? undefined
      : { expected: `a divisor of training.batch (${batch}), so that the groups are equal`, found: String(groups) },
};

/** Warnings about settings that are rarely intended with a method that shuffles. */
export function shufflingWarnings(
  { method }: { readonly method: { readonly shuffle: boolean; readonly groups: number } },
): readonly string[] {
  if (!method.shuffle || method.groups > 1) return [];
  return [
    "method.shuffle permutes within one batch-norm group, which changes nothing: set method.groups to 2 or more.",
  ];
}
