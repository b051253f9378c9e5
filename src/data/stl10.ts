/**
 * STL-10 in its binary version: images of 96x96, each as its red, green and blue planes, column by column; and a file
 * of labels, one byte each. The images stay in their files.
 *
 * Source: Coates, Ng, Lee, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning", AISTATS 2011.
 *
 * @module
 */
import { join } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { STL10_SIDE } from "../engine/ops/mod.ts";
import { hasFolder, isFolder, readBytesOf } from "../files/read.ts";
import { reading } from "../files/attempt.ts";
import { classNamesIn } from "./class_names.ts";
import { type DataError, malformed } from "./errors.ts";
import type { ImagePart } from "./image_source.ts";
import type { ImageFiles, Split } from "./types.ts";

/** Bytes of an image. */
const IMAGE = 3 * STL10_SIDE ** 2;

/** The number of classes. Labels begin at 1. */
const CLASSES = 10;

/** The folder in the published archive, and the file with the names of the classes. */
const [ARCHIVE, CLASS_NAMES] = ["stl10_binary", "class_names.txt"];

/** Which images are trained on: the 5,000 that have labels, or the 100,000 that have none. */
export type Stl10Images = "labelled" | "unlabelled";

/**
 * STL-10 from a folder with the files of the binary version, or from one that contains the archive's folder.
 *
 * @param path The folder.
 * @param images Which images are trained on. For training on the labelled ones, the labelled test images are held
 *   out.
 * @param size Rows and columns of the view on which an encoder is evaluated, pixels. Default 96.
 */
export function loadStl10(
  path: string,
  images: Stl10Images,
  size: number = STL10_SIDE,
): TaskEither<DataError, Split<ImageFiles>> {
  return pipe(
    isFolder(path), // says why where there is nothing
    TaskEither.flatMap(() => TaskEither.fromTask(() => hasFolder(join(path, ARCHIVE)))),
    TaskEither.map((isInside) => isInside ? join(path, ARCHIVE) : path),
    TaskEither.flatMap((folder) =>
      images === "unlabelled"
        ? pipe(imagesIn(folder, "unlabeled", size), TaskEither.map((train) => ({ train })))
        : pipe(
          labelled(folder, "train", size),
          TaskEither.flatMap((train) =>
            pipe(labelled(folder, "test", size), TaskEither.map((test) => ({ train, test })))
          ),
        )
    ),
  );
}

function imagesIn(folder: string, half: string, size: number): TaskEither<DataError, ImageFiles> {
  const file = join(folder, `${half}_X.bin`);
  return pipe(
    reading(file, async () => (await Deno.stat(file)).size),
    TaskEither.flatMapEither((bytes): Either<DataError, ImageFiles> => {
      if (bytes === 0 || bytes % IMAGE !== 0) {
        const expected = `a multiple of ${IMAGE.toLocaleString("en")} bytes`;
        return Either.left(malformed(file, { what: "the length", expected, found: bytes.toLocaleString("en") }));
      }
      const count = bytes / IMAGE;
      const places = Array.from({ length: count }, (_, place) => place);
      return Either.right({
        name: "stl10",
        paths: places.map((place) => `${file}/${place}`),
        parts: places.map((place) => partAt(file, place)),
        ...{ count, height: size, width: size, channels: 3 },
      });
    }),
  );
}

/**
 * Where an image lies.
 *
 * @param folder The folder of the data set.
 * @param path The image's path below it, as a listing gives it: `stl10_binary/train_X.bin/17`, say.
 * @returns Its part of a file; undefined where the path is not one of STL-10's.
 */
export function stl10Part(folder: string, path: string): ImagePart | undefined {
  const [, file, place] = /^((?:stl10_binary\/)?(?:train|test|unlabeled)_X\.bin)\/(\d+)$/.exec(path) ?? [];
  return file === undefined ? undefined : partAt(join(folder, file), Number(place));
}

function partAt(file: string, place: number): ImagePart {
  return { file, start: place * IMAGE, length: IMAGE, format: "stl-10" };
}

function labelled(folder: string, half: string, size: number): TaskEither<DataError, ImageFiles> {
  const file = join(folder, `${half}_y.bin`);
  return pipe(
    imagesIn(folder, half, size),
    TaskEither.map((images) => ({ images })),
    TaskEither.bindW("bytes", () => readBytesOf(file)),
    TaskEither.bindW("classes", () => classNamesIn(folder, CLASS_NAMES, CLASSES)),
    TaskEither.flatMapEither(({ images, bytes, classes }): Either<DataError, ImageFiles> => {
      const wrong = bytes.find((label) => label < 1 || label > CLASSES);
      if (bytes.length !== images.count || wrong !== undefined) {
        const fault = wrong === undefined
          ? { what: "the length", expected: `${images.count} labels`, found: String(bytes.length) }
          : { what: "a label", expected: `1 to ${CLASSES}`, found: String(wrong) };
        return Either.left(malformed(file, fault));
      }
      const labels = bytes.map((label) => label - 1);
      return Either.right({ ...images, labels, ...classes === undefined ? {} : { classes } });
    }),
  );
}
