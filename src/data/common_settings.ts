/**
 * Settings that data sources share.
 *
 * @module
 */
import type { TaskEither } from "../core/either.ts";
import type { Rule } from "../core/declare.ts";
import type { DataError } from "./errors.ts";
import type { LoadOptions, Split } from "./types.ts";

/** Its file or folder. */
export const path = {
  is: "path",
  about: "its folder or file; fashion-mnist and mnist are fetched without one",
  flag: "path",
} as const;

/** How much of it. */
export const limit = { is: "integer", min: 1, about: "images to use, all where absent", flag: "limit" } as const;

/** What every source has. */
export const located = { path, limit } as const;

/** The settings of every source. */
export type Located = { readonly path?: string; readonly limit?: number };

/**
 * Loads the images that a source's settings name; those beyond the limit may be among them.
 *
 * @param source What the configuration says of the source.
 * @param options The size of the images, and where messages go.
 */
export type LoadSource<S> = (
  source: S,
  options: LoadOptions & Required<Pick<LoadOptions, "notify">>,
) => TaskEither<DataError, Split>;

/** A source must say where it is when its images will be read. */
export function needsPath(what: string): Rule<{ readonly data: Located }> {
  return {
    reads: ["data.path"],
    onlyToRead: true,
    check: ({ data: { path } }) =>
      path === undefined ? { expected: `where the ${what} are`, found: "nothing" } : undefined,
  };
}

/** What to answer where a source does not say where it is. */
export function missing(data: string, expected: string): TaskEither<DataError, never> {
  return () => Promise.resolve({ _tag: "Left", left: { _tag: "MissingPath", data, expected } });
}
