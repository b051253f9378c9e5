import type { Values } from "../core/declare.ts";
import { contrasted, groups, groupsDivideBatch } from "./common_settings.ts";
import type { BuildMethod } from "./parts.ts";

const fields = {
  negatives: {
    is: "integer",
    min: 1,
    max: 100_000_000,
    default: 4096,
    about: "keys sampled from the memory bank for a step (K)",
    flag: "negatives",
  },
  momentum: { is: "number", min: 0, below: 1, default: 0.5, about: "m of a stored key's moving average" },
  ...contrasted,
  groups,
} as const;

/** The settings of a memory bank in a configuration. */
export type MemoryBankSettings = Values<typeof fields>;

/** The memory bank. */
export const memoryBank = {
  about: "a stored key for each image, of which a step samples its negatives",
  title: (): string => "Memory bank",
  /** Its state has a row for each image. */
  remembersImages: true,
  fields,
  rules: [groupsDivideBatch],
  warnings: (
    { method: { negatives } }: { readonly method: MemoryBankSettings },
    images: number = Infinity,
  ): readonly string[] =>
    negatives <= images
      ? []
      : [`method.negatives (${negatives}) are more than the ${images} images: most keys are sampled several times.`],
  load: async (): Promise<BuildMethod<MemoryBankSettings>> => {
    const { createMemoryBank } = await import("./memory_bank.ts");
    const { contrasting } = await import("./parts.ts");
    return (settings, parts) => {
      const { images } = parts;
      if (images === undefined) {
        throw new RangeError("Cannot build a memory bank: expected the number of training images, found none");
      }
      const { negatives, momentum } = settings;
      return createMemoryBank({ ...contrasting(settings, parts), images, negatives, momentum });
    };
  },
} as const;
