import type { Partly, Values } from "../core/declare.ts";
import { type LoadSource, located, missing, needsPath } from "./common_settings.ts";

const fields = {
  ...located,
  onUnreadable: {
    is: "choice",
    of: ["skip", "stop"],
    default: "skip",
    about: "what an image that cannot be decoded does",
    flag: "on-unreadable",
  },
} as const;

/** What a configuration says of a folder of images. */
export type FolderSettings = Values<typeof fields>;

/** A folder of image files. */
export const folder = {
  about: "a folder of image files, in subfolders by class where they have labels",
  title: (): string => "a folder of images",
  fields,
  rules: [needsPath("images")],
  load: async (): Promise<LoadSource<Partly<FolderSettings>>> => {
    const { loadFolder } = await import("./folder.ts");
    return ({ path, ...source }, options) =>
      path === undefined ? missing("folder", "a folder of images") : loadFolder(path, { ...source, ...options });
  },
} as const;
