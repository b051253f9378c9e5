/**
 * Identifies the images of a data set by two values that a checkpoint can hold.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { sep } from "node:path";
import { counted } from "../core/counted.ts";
import { type Dataset, type ImageFiles, type Images, isInFiles } from "./types.ts";

/** What distinguishes the images of a run from others. */
export type DataDigest = {
  /** How many there are. */
  readonly images: number;
  /**
   * SHA-256 in hexadecimal digits. For files it covers their names, sizes and order; otherwise it covers the pixels.
   */
  readonly digest: string;
};

/**
 * The digest of a data set. The names of files are relative to the folder that they have in common, so the folder can
 * be moved. Files are not read, so a file whose contents change while its size stays counts as the same.
 *
 * @param data The data set.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { digestOf } from "@momentum-contrast/moco";
 *
 * const images = { name: "two", images: Uint8Array.of(1, 2), count: 2, height: 1, width: 1, channels: 1 };
 * assertEquals(digestOf(images).images, 2);
 * ```
 */
export function digestOf(data: Dataset | ImageFiles): DataDigest {
  return { images: data.count, digest: isInFiles(data) ? digestOfFiles(data) : digestOfPixels(data) };
}

/**
 * How the images of now differ from those of before, worded as what was found.
 *
 * @returns Undefined if they do not differ, or if it is not known which images there were.
 */
export function dataDifference(before: DataDigest | undefined, now: DataDigest | undefined): string | undefined {
  if (before === undefined || now === undefined || before.digest === now.digest) return undefined;
  return before.images === now.images
    ? `as many images as before (${now.images.toLocaleString("en")}), but of other names, sizes or contents`
    : `${counted(now.images, "image")} where there were ${before.images.toLocaleString("en")}`;
}

function digestOfFiles({ paths, parts }: ImageFiles): string {
  const hash = createHash("sha256");
  const folder = commonFolder(paths);
  for (const [image, path] of paths.entries()) {
    const name = path.split(sep).slice(folder.length).join("/");
    hash.update(`${JSON.stringify([name, parts?.[image]?.length ?? sizeOf(path)])}\n`);
  }
  return hash.digest("hex");
}

function digestOfPixels({ images, count, height, width, channels }: Images): string {
  return createHash("sha256").update(JSON.stringify([count, height, width, channels])).update(images).digest("hex");
}

/** The innermost folder that holds all files, as the names on the path to it. */
function commonFolder([first = "", ...others]: readonly string[]): readonly string[] {
  let common = first.split(sep).slice(0, -1);
  for (const path of others) {
    const names = path.split(sep);
    const end = common.findIndex((name, place) => name !== names[place]);
    if (end >= 0) common = common.slice(0, end);
  }
  return common;
}

/** Size in bytes; null if the file cannot be inspected, in which case no training will see it. */
function sizeOf(path: string): number | null {
  try {
    return Deno.statSync(path).size;
  } catch {
    return null;
  }
}
