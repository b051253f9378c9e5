import type { Values } from "../core/declare.ts";
import { contrasted, groups, groupsDivideBatch } from "./common_settings.ts";

const fields = { ...contrasted, groups: { ...groups, default: 1 } } as const;

/** What a configuration says of SimCLR. */
export type SimclrSettings = Values<typeof fields>;

/** SimCLR. */
export const simclr = {
  about: "one encoder, every view of the batch against all others",
  title: (): string => "SimCLR",
  fields,
  rules: [groupsDivideBatch],
  load: async (): Promise<typeof import("./simclr.ts").buildSimclr> => (await import("./simclr.ts")).buildSimclr,
} as const;
