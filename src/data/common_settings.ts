/**
 * Settings that data sources share.
 *
 * @module
 */
import type { TaskEither } from "../core/either.ts";
import type { Rule } from "../core/declare.ts";
import type { DataError } from "./errors.ts";
import type { LoadOptions, Split } from "./types.ts";

/** The path of a source's file or folder. */
export const path = {
  is: "path",
  about: "the folder or file of the data; fashion-mnist and mnist are fetched without one",
  flag: "path",
} as const;

/** How much of a source is used. */
export const limit = { is: "integer", min: 1, about: "images to use, all where absent", flag: "limit" } as const;

/** What every source has. */
export const located = { path, limit } as const;

/** The settings of every source. */
export type Located = { readonly path?: string; readonly limit?: number };

/**
 * Loads the images that a source's settings name. The result may include images beyond the limit.
 *
 * @param source What the configuration says about the source.
 * @param options The size of the images, and where messages go.
 */
export type LoadSource<S> = (
  source: S,
  options: LoadOptions & Required<Pick<LoadOptions, "notify">>,
) => TaskEither<DataError, Split>;

/** Requires a path from a source whose images will be read. */
export function needsPath(what: string): Rule<{ readonly data: Located }> {
  return {
    reads: ["data.path"],
    onlyToRead: true,
    check: ({ data: { path } }) =>
      path === undefined ? { expected: `where the ${what} are`, found: "nothing" } : undefined,
  };
}

/** The answer when a source does not say where it is. */
export function missing(data: string, expected: string): TaskEither<DataError, never> {
  return () => Promise.resolve({ _tag: "Left", left: { _tag: "MissingPath", data, expected } });
}
