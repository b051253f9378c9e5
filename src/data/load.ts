/**
 * Any data set by its configuration.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { loadCifar } from "./cifar.ts";
import type { DataError } from "./errors.ts";
import { classes as fashionClasses, loadFashionMnist } from "./fashion_mnist.ts";
import { loadFolder } from "./folder.ts";
import { loadIdx } from "./idx.ts";
import { classes as digitClasses, loadMnist } from "./mnist.ts";
import { limited, select } from "./select.ts";
import type { Dataset, Split } from "./types.ts";

/** Which data set, and how much of it: the `data` of a configuration. */
export type DataSource = {
  /** Which kind of data. */
  readonly name: "fashion-mnist" | "mnist" | "cifar10" | "cifar100" | "idx" | "folder";
  /** Its file or folder. The two MNISTs are fetched where there is none, and read as IDX files where there is. */
  readonly path?: string;
  /** The greatest number of images of each half, spread evenly over the classes where there are labels. */
  readonly limit?: number;
  /** What an image that cannot be read does. Default "skip". */
  readonly onUnreadable?: "skip" | "stop";
};

/** How a data set is loaded, beside its configuration. */
export type LoadOptions = {
  /** The height and width of the views that will be made, pixels: decides the size of a folder's images in memory. */
  readonly viewSize?: number;
  /** Height and width of a folder's images in memory, pixels. */
  readonly size?: number;
  /** Is told, a line each, what a user should know: downloads, progress, skipped files. Default: stderr. */
  readonly notify?: (message: string) => void;
};

/**
 * The images that a configuration names, in memory, with the held-out ones where there are any.
 *
 * @param source Which, from where and how many.
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
export function loadDataset(source: DataSource, options: LoadOptions = {}): TaskEither<DataError, Split> {
  const { name, path, limit, onUnreadable } = source;
  const notify = options.notify ?? ((message: string) => console.error(message));
  const whole = (): TaskEither<DataError, Split> => {
    switch (name) {
      case "fashion-mnist":
        return path === undefined ? loadFashionMnist(notify) : loadIdx(path, name, fashionClasses);
      case "mnist":
        return path === undefined ? loadMnist(notify) : loadIdx(path, name, digitClasses);
      case "cifar10":
      case "cifar100":
        return path === undefined ? missing(name, "the folder of its binary version") : loadCifar(path, name);
      case "idx":
        return path === undefined ? missing(name, "a file or folder of IDX files") : loadIdx(path, name);
      case "folder":
        return path === undefined
          ? missing(name, "a folder of images")
          : loadFolder(path, { ...options, ...limit === undefined ? {} : { limit }, onUnreadable, notify });
    }
  };
  if (limit === undefined || name === "folder") return whole();
  const part = (dataset: Dataset): Dataset =>
    limit >= dataset.count ? dataset : select(dataset, limited(dataset.count, limit, dataset.labels));
  return pipe(
    whole(),
    TaskEither.map(({ train, test }): Split => ({
      train: part(train),
      ...test === undefined ? {} : { test: part(test) },
    })),
  );
}

function missing(data: string, expected: string): TaskEither<DataError, never> {
  return () => Promise.resolve(Either.left({ _tag: "MissingPath", data, expected }));
}
