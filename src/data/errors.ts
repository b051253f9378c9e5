/**
 * What can be wrong with images on disk, as data, and the one function that renders it.
 *
 * @module
 */
import { counted } from "../core/counted.ts";
import { onOneLine } from "../core/printable.ts";
import { type FormatFault, renderFault, renderFileError, type UnreadableFile } from "../files/errors.ts";
import type { SkippedImage } from "./types.ts";

/** A kind of data that needs a path was asked for without one. */
export type MissingPath = { readonly _tag: "MissingPath"; readonly data: string; readonly expected: string };

/** A file that exists but is not what it should be. */
export type MalformedFile = { readonly _tag: "MalformedFile"; readonly path: string; readonly fault: FormatFault };

/** A folder without a single image that can be read. */
export type NoImages = {
  readonly _tag: "NoImages";
  readonly path: string;
  /** What would have been accepted. */
  readonly expected: string;
  /** Kinds of files that were left out, with their counts: ".ppm files: 10". */
  readonly leftOut: readonly string[];
  /** Subfolders that cannot be read. */
  readonly unreadable: readonly SkippedImage[];
};

/** An image that cannot be read, if such an image is to stop the load. */
export type UnreadableImage = { readonly _tag: "UnreadableImage"; readonly path: string; readonly reason: string };

/** A file whose contents are not what its format says. */
export function malformed(path: string, fault: FormatFault): MalformedFile {
  return { _tag: "MalformedFile", path, fault };
}

/** An npm package that could not be fetched. */
export type PackageUnavailable = {
  readonly _tag: "PackageUnavailable";
  /** Its name and version. */
  readonly name: string;
  readonly reason: string;
};

/** A folder whose parts are all named like held-out halves. */
export type UnclearHalves = {
  readonly _tag: "UnclearHalves";
  readonly path: string;
  readonly folders: readonly string[];
};

/** A folder whose images should have labels but have none. */
export type NoClasses = { readonly _tag: "NoClasses"; readonly path: string };

/** Every error that loading a data set can meet. */
export type DataError =
  | MissingPath
  | UnreadableFile
  | MalformedFile
  | NoImages
  | UnreadableImage
  | PackageUnavailable
  | UnclearHalves
  | NoClasses;

/** How many unreadable folders are named before the rest are only counted. */
const NAMED = 5;

/**
 * A data error as text: one sentence, followed by a line for each folder that cannot be read, if these are the cause.
 *
 * @param found The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderDataError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderDataError({ _tag: "UnreadableFile", path: "photos", reason: "no such file or folder" }),
 *   "Cannot read photos: no such file or folder",
 * );
 * ```
 */
export function renderDataError(found: DataError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "MissingPath":
      return `Cannot load ${error.data}: expected a path to ${error.expected}, found none. Set data.path (--path).`;
    case "MalformedFile":
      return `Cannot read ${error.path}: ${renderFault(error.fault)}`;
    case "NoImages": {
      const { path, expected, leftOut, unreadable } = error;
      const found = [
        ...unreadable.length > 0 ? [`${counted(unreadable.length, "folder")} that cannot be read`] : [],
        ...leftOut,
      ];
      return [
        `Cannot load images from ${path}: expected ${expected}, found ${
          found.length === 0 ? "none" : `only ${found.join("; ")}`
        }`,
        ...unreadable.slice(0, NAMED).map(({ path, reason }) => `  ${path}: ${reason}`),
        ...unreadable.length > NAMED ? [`  and ${unreadable.length - NAMED} more`] : [],
      ].join("\n");
    }
    case "UnreadableImage":
      return `Cannot read image ${error.path}: ${error.reason}. ` +
        `Repair or remove it, or let it be skipped (data.onUnreadable "skip").`;
    case "UnclearHalves":
      return `Cannot tell which images of ${error.path} to train on: expected a folder train, ` +
        `found only ${error.folders.join(" and ")}. Name one of them with --path and the other with --test-path.`;
    case "NoClasses":
      return `Cannot label the images of ${error.path}: expected a folder for each class or a list with their paths, ` +
        "found neither";
    case "PackageUnavailable":
      return `Cannot fetch the npm package ${error.name}: ${error.reason}`;
    case "UnreadableFile":
      return renderFileError(error);
  }
}
