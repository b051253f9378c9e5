/**
 * The IDX format of MNIST and its relatives: a magic number (two zero bytes, the type of the elements, the rank), the
 * sizes (uint32, big-endian), and the elements.
 *
 * @module
 */
import { Either, pipe } from "../dependencies/fp_ts.ts";
import type { TaskEither } from "../core/either.ts";
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
export function parseIdx(bytes: Uint8Array): Either.Either<FormatFault, IdxArray> {
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

/** How a file of images is named: `train-images-idx3-ubyte`, also `emnist-letters-test-images-idx3-ubyte.gz`. */
const IMAGES = /images[-.]idx[34]-ubyte(\.gz)?$/;

/**
 * The images of an IDX file, with the labels of the file beside it that has the same name but for `labels` and `idx1`;
 * or those of a folder, where a name that holds `t10k` or `test` tells the test images. Files may be gzipped.
 *
 * @param path A file of images, [N, H, W] or [N, H, W, C], or a folder of such files.
 * @param name The data set's name.
 * @param classes The names of the classes, where they are known.
 */
export function loadIdx(path: string, name: string, classes?: readonly string[]): TaskEither<DataError, Split> {
  return async () => {
    const folder = await isFolder(path)();
    if (Either.isLeft(folder)) return folder;
    if (!folder.right) {
      return pipe(await loadFile(path, name, classes), Either.map((train): Split => ({ train })));
    }
    const names = await namesIn(path)();
    if (Either.isLeft(names)) return names;
    const images = names.right.filter((name) => IMAGES.test(name));
    const isTest = (name: string): boolean => /t10k|test/.test(name);
    const train = images.filter((name) => !isTest(name));
    const test = images.filter(isTest);
    if (train.length !== 1 || test.length > 1) {
      return Either.left(
        malformed(path, {
          what: "the folder",
          expected: "one file train-images-idx3-ubyte and at most one t10k-images-idx3-ubyte",
          found: images.length === 0 ? "neither" : images.join(", "),
        }),
      );
    }
    const trainSet = await loadFile(join(path, train[0]), name, classes);
    if (Either.isLeft(trainSet)) return trainSet;
    if (test.length === 0) return Either.right({ train: trainSet.right });
    const testSet = await loadFile(join(path, test[0]), name, classes);
    if (Either.isLeft(testSet)) return testSet;
    const { height, width, channels } = trainSet.right;
    const { height: testHeight, width: testWidth, channels: testChannels } = testSet.right;
    if (testHeight !== height || testWidth !== width || testChannels !== channels) {
      return Either.left(
        malformed(join(path, test[0]), {
          what: "the images",
          expected: `${height}x${width}x${channels} as those of training`,
          found: `${testHeight}x${testWidth}x${testChannels}`,
        }),
      );
    }
    return Either.right({ train: trainSet.right, test: testSet.right });
  };
}

async function loadFile(
  path: string,
  name: string,
  classes?: readonly string[],
): Promise<Either.Either<DataError, Dataset>> {
  const images = await readIdx(path);
  if (Either.isLeft(images)) return images;
  const { shape, data } = images.right;
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
  const dataset: Dataset = { name, images: data, count, height, width, channels };
  const beside = await namesIn(dirname(path))();
  if (Either.isLeft(beside)) return beside;
  const stem = (file: string): string => file.replace(/\.gz$/, "").replace(/[-.]idx\d-ubyte$/, "");
  const labelStem = stem(basename(path)).replace("images", "labels");
  const labelFile = labelStem === stem(basename(path))
    ? undefined
    : beside.right.find((name) => /[-.]idx1-ubyte(\.gz)?$/.test(name) && stem(name) === labelStem);
  if (labelFile === undefined) return Either.right(dataset);
  const labelPath = join(dirname(path), labelFile);
  const labels = await readIdx(labelPath);
  if (Either.isLeft(labels)) return labels;
  if (labels.right.shape.length !== 1 || labels.right.shape[0] !== count) {
    return Either.left(
      malformed(labelPath, {
        what: "the labels",
        expected: `[${count}], one for each image`,
        found: `[${labels.right.shape.join(", ")}]`,
      }),
    );
  }
  return Either.right({ ...dataset, labels: labels.right.data, ...classes === undefined ? {} : { classes } });
}

async function readIdx(path: string): Promise<Either.Either<DataError, IdxArray>> {
  const bytes = await readBytesOf(path)();
  if (Either.isLeft(bytes)) return bytes;
  return pipe(parseIdx(bytes.right), Either.mapLeft((fault): DataError => malformed(path, fault)));
}
