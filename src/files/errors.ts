/**
 * What can be wrong with a file, as data, and the one function that renders it.
 *
 * @module
 */
import { onOneLine } from "../core/printable.ts";

/** Contents that are not what their format says. */
export type FormatFault = {
  /** The part of the file. */
  readonly what: string;
  /** What is expected there. */
  readonly expected: string;
  /** What was found there. */
  readonly found: string;
};

/**
 * One fault in the bytes of a tensor file.
 *
 * - `OtherFormat`: the file is no tensor file;
 * - `Truncated`: bytes are missing at the end;
 * - `MalformedHeader`: the header's length, text or JSON cannot be right;
 * - `InvalidTensor`: an entry of the header is not what the format allows, or offsets overlap or leave a gap;
 * - `WrongChecksum`: the file's checksum is not the one that it states.
 */
export type FormatError = FormatFault & {
  /** Which of the five kinds. */
  readonly _tag: "OtherFormat" | "Truncated" | "MalformedHeader" | "InvalidTensor" | "WrongChecksum";
};

/** A file or folder that does not exist, or cannot be read. */
export type UnreadableFile = { readonly _tag: "UnreadableFile"; readonly path: string; readonly reason: string };

/** A file that could not be written. The temporary file has been removed, and what was at its path is unchanged. */
export type UnwritableFile = { readonly _tag: "UnwritableFile"; readonly path: string; readonly reason: string };

/** A file whose bytes are not a whole tensor file, or differ from those that were written. */
export type DamagedFile = { readonly _tag: "DamagedFile"; readonly path: string; readonly fault: FormatError };

/** Every error that reading and writing files can meet. */
export type FileError = UnreadableFile | UnwritableFile | DamagedFile;

/** A fault of a file's contents as a clause: `the header: expected ..., found ...`. */
export function renderFault({ what, expected, found }: FormatFault): string {
  return `${what}: expected ${expected}, found ${found}`;
}

/**
 * A file error as one sentence.
 *
 * @param found The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderFileError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderFileError({ _tag: "UnreadableFile", path: "runs", reason: "no such file or folder" }),
 *   "Cannot read runs: no such file or folder",
 * );
 * ```
 */
export function renderFileError(found: FileError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "UnreadableFile":
      return `Cannot read ${error.path}: ${error.reason}`;
    case "UnwritableFile":
      return `Cannot write ${error.path}: ${error.reason}`;
    case "DamagedFile":
      if (error.fault._tag === "OtherFormat") return `Cannot load ${error.path}: ${renderFault(error.fault)}`;
      return `Cannot load ${error.path}: the file is damaged (${renderFault(error.fault)})`;
  }
}
