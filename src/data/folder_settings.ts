import type { Partly, Rule, Values } from "../core/declare.ts";
import { type LoadSource, type Located, located, missing, needsPath } from "./common_settings.ts";

const fields = {
  ...located,
  testPath: {
    is: "path",
    about: "a second folder, with the images that are held out; the folder's own halves where absent",
    flag: "test-path",
  },
  labels: {
    is: "path",
    words: ["folders", "none"],
    about: "folders, none, or a CSV or JSON Lines file with path and label; guessed where absent",
    flag: "labels",
  },
  onUnreadable: {
    is: "choice",
    of: ["skip", "stop"],
    default: "skip",
    about: "what an image that cannot be decoded does: skip puts another one into its place",
    flag: "on-unreadable",
  },
  maxPixels: {
    is: "integer",
    min: 1,
    about: "the most pixels that an image may have; larger ones cannot be used; 67,108,864 where absent",
    flag: "max-pixels",
  },
  cache: {
    is: "path",
    about: "a folder for smaller copies of large images, made once; training and evaluation read them instead",
    flag: "cache",
  },
  recover: {
    is: "boolean",
    about: "use a JPEG that is cut off as far as it goes",
    flag: "recover",
  },
} as const;

/** What a configuration says about a folder of images. */
export type FolderSettings = Values<typeof fields>;

const folderIsSomewhere: Rule<{ readonly data: Located }> = needsPath("images");

/** A folder of image files. */
export const folder = {
  about: "a folder of image files, in subfolders by class where they have labels",
  title: (): string => "a folder of images",
  fields,
  rules: [folderIsSomewhere],
  load: async (): Promise<LoadSource<Partly<FolderSettings>>> => {
    const { loadFolder } = await import("./folder.ts");
    return ({ path, maxPixels, ...source }, options) => {
      if (path === undefined) return missing("folder", "a folder of images");
      const limits = maxPixels === undefined ? {} : { limits: { pixels: maxPixels } };
      return loadFolder(path, { ...source, ...limits, ...options });
    };
  },
} as const;
