import type { Rule } from "../core/declare.ts";
import { type LoadSource, type Located, located, missing, needsPath } from "./common_settings.ts";

const idxIsSomewhere: Rule<{ readonly data: Located }> = needsPath("idx files");

/** IDX files. */
export const idx = {
  about: "images in IDX files, as MNIST has them",
  title: (): string => "IDX files",
  fields: located,
  rules: [idxIsSomewhere],
  load: async (): Promise<LoadSource<Located>> => {
    const { loadIdx } = await import("./idx.ts");
    return ({ path }) => path === undefined ? missing("idx", "a file or folder of IDX files") : loadIdx(path, "idx");
  },
} as const;
