/**
 * CIFAR-10 and CIFAR-100 in their binary version. A record has one label byte (CIFAR-100: a coarse and a fine one) and
 * 3,072 bytes: the red, green and blue planes of 32x32.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { join } from "node:path";
import { classNamesIn } from "./class_names.ts";
import { type DataError, malformed } from "./errors.ts";
import type { FormatFault } from "../files/errors.ts";
import { hasFolder, isFolder, namesIn, readBytesOf } from "../files/read.ts";
import type { Dataset, Split } from "./types.ts";

const SIDE = 32;
const PLANE = SIDE * SIDE;
const IMAGE = 3 * PLANE;

/** How the two data sets differ. */
type Variant = {
  readonly classes: number;
  /** Label bytes in a record; the last one is the class. */
  readonly labelBytes: number;
  /** The folder in the published archive. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: string;
  readonly classNames: string;
};

const variants: Readonly<Record<"cifar10" | "cifar100", Variant>> = {
  cifar10: {
    classes: 10,
    labelBytes: 1,
    folder: "cifar-10-batches-bin",
    train: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`),
    test: "test_batch.bin",
    classNames: "batches.meta.txt",
  },
  cifar100: {
    classes: 100,
    labelBytes: 2,
    folder: "cifar-100-binary",
    train: ["train.bin"],
    test: "test.bin",
    classNames: "fine_label_names.txt",
  },
};

/**
 * The images of one or more binary batches, with planes converted to pixels.
 *
 * @param batches The bytes of each file, in order.
 * @param name Which of the two formats.
 * @returns Right images uint8 [N, 32, 32, 3] and (fine) labels [N], or left the first fault and the file that has it.
 */
export function parseCifar(
  batches: readonly Uint8Array[],
  name: "cifar10" | "cifar100",
): Either<FormatFault & { readonly batch: number }, {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}> {
  const { labelBytes, classes } = variants[name];
  const record = labelBytes + IMAGE;
  const wrong = batches.findIndex((bytes) => bytes.length === 0 || bytes.length % record !== 0);
  if (wrong >= 0) {
    const found = String(batches[wrong].length);
    return Either.left({ batch: wrong, what: "the length", expected: `a multiple of ${record} bytes`, found });
  }
  const count = batches.reduce((sum, bytes) => sum + bytes.length / record, 0);
  const images = new Uint8Array(count * IMAGE);
  const labels = new Uint8Array(count);
  let n = 0;
  for (const [batch, bytes] of batches.entries()) {
    for (let at = 0; at < bytes.length; at += record, n++) {
      const label = bytes[at + labelBytes - 1];
      if (label >= classes) {
        const what = `the label of image ${at / record}`;
        return Either.left({ batch, what, expected: `at most ${classes - 1}`, found: String(label) });
      }
      labels[n] = label;
      for (let pixel = 0, to = n * IMAGE, from = at + labelBytes; pixel < PLANE; pixel++, to += 3) {
        images[to] = bytes[from + pixel];
        images[to + 1] = bytes[from + PLANE + pixel];
        images[to + 2] = bytes[from + 2 * PLANE + pixel];
      }
    }
  }
  return Either.right({ images, labels });
}

/**
 * CIFAR-10 or CIFAR-100 from a folder with the files of the binary version, or from one that contains the archive's
 * folder.
 *
 * @param path The folder.
 * @param name Which of the two.
 */
export function loadCifar(path: string, name: "cifar10" | "cifar100"): TaskEither<DataError, Split<Dataset>> {
  const inner = join(path, variants[name].folder);
  return pipe(
    isFolder(path), // says why where there is nothing
    TaskEither.flatMap(() => TaskEither.fromTask(() => hasFolder(inner))),
    TaskEither.flatMap((isInside) => loadFiles(isInside ? inner : path, name)),
  );
}

function loadFiles(folder: string, name: "cifar10" | "cifar100"): TaskEither<DataError, Split<Dataset>> {
  const { train, test, classNames, classes: count } = variants[name];
  return pipe(
    namesIn(folder),
    TaskEither.flatMapEither((names): Either<DataError, void> => {
      const missing = [...train, test].filter((file) => !names.includes(file));
      if (missing.length === 0) return Either.right(undefined);
      return Either.left(
        malformed(folder, {
          what: "the folder",
          expected: `the binary version's files ${[...train, test].join(", ")}`,
          found: `no ${missing.join(", ")}`,
        }),
      );
    }),
    TaskEither.flatMap(() => classNamesIn(folder, classNames, count)),
    TaskEither.flatMap((classes) =>
      pipe(
        loadHalf(folder, name, train, classes),
        TaskEither.flatMap((trainSet) =>
          pipe(
            loadHalf(folder, name, [test], classes),
            TaskEither.map((testSet) => ({ train: trainSet, test: testSet })),
          )
        ),
      )
    ),
  );
}

function loadHalf(
  folder: string,
  name: "cifar10" | "cifar100",
  files: readonly string[],
  classes: readonly string[] | undefined,
): TaskEither<DataError, Dataset> {
  return pipe(
    files,
    TaskEither.traverseSeqArray((file) => readBytesOf(join(folder, file))),
    TaskEither.flatMapEither((batches): Either<DataError, Dataset> =>
      pipe(
        parseCifar(batches, name),
        Either.bimap(
          ({ batch, ...fault }) => malformed(join(folder, files[batch]), fault),
          ({ images, labels }) => ({
            name,
            images,
            count: labels.length,
            height: SIDE,
            width: SIDE,
            channels: 3,
            labels,
            ...classes === undefined ? {} : { classes },
          }),
        ),
      )
    ),
  );
}
