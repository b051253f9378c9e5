/**
 * What can be wrong with a file, as data, and its one renderer.
 *
 * @module
 */

/** Contents that are not what their format says. */
export type FormatFault = {
  /** The part of the file. */
  readonly what: string;
  /** What should stand there. */
  readonly expected: string;
  /** What does. */
  readonly found: string;
};

/**
 * One fault of the bytes of a tensor file.
 *
 * - `Truncated`: bytes are missing at the end;
 * - `MalformedHeader`: the header's length, text or JSON cannot be right;
 * - `InvalidTensor`: an entry of the header is not what the format allows, or offsets overlap or leave a gap;
 * - `WrongChecksum`: the file says which checksum it has and has another.
 */
export type FormatError = FormatFault & {
  /** Which of the four kinds. */
  readonly _tag: "Truncated" | "MalformedHeader" | "InvalidTensor" | "WrongChecksum";
};

/** A file or folder that is not there, or cannot be read. */
export type UnreadableFile = { readonly _tag: "UnreadableFile"; readonly path: string; readonly reason: string };

/** A file that could not be written; the temporary file is gone, and what stood at its path is as it was. */
export type UnwritableFile = { readonly _tag: "UnwritableFile"; readonly path: string; readonly reason: string };

/** A file whose bytes are not a whole tensor file, or not the ones that were written. */
export type DamagedFile = { readonly _tag: "DamagedFile"; readonly path: string; readonly fault: FormatError };

/** Everything that reading and writing files can meet. */
export type FileError = UnreadableFile | UnwritableFile | DamagedFile;

/** A fault of a file's contents as a clause: `the header: expected ..., found ...`. */
export function renderFault({ what, expected, found }: FormatFault): string {
  return `${what}: expected ${expected}, found ${found}`;
}

/** A file error as one sentence. */
export function renderFileError(error: FileError): string {
  switch (error._tag) {
    case "UnreadableFile":
      return `Cannot read ${error.path}: ${error.reason}`;
    case "UnwritableFile":
      return `Cannot write ${error.path}: ${error.reason}`;
    case "DamagedFile":
      return `Cannot load ${error.path}: the file is damaged (${renderFault(error.fault)})`;
  }
}
