import type { Values } from "../core/declare.ts";
import { contrasted, groups, groupsDivideBatch, shuffle, shufflingWarnings } from "./common_settings.ts";

const fields = { ...contrasted, shuffle, groups } as const;

/** What a configuration says of the end-to-end mechanism. */
export type EndToEndSettings = Values<typeof fields>;

/** The end-to-end mechanism. */
export const endToEnd = {
  about: "both encoders by back-propagation, the keys of the batch as dictionary",
  title: (): string => "End-to-end",
  fields,
  rules: [groupsDivideBatch],
  warnings: shufflingWarnings,
  load: async (): Promise<typeof import("./end_to_end.ts").buildEndToEnd> =>
    (await import("./end_to_end.ts")).buildEndToEnd,
} as const;
