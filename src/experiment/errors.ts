/**
 * Why an experiment cannot be run, as data, and its one renderer.
 *
 * @module
 */
import { onOneLine } from "../core/printable.ts";
import type { ConfigError } from "../config/errors.ts";
import { renderConfigErrors } from "../config/render.ts";
import { renderRunError, type RunError } from "../run/errors.ts";

/** An experiment was named that does not exist. */
export type UnknownExperiment = {
  readonly _tag: "UnknownExperiment";
  readonly name: string;
  /** The names that there are. */
  readonly expected: readonly string[];
  /** The one that was probably meant. */
  readonly suggestion?: string;
};

/** An axis or one of its values was named that the experiment does not have at its scale. */
export type UnknownLabel = {
  readonly _tag: "UnknownLabel";
  /** The axis whose value was meant; absent where the axis itself is unknown. */
  readonly axis?: string;
  readonly found: string;
  /** The labels that there are. */
  readonly expected: readonly string[];
};

/** A cell whose configuration cannot be used. */
export type BadCell = { readonly _tag: "BadCell"; readonly name: string; readonly faults: readonly ConfigError[] };

/** Everything that keeps an experiment from its results. */
export type ExperimentError = RunError | UnknownExperiment | UnknownLabel | BadCell;

/**
 * An error as text: one clear message, with the way out where there is one.
 *
 * @param found The error.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderExperimentError } from "@momentum-contrast/moco";
 *
 * assertEquals(
 *   renderExperimentError({ _tag: "UnreadableFile", path: "runs", reason: "no such file or folder" }),
 *   "Cannot read runs: no such file or folder",
 * );
 * ```
 */
export function renderExperimentError(found: ExperimentError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "UnknownExperiment": {
      const { name, expected, suggestion } = error;
      const meant = suggestion === undefined ? "" : ` (did you mean "${suggestion}"?)`;
      return `Cannot run the experiment: expected one of ${expected.join(", ")}, found "${name}"${meant}`;
    }
    case "UnknownLabel": {
      const { axis, found, expected } = error;
      const [what, labels] = axis === undefined ? ["cells", "axes"] : [`cells by ${axis}`, "values"];
      return `Cannot choose ${what}: expected one of the ${labels} ${expected.map(quoted).join(", ")}, found ${
        quoted(found)
      }`;
    }
    case "BadCell":
      return `${error.name}: ${renderConfigErrors(error.faults)}`;
    default:
      return renderRunError(error);
  }
}

function quoted(label: string): string {
  return `"${label}"`;
}
