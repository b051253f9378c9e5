/**
 * Data sets that come in an npm package: fetched once, converted, checked, and kept.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { pipe, TaskEither } from "../core/either.ts";
import { cached, type LabelledSplit } from "./cached.ts";
import { type DataError, malformed } from "./errors.ts";
import { type DataPackage, packageFolder } from "./npm_package.ts";

/** A data set in a package. */
export type Packaged = {
  readonly npm: DataPackage;
  /** Its name in a configuration, and in messages. */
  readonly name: string;
  readonly title: string;
  readonly classes: readonly string[];
  /** SHA-256, in hexadecimal, of the images and labels of training and then of test. */
  readonly digest: string;
  /** How it is made from the package's folder. */
  readonly read: (folder: string) => TaskEither<DataError, LabelledSplit>;
};

/**
 * A data set from a package, or from the cache folder where it was kept.
 *
 * @param set The data set.
 * @param notify Called with what a user should know.
 */
export function packaged(set: Packaged, notify: (message: string) => void): TaskEither<DataError, LabelledSplit> {
  const { npm, name, title, classes, digest, read } = set;
  const make = pipe(
    TaskEither.fromIO(() => notify(`Fetching ${title} (npm package ${npm.name}, ${npm.megabytes} MB)`)),
    TaskEither.flatMap(() => packageFolder(npm)),
    TaskEither.flatMap((folder): TaskEither<DataError, LabelledSplit> =>
      pipe(
        read(folder),
        TaskEither.filterOrElse(
          (split) => digestOf(split) === digest,
          (split): DataError =>
            malformed(folder, { what: `the SHA-256 of ${title}`, expected: digest, found: digestOf(split) }),
        ),
      )
    ),
  );
  return cached({ name, version: npm.version, classes }, make, notify);
}

function digestOf({ train, test }: LabelledSplit): string {
  const hash = createHash("sha256");
  for (const { images, labels } of [train, test]) hash.update(images).update(labels);
  return hash.digest("hex");
}
