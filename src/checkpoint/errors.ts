/**
 * What can be wrong with a tensor file or a checkpoint, as data, and its one renderer.
 *
 * @module
 */

/**
 * One fault of the bytes of a tensor file.
 *
 * - `Truncated`: bytes are missing at the end;
 * - `MalformedHeader`: the header's length, text or JSON cannot be right;
 * - `InvalidTensor`: an entry of the header is not what the format allows, or offsets overlap or leave a gap;
 * - `WrongChecksum`: the file says which checksum it has and has another.
 */
export type FormatError = {
  /** Which of the four kinds. */
  readonly _tag: "Truncated" | "MalformedHeader" | "InvalidTensor" | "WrongChecksum";
  /** The part of the file. */
  readonly what: string;
  /** What should stand there. */
  readonly expected: string;
  /** What does. */
  readonly found: string;
};

/** One place at which a stored state differs from the state that it should fill. */
export type Difference = {
  /** The tensor's dot-joined path, or a configuration's. */
  readonly path: string;
  /** What the program needs there. */
  readonly expected: string;
  /** What the file holds there. */
  readonly found: string;
};

/** A file that could not be opened or read. */
export type UnreadableFile = { readonly _tag: "UnreadableFile"; readonly path: string; readonly reason: string };

/** A file that could not be written; the temporary file is gone and older files are as they were. */
export type UnwritableFile = {
  readonly _tag: "UnwritableFile";
  readonly path: string;
  readonly reason: string;
  /** The newest checkpoint that is still whole. */
  readonly lastGood?: string;
};

/** A file whose bytes are not a whole tensor file, or not the ones that were written. */
export type DamagedFile = { readonly _tag: "DamagedFile"; readonly path: string; readonly fault: FormatError };

/** A whole tensor file that is no checkpoint of a run. */
export type NotACheckpoint = {
  readonly _tag: "NotACheckpoint";
  readonly path: string;
  readonly what: string;
  readonly expected: string;
  readonly found: string;
};

/** A checkpoint of another shape or another configuration: every difference at once. */
export type DifferentState = {
  readonly _tag: "DifferentState";
  readonly path: string;
  readonly differences: readonly Difference[];
};

/** A folder without a checkpoint that can be loaded. */
export type NoCheckpoint = {
  readonly _tag: "NoCheckpoint";
  readonly folder: string;
  /** The ones that are there and cannot be. */
  readonly damaged: readonly CheckpointError[];
};

/** Everything that saving, loading and restoring can meet. */
export type CheckpointError =
  | UnreadableFile
  | UnwritableFile
  | DamagedFile
  | NotACheckpoint
  | DifferentState
  | NoCheckpoint;

/** How many differences are written out before the rest is only counted. */
const SHOWN = 20;

/** A fault of a file's bytes as a clause: `the header: expected ..., found ...`. */
export function renderFormatError({ what, expected, found }: FormatError): string {
  return `${what}: expected ${expected}, found ${found}`;
}

/** A checkpoint error as text: a sentence, with a line for each difference where there are several. */
export function renderCheckpointError(error: CheckpointError): string {
  switch (error._tag) {
    case "UnreadableFile":
      return `Cannot read ${error.path}: ${error.reason}`;
    case "UnwritableFile": {
      const rest = error.lastGood === undefined
        ? "There is no earlier checkpoint"
        : `The last good checkpoint is ${error.lastGood}`;
      return `Cannot write ${error.path}: ${error.reason}. ${rest}.`;
    }
    case "DamagedFile":
      return `Cannot load ${error.path}: the file is damaged (${renderFormatError(error.fault)})`;
    case "NotACheckpoint":
      return `Cannot load ${error.path} as a checkpoint: ${error.what}: expected ${error.expected}, found ${error.found}`;
    case "DifferentState": {
      const { path, differences } = error;
      const lines = differences.slice(0, SHOWN).map(({ path, expected, found }) =>
        `  ${path}: expected ${expected}, found ${found}`
      );
      const hidden = differences.length - lines.length;
      const count = differences.length === 1 ? "1 difference" : `${differences.length} differences`;
      return [
        `Cannot restore ${path}: ${count} from what this configuration needs`,
        ...lines,
        ...hidden > 0 ? [`  and ${hidden} more`] : [],
      ].join("\n");
    }
    case "NoCheckpoint":
      return [
        `Cannot find a checkpoint in ${error.folder}: expected a whole step-*.safetensors, found ${
          error.damaged.length === 0 ? "none" : "only damaged ones"
        }`,
        ...error.damaged.map((one) => `  ${renderCheckpointError(one)}`),
      ].join("\n");
  }
}
