import type { Values } from "../core/declare.ts";
import { contrasted, groups, groupsDivideBatch, shuffle, shufflingWarnings } from "./common_settings.ts";
import type { BuildMethod } from "./parts.ts";

const fields = { ...contrasted, shuffle, groups } as const;

/** The settings of the end-to-end mechanism in a configuration. */
export type EndToEndSettings = Values<typeof fields>;

/** The end-to-end mechanism. */
export const endToEnd = {
  about: "both encoders by back-propagation, the keys of the batch as dictionary",
  title: (): string => "End-to-end",
  fields,
  rules: [groupsDivideBatch],
  warnings: shufflingWarnings,
  load: async (): Promise<BuildMethod<EndToEndSettings>> => {
    const { createEndToEnd } = await import("./end_to_end.ts");
    const { contrasting } = await import("./parts.ts");
    return (settings, parts) => createEndToEnd({ ...contrasting(settings, parts), shuffle: settings.shuffle });
  },
} as const;
