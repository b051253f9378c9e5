/**
 * Loads any data set from its configuration.
 *
 * @module
 */
import type { Partly, Tagged } from "../core/declare.ts";
import { pipe, TaskEither } from "../core/either.ts";
import type { LoadSource } from "./common_settings.ts";
import type { DataError } from "./errors.ts";
import { limited, select } from "./select.ts";
import { sources } from "./table.ts";
import type { Dataset, ImageFiles, LoadOptions, Split } from "./types.ts";

/** Which data set, and how much of it: the `data` of a configuration. Everything but the name may be absent. */
export type DataSource = Partly<Tagged<typeof sources>> & { readonly name: keyof typeof sources };

/**
 * How the images of a source are held: those of a folder and of STL-10 stay in their files, all others are in memory.
 */
export type Loaded<Name extends DataSource["name"]> = Name extends "folder" | "stl10" ? ImageFiles : Dataset;

/**
 * The images that a configuration names, in memory or in files, with the held-out ones if there are any.
 *
 * @param source Which images, from where and how many.
 * @param options The images' size, and where messages go.
 * @returns Right the images, or left why there are none; {@linkcode renderDataError} puts it in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadDataset, renderDataError } from "@momentum-contrast/moco";
 *
 * const loaded = await loadDataset({ name: "folder", path: "no/such/folder" })();
 * assertEquals(
 *   loaded._tag === "Left" && renderDataError(loaded.left),
 *   "Cannot read no/such/folder: no such file or folder",
 * );
 * ```
 */
export function loadDataset<Name extends DataSource["name"]>(
  source: DataSource & { readonly name: Name },
  options: LoadOptions = {},
): TaskEither<DataError, Split<Loaded<Name>>> {
  const { name, limit } = source;
  const notify = options.notify ?? ((message: string) => console.error(message));
  const whole = async () => {
    // The name selects the loader that matches its settings.
    const load = await sources[name].load() as LoadSource<DataSource>;
    return await (load(source, { ...options, notify }) as TaskEither<DataError, Split<Loaded<Name>>>)();
  };
  if (limit === undefined) return whole;
  const part = <D extends Dataset | ImageFiles>(dataset: D): D =>
    limit >= dataset.count ? dataset : select(dataset, limited(dataset.count, limit, dataset.labels));
  return pipe(
    whole,
    TaskEither.map(({ train, test }): Split<Loaded<Name>> => ({
      train: part(train),
      ...test === undefined ? {} : { test: part(test) },
    })),
  );
}
