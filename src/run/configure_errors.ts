/**
 * Why a configuration cannot be used, as data, and its one renderer.
 *
 * @module
 */
import type { ConfigError } from "../config/errors.ts";
import { renderConfigErrors } from "../config/render.ts";

/** A configuration that cannot be used. */
export type BadConfig = {
  readonly _tag: "BadConfig";
  /** Every fault of it. */
  readonly faults: readonly ConfigError[];
  /** The checkpoint that it was stored in, where it came from one. */
  readonly path?: string;
};

/** A preset was named that does not exist. */
export type UnknownPreset = {
  readonly _tag: "UnknownPreset";
  readonly name: string;
  /** The names that there are. */
  readonly expected: readonly string[];
  /** The one that was probably meant. */
  readonly suggestion?: string;
};

/** A file that should hold a configuration in JSON and does not. */
export type UnreadableConfig = { readonly _tag: "UnreadableConfig"; readonly path: string; readonly reason: string };

/** Everything that is wrong with a request before anything is read or computed. */
export type ConfigureError = BadConfig | UnknownPreset | UnreadableConfig;

/** An error of a request as text. */
export function renderConfigureError(error: ConfigureError): string {
  switch (error._tag) {
    case "BadConfig":
      return `${error.path === undefined ? "" : `${error.path}: `}${renderConfigErrors(error.faults)}`;
    case "UnknownPreset": {
      const { name, expected, suggestion } = error;
      const meant = suggestion === undefined ? "" : ` (did you mean "${suggestion}"?)`;
      return `Cannot use the preset: expected one of ${expected.join(", ")}, found "${name}"${meant}`;
    }
    case "UnreadableConfig":
      return `Cannot read ${error.path}: ${error.reason}`;
  }
}
