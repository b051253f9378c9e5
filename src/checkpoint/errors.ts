/**
 * What can be wrong with a checkpoint, as data, and the one function that renders it.
 *
 * @module
 */
import { onOneLine } from "../core/printable.ts";
import { type FileError, type FormatFault, renderFault, renderFileError } from "../files/errors.ts";

/** One place where a stored state differs from the state that it should fill. */
export type Difference = {
  /** The dot-joined path of the tensor or of the configuration's entry. */
  readonly path: string;
  /** What the program needs there. */
  readonly expected: string;
  /** What the file holds there. */
  readonly found: string;
};

/** A whole tensor file that is not a checkpoint of a run. */
export type NotACheckpoint = FormatFault & { readonly _tag: "NotACheckpoint"; readonly path: string };

/** A checkpoint of another shape or another configuration: every difference at once. */
export type DifferentState = {
  readonly _tag: "DifferentState";
  readonly path: string;
  readonly differences: readonly Difference[];
  /** What helps, in a sentence. */
  readonly advice?: string;
};

/** A folder without a checkpoint that can be loaded. */
export type NoCheckpoint = {
  readonly _tag: "NoCheckpoint";
  readonly folder: string;
  /** The checkpoints that exist but cannot be loaded. */
  readonly damaged: readonly CheckpointError[];
};

/** Every error that saving, loading and restoring can meet. */
export type CheckpointError = FileError | NotACheckpoint | DifferentState | NoCheckpoint;

/** How many differences are written out before the rest are only counted. */
const SHOWN = 20;

/**
 * A checkpoint error as text: one sentence, followed by a line for each difference if there are several.
 *
 * @param found The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderCheckpointError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderCheckpointError({ _tag: "UnreadableFile", path: "runs", reason: "no such file or folder" }),
 *   "Cannot read runs: no such file or folder",
 * );
 * ```
 */
export function renderCheckpointError(found: CheckpointError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "NotACheckpoint":
      return `Cannot load ${error.path} as a checkpoint: ${renderFault(error)}`;
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
        ...error.advice === undefined ? [] : [error.advice],
      ].join("\n");
    }
    case "NoCheckpoint":
      return [
        `Cannot find a checkpoint in ${error.folder}: expected a whole step-*.safetensors, found ${
          error.damaged.length === 0 ? "none" : "only damaged ones"
        }`,
        ...error.damaged.map((one) => `  ${renderCheckpointError(one)}`),
      ].join("\n");
    default:
      return renderFileError(error);
  }
}
