/**
 * Why weights cannot come in or go out, as data, and its one renderer.
 *
 * @module
 */
import { onOneLine } from "../core/printable.ts";

/** A file in none of the layouts that are known. */
export type UnknownLayout = {
  readonly _tag: "UnknownLayout";
  readonly path: string;
  /** The layouts that there are. */
  readonly expected: readonly string[];
  /** Some of the file's names. */
  readonly found: readonly string[];
};

/** A checkpoint of this library, where another program's weights were expected. */
export type OwnCheckpoint = { readonly _tag: "OwnCheckpoint"; readonly path: string };

/** A file with an encoder that cannot be built here. */
export type UnknownEncoder = {
  readonly _tag: "UnknownEncoder";
  readonly path: string;
  readonly expected: string;
  readonly found: string;
};

/** An encoder that a format cannot hold. */
export type CannotExport = {
  readonly _tag: "CannotExport";
  readonly path: string;
  readonly format: string;
  readonly expected: string;
  readonly found: string;
};

/** A format was named that does not exist. */
export type UnknownFormat = {
  readonly _tag: "UnknownFormat";
  readonly name: string;
  /** The names that there are. */
  readonly expected: readonly string[];
};

/** Everything that keeps weights from coming in or going out. */
export type InterchangeError = UnknownLayout | OwnCheckpoint | UnknownEncoder | CannotExport | UnknownFormat;

/** An error as one sentence. */
export function renderInterchangeError(found: InterchangeError): string {
  const error = onOneLine(found);
  switch (error._tag) {
    case "UnknownLayout": {
      const names = error.found.length === 0 ? "no names" : `names such as ${error.found.join(", ")}`;
      return `Cannot import ${error.path}: expected an encoder as ${error.expected.join(", ")} name it, found ${names}`;
    }
    case "OwnCheckpoint":
      return `Cannot import ${error.path}: expected another program's weights, found a checkpoint of this one, which ` +
        "every command takes as it is";
    case "UnknownEncoder":
      return `Cannot import ${error.path}: expected ${error.expected}, found ${error.found}`;
    case "CannotExport":
      return `Cannot export ${error.path} as ${error.format}: expected ${error.expected}, found ${error.found}`;
    case "UnknownFormat":
      return `Cannot export: expected the format ${error.expected.join(", ")}, found "${error.name}"`;
  }
}
