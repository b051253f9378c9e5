import type { Partly, Rule, Values } from "../core/declare.ts";
import { type LoadSource, type Located, located, missing, needsPath } from "./common_settings.ts";

const fields = {
  ...located,
  images: {
    is: "choice",
    of: ["labelled", "unlabelled"],
    default: "labelled",
    about: "which images are trained on: the 5,000 with labels, or the 100,000 without",
    flag: "stl10-images",
  },
} as const;

/** What a configuration says about STL-10. */
export type Stl10Settings = Values<typeof fields>;

const stl10IsSomewhere: Rule<{ readonly data: Located }> = needsPath("binary files of STL-10");

/** STL-10. */
export const stl10 = {
  about: "colour photographs of 96x96 in 10 classes, and 100,000 without labels, from their binary version",
  title: (): string => "STL-10",
  fields,
  rules: [stl10IsSomewhere],
  load: async (): Promise<LoadSource<Partly<Stl10Settings>>> => {
    const { loadStl10 } = await import("./stl10.ts");
    return ({ path, images = "labelled" }, { size }) =>
      path === undefined ? missing("stl10", "a folder with its binary files") : loadStl10(path, images, size);
  },
} as const;
