/**
 * The IDX format of MNIST and its relatives: a magic number (two zero bytes, the type of the elements, the rank), the
 * sizes (uint32, big-endian), and the elements.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { basename, dirname, join } from "node:path";
import { type DataError, malformed } from "./errors.ts";
import type { FormatFault } from "../files/errors.ts";
import { isFolder, namesIn, readBytesOf } from "../files/read.ts";
import type { Dataset, Split } from "./types.ts";

/** An array of unsigned bytes. */
export type IdxArray = { readonly shape: readonly number[]; readonly data: Uint8Array };

/** The type byte of unsigned bytes, the only type that images come in. */
const UINT8 = 0x08;

/**
 * The array in the bytes of an IDX file. Its data are a view of `bytes`, not a copy.
 *
 * @param bytes The whole file.
 * @returns Right the array, or left what is wrong with the bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseIdx } from "./idx.ts";
 *
 * const parsed = parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9));
 * assertEquals(parsed, { _tag: "Right", right: { shape: [2], data: Uint8Array.of(7, 9) } });
 * ```
 */
export function parseIdx(bytes: Uint8Array): Either<FormatFault, IdxArray> {
  const fail = (what: string, expected: string, found: string) => Either.left({ what, expected, found });
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    const found = bytes.length < 4 ? `${bytes.length} bytes` : `bytes ${[...bytes.subarray(0, 4)].join(" ")}`;
    return fail("the magic number", "two zero bytes, a type and a rank", found);
  }
  if (bytes[2] !== UINT8) return fail("the type", `${UINT8} (unsigned bytes)`, String(bytes[2]));
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (rank === 0 || bytes.length < start) {
    return fail("the sizes", "one or more, 4 bytes each", rank === 0 ? "none" : `${bytes.length - 4} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - start !== length) {
    return fail("the data", `${length} bytes for [${shape.join(", ")}]`, String(bytes.length - start));
  }
  return Either.right({ shape, data: bytes.subarray(start) });
}

/** How a file of images is named: `train-images-idx3-ubyte`, or also `emnist-letters-test-images-idx3-ubyte.gz`. */
const IMAGES = /images[-.]idx[34]-ubyte(\.gz)?$/;

/**
 * The images of an IDX file or of a folder of such files. The labels are in the file beside it whose name differs only
 * in `labels` and `idx1`. In a folder, the test images are those whose name contains `t10k` or `test`. Files may be
 * gzipped.
 *
 * @param path A file of images, [N, H, W] or [N, H, W, C], or a folder of such files.
 * @param name The data set's name.
 * @param classes The names of the classes, if they are known.
 */
export function loadIdx(
  path: string,
  name: string,
  classes?: readonly string[],
): TaskEither<DataError, Split<Dataset>> {
  return pipe(
    isFolder(path),
    TaskEither.flatMap((folder): TaskEither<DataError, Split<Dataset>> =>
      folder
        ? loadHalves(path, name, classes)
        : pipe(loadFile(path, name, classes), TaskEither.map((train) => ({ train })))
    ),
  );
}

function loadHalves(path: string, name: string, classes?: readonly string[]): TaskEither<DataError, Split<Dataset>> {
  return pipe(
    namesIn(path),
    TaskEither.flatMapEither((names) => halvesOf(path, names)),
    TaskEither.flatMap((files): TaskEither<DataError, Split<Dataset>> =>
      pipe(
        loadFile(join(path, files.train), name, classes),
        TaskEither.flatMap((train): TaskEither<DataError, Split<Dataset>> => {
          if (files.test === undefined) return TaskEither.right({ train });
          const testPath = join(path, files.test);
          return pipe(
            loadFile(testPath, name, classes),
            TaskEither.filterOrElse(
              (test) => sizeOf(test) === sizeOf(train),
              (test): DataError =>
                malformed(testPath, {
                  what: "the images",
                  expected: `${sizeOf(train)} as those of training`,
                  found: sizeOf(test),
                }),
            ),
            TaskEither.map((test) => ({ train, test })),
          );
        }),
      )
    ),
  );
}

/** Which files of a folder hold the training images and the test images. */
function halvesOf(
  path: string,
  names: readonly string[],
): Either<DataError, { readonly train: string; readonly test?: string }> {
  const images = names.filter((name) => IMAGES.test(name));
  const isTest = (name: string): boolean => /t10k|test/.test(name);
  const train = images.filter((name) => !isTest(name));
  const test = images.filter(isTest);
  if (train.length === 1 && test.length <= 1) return Either.right({ train: train[0], test: test[0] });
  return Either.left(
    malformed(path, {
      what: "the folder",
      expected: "one file train-images-idx3-ubyte and at most one t10k-images-idx3-ubyte",
      found: images.length === 0 ? "neither. For a folder of image files give --data folder" : images.join(", "),
    }),
  );
}

function sizeOf({ height, width, channels }: Dataset): string {
  return `${height}x${width}x${channels}`;
}

function loadFile(path: string, name: string, classes?: readonly string[]): TaskEither<DataError, Dataset> {
  return pipe(
    readIdx(path),
    TaskEither.flatMapEither((images) => datasetOf(path, name, images)),
    TaskEither.flatMap((dataset) =>
      pipe(
        namesIn(dirname(path)),
        TaskEither.map((names) => labelsBeside(basename(path), names)),
        TaskEither.flatMap((file): TaskEither<DataError, Dataset> =>
          file === undefined ? TaskEither.right(dataset) : pipe(
            loadLabels(join(dirname(path), file), dataset.count, classes?.length),
            TaskEither.map((labels) => ({ ...dataset, labels, ...classes === undefined ? {} : { classes } })),
          )
        ),
      )
    ),
  );
}

function datasetOf(path: string, name: string, { shape, data }: IdxArray): Either<DataError, Dataset> {
  if ((shape.length !== 3 && !(shape.length === 4 && [1, 3].includes(shape[3]))) || data.length === 0) {
    return Either.left(
      malformed(path, {
        what: "the shape",
        expected: "images [N, H, W] or [N, H, W, 1 or 3], none of them 0",
        found: `[${shape.join(", ")}]`,
      }),
    );
  }
  const [count, height, width, channels = 1] = shape;
  return Either.right({ name, images: data, count, height, width, channels });
}

/** The file of labels that goes with a file of images. */
function labelsBeside(images: string, names: readonly string[]): string | undefined {
  const stem = (file: string): string => file.replace(/\.gz$/, "").replace(/[-.]idx\d-ubyte$/, "");
  const wanted = stem(images).replace("images", "labels");
  if (wanted === stem(images)) return undefined;
  return names.find((name) => /[-.]idx1-ubyte(\.gz)?$/.test(name) && stem(name) === wanted);
}

/** Labels, each of them one of `classes` where it is known how many there are. */
function loadLabels(path: string, count: number, classes = 256): TaskEither<DataError, Uint8Array> {
  return pipe(
    readIdx(path),
    TaskEither.filterOrElse(
      ({ shape }) => shape.length === 1 && shape[0] === count,
      ({ shape }): DataError =>
        malformed(path, {
          what: "the labels",
          expected: `[${count}], one for each image`,
          found: `[${shape.join(", ")}]`,
        }),
    ),
    TaskEither.map(({ data }) => data),
    TaskEither.filterOrElse(
      (labels) => labels.every((label) => label < classes),
      (labels): DataError => {
        const wrong = labels.findIndex((label) => label >= classes);
        const found = String(labels[wrong]);
        return malformed(path, { what: `the label of image ${wrong}`, expected: `at most ${classes - 1}`, found });
      },
    ),
  );
}

function readIdx(path: string): TaskEither<DataError, IdxArray> {
  return pipe(
    readBytesOf(path),
    TaskEither.flatMapEither((bytes): Either<DataError, IdxArray> =>
      pipe(parseIdx(bytes), Either.mapLeft((fault) => malformed(path, fault)))
    ),
  );
}
