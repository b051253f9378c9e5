import type { Values } from "../core/declare.ts";
import { contrasted, groups, groupsDivideBatch, momentum } from "./common_settings.ts";

const fields = {
  negatives: {
    is: "integer",
    min: 1,
    default: 4096,
    about: "keys sampled from the memory bank for a step (K)",
    flag: "negatives",
  },
  momentum: { ...momentum, default: 0.5, about: "m of a stored key's moving average" },
  ...contrasted,
  groups,
} as const;

/** What a configuration says of a memory bank. */
export type MemoryBankSettings = Values<typeof fields>;

/** The memory bank. */
export const memoryBank = {
  about: "a stored key for each image, of which a step samples its negatives",
  title: (): string => "Memory bank",
  fields,
  rules: [groupsDivideBatch],
  warnings: (
    { method: { negatives } }: { readonly method: MemoryBankSettings },
    images: number = Infinity,
  ): readonly string[] =>
    negatives <= images
      ? []
      : [`method.negatives (${negatives}) are more than the ${images} images: most keys are sampled several times.`],
  load: async (): Promise<typeof import("./memory_bank.ts").buildMemoryBank> =>
    (await import("./memory_bank.ts")).buildMemoryBank,
} as const;
