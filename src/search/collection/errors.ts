/**
 * Why a collection cannot be read or written, as data, and its one renderer.
 *
 * @module
 */
import { renderFileError, type UnreadableFile, type UnwritableFile } from "../../files/errors.ts";

/** A file that is no collection. */
export type NotACollection = {
  readonly _tag: "NotACollection";
  readonly path: string;
  /** What it is. */
  readonly found: string;
};

/** A collection that a newer version of this program has made. */
export type NewerCollection = {
  readonly _tag: "NewerCollection";
  readonly path: string;
  /** The version of its tables. */
  readonly version: number;
  /** The newest version that this program reads. */
  readonly expected: number;
};

/** A collection whose bytes are not what SQLite wrote. */
export type DamagedCollection = {
  readonly _tag: "DamagedCollection";
  readonly path: string;
  /** What SQLite says. */
  readonly reason: string;
};

/** A collection that another program has been writing to for longer than this one waits. */
export type BusyCollection = { readonly _tag: "BusyCollection"; readonly path: string };

/** Vectors of another encoder than those that are in the collection. */
export type OtherEncoder = {
  readonly _tag: "OtherEncoder";
  readonly path: string;
  /** The encoders in the collection, in words. */
  readonly expected: readonly string[];
  /** The encoder that was to be added, in words. */
  readonly found: string;
};

/** Vectors that are not in the collection, or of which it is not clear which are meant. */
export type NoSuchVectors = {
  readonly _tag: "NoSuchVectors";
  readonly path: string;
  /** The name that was asked for, if one was. */
  readonly name?: string;
  /** The names that there are. */
  readonly expected: readonly string[];
};

/** Everything that keeps a collection from being read or written. */
export type CollectionError =
  | UnreadableFile
  | UnwritableFile
  | NotACollection
  | NewerCollection
  | DamagedCollection
  | BusyCollection
  | OtherEncoder
  | NoSuchVectors;

/**
 * An error of a collection as one line.
 *
 * @param error The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderCollectionError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderCollectionError({ _tag: "NotACollection", path: "photos.csv", found: "a file of another kind" }),
 *   "Cannot open photos.csv: expected a collection, as moco embed makes it, found a file of another kind",
 * );
 * ```
 */
export function renderCollectionError(error: CollectionError): string {
  switch (error._tag) {
    case "NotACollection":
      return `Cannot open ${error.path}: expected a collection, as moco embed makes it, found ${error.found}`;
    case "NewerCollection":
      return `Cannot open ${error.path}: expected a collection of version ${error.expected} at most, found version ` +
        `${error.version}. Use the version of moco that made it, or a newer one.`;
    case "DamagedCollection":
      return `Cannot read ${error.path}: the collection is damaged (${error.reason}). Embed into a new file.`;
    case "BusyCollection":
      return `Cannot write ${error.path}: another program is writing to it. Try again when it is done.`;
    case "OtherEncoder":
      return `Cannot add vectors to ${error.path}: expected those of ${error.expected.join(" or ")}, found those of ` +
        `${error.found}. To keep both, name the new ones with --as.`;
    case "NoSuchVectors":
      return `Cannot read vectors of ${error.path}: expected ${choice(error.expected)}, found ${foundFor(error)}`;
    case "UnreadableFile":
    case "UnwritableFile":
      return renderFileError(error);
  }
}

function foundFor({ name, expected }: NoSuchVectors): string {
  return name !== undefined ? `"${name}"` : expected.length === 0 ? "none" : "no name";
}

function choice(names: readonly string[]): string {
  return names.length === 0 ? "images that were embedded" : `one of ${names.join(", ")}`;
}
