/**
 * A folder of image files.
 *
 * @module
 */
import { Either, type TaskEither } from "../core/either.ts";
import { basename } from "node:path";
import type { DataError } from "./errors.ts";
import { findImages, type FindOptions, type FoundImages } from "./find_images.ts";
import type { ReadOptions } from "./planned_image.ts";
import type { ImageFiles, Split } from "./types.ts";

/** How a folder is read. */
export type FolderOptions = FindOptions & ReadOptions & {
  /** Rows and columns of the view on which an encoder is evaluated, pixels. Default 224. */
  readonly size?: number;
  /** 3, or 1 for grey. Default 3. */
  readonly channels?: 1 | 3;
  /** What happens to an image that cannot be used. Default "skip". */
  readonly onUnreadable?: "skip" | "stop";
};

/**
 * The images of a folder and its subfolders, with halves and labels as {@linkcode findImages} finds them. No image is
 * read before it is needed.
 *
 * @param path The folder.
 * @param options The size, and what happens to an image that cannot be used.
 */
export function loadFolder(path: string, options: FolderOptions = {}): TaskEither<DataError, Split<ImageFiles>> {
  return async () => {
    const found = await findImages(path, options)();
    if (Either.isLeft(found)) return found;
    const { train, test, classes, notices } = found.right;
    notices.forEach((notice) => options.notify?.(notice));
    const half = (images: FoundImages) => filesOf(basename(path) || path, images, classes, options);
    return Either.right({ train: half(train), ...test === undefined ? {} : { test: half(test) } });
  };
}

function filesOf(
  name: string,
  { files, parts, labels }: FoundImages,
  classes: readonly string[] | undefined,
  { size = 224, channels = 3, onUnreadable, limits, recover }: FolderOptions,
): ImageFiles {
  return {
    name,
    paths: files,
    ...parts === undefined ? {} : { parts },
    count: files.length,
    height: size,
    width: size,
    channels,
    ...labels === undefined ? {} : { labels, classes },
    ...onUnreadable === undefined ? {} : { onUnreadable },
    ...limits === undefined ? {} : { limits },
    ...recover === undefined ? {} : { recover },
  };
}
