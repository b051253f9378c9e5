import type { Values } from "../core/declare.ts";
import { contrasted, groups, groupsDivideBatch } from "./common_settings.ts";
import type { BuildMethod } from "./parts.ts";

const fields = { ...contrasted, groups: { ...groups, default: 1 } } as const;

/** The settings of SimCLR in a configuration. */
export type SimclrSettings = Values<typeof fields>;

/** SimCLR. */
export const simclr = {
  about: "one encoder, every view of the batch against all others",
  title: (): string => "SimCLR",
  fields,
  rules: [groupsDivideBatch],
  load: async (): Promise<BuildMethod<SimclrSettings>> => {
    const { createSimclr } = await import("./simclr.ts");
    const { contrasting } = await import("./parts.ts");
    return (settings, parts) => createSimclr(contrasting(settings, parts));
  },
} as const;
