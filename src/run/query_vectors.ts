/**
 * The vectors of what a user searches by: files, folders, and images of the collection.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import type { PartialConfig } from "../config/types.ts";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import type { DataError, UnreadableImage } from "../data/errors.ts";
import { findImages, type FoundImages } from "../data/find_images.ts";
import type { ImagePart } from "../data/image_source.ts";
import { inMemory } from "../data/in_order.ts";
import { shardKind } from "../data/shard_kind.ts";
import { extractFeatures } from "../evaluate/features.ts";
import { reading } from "../files/attempt.ts";
import { isRecord } from "../files/json.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import { type UnitVectors, vectorAt } from "../search/unit_vectors.ts";
import { centralSquare } from "./central_square.ts";
import type { Collected } from "./collected.ts";
import { type OpenedEncoder, openEncoder } from "./encoder.ts";
import type { RunError } from "./errors.ts";
import type { ChangedEncoder, NoSuchImage } from "./question_errors.ts";
import type { Note } from "./images.ts";
import type { Measurable } from "./measurable.ts";

/** What is searched by: the number of an image of the collection, or the path of an image or of a folder of images. */
export type Example = number | string;

/** An image that is searched by. */
export type Query = {
  /** How it was named, and what it is called. */
  readonly name: string;
  /** Its row among the collection's vectors, if it was named by its number. */
  readonly row?: number;
  /** float32 [D], of length 1. */
  readonly vector: Float32Array;
};

/**
 * The images that some examples stand for, with their vectors. Those that are files are embedded with the encoder that
 * made the collection's vectors.
 *
 * @param collected The collection.
 * @param examples What the user named.
 * @param from The encoder. Default: the checkpoint that the collection names.
 */
export function queriesOf(
  collected: Collected,
  examples: readonly Example[],
  from?: Measurable,
): TaskEither<RunError, readonly Query[]> {
  const numbers = examples.filter((example) => typeof example === "number");
  const paths = examples.filter((example) => typeof example === "string");
  return pipe(
    TaskEither.fromEither(Either.traverseArray((id: number) => byNumber(collected, id))(numbers)),
    TaskEither.map((numbered) => ({ numbered })),
    TaskEither.bindW("embedded", () =>
      paths.length === 0 ? TaskEither.right<RunError, readonly Query[]>([]) : pipe(
        TaskEither.traverseSeqArray(imagesAt)(paths),
        TaskEither.flatMap((images) => embedded(collected, images.flat(), from)),
      )),
    TaskEither.map(({ numbered, embedded }) => [...numbered, ...embedded]),
  );
}

function byNumber({ collection, vectors }: Collected, id: number): Either<NoSuchImage, Query> {
  const row = vectors.ids.indexOf(id);
  return row < 0
    ? Either.left({ _tag: "NoSuchImage", path: collection.path, id })
    : Either.right({ name: `image ${id}`, row, vector: vectorAt(vectors, row) });
}

/** The path of an image, and where it lies in a shard if it is in one. */
type Found = { readonly path: string; readonly part?: ImagePart };

/** A file, or the images of a folder or of a shard. */
function imagesAt(path: string): TaskEither<RunError, readonly Found[]> {
  return pipe(
    reading(path, () => Deno.stat(path)),
    TaskEither.mapLeft((error): RunError => error),
    TaskEither.flatMap(({ isDirectory }) =>
      isDirectory || shardKind(basename(path)) !== undefined
        ? pipe(
          findImages(path, { labels: "none" }),
          TaskEither.bimap(
            (error: DataError): RunError => error,
            ({ train, test }) => [...foundIn(train), ...test === undefined ? [] : foundIn(test)],
          ),
        )
        : TaskEither.right<RunError, readonly Found[]>([{ path: resolve(path) }])
    ),
  );
}

function foundIn({ files, parts }: FoundImages): readonly Found[] {
  return files.map((path, i) => parts?.[i] === undefined ? { path } : { path, part: parts[i] });
}

function embedded(
  { collection, encoder: known, reporter }: Collected,
  images: readonly Found[],
  from?: Measurable,
): TaskEither<RunError, readonly Query[]> {
  return pipe(
    encoderAgain(collection.path, known, from, reporter.note),
    TaskEither.flatMap((encoder) => async (): Promise<Either<RunError, readonly Query[]>> => {
      try {
        return await vectorsOf(encoder, images);
      } finally {
        encoder.close();
      }
    }),
  );
}

/**
 * The encoder that made a collection's vectors, with images prepared as they were for those.
 *
 * @param path The collection.
 * @param known What the collection says of the encoder.
 * @param from Where it is. Default: the checkpoint that the collection names.
 * @param note Receives messages about checkpoints that are passed over.
 * @returns Right the encoder, which the caller closes; left why it cannot be opened, or that it is another one by now.
 */
export function encoderAgain(
  path: string,
  { digest, name, madeBy }: CollectionEncoder,
  from: Measurable | undefined,
  note: Note,
): TaskEither<RunError, OpenedEncoder> {
  const made = isRecord(madeBy) ? madeBy : {};
  const stored = String(made.checkpoint);
  const { encoder, augment } = made as Pick<PartialConfig, "encoder" | "augment">; // checked when it is configured
  const fields = { ...encoder === undefined ? {} : { encoder }, ...augment === undefined ? {} : { augment } };
  const source = from ?? { weights: stored }; // another program's or our own, whatever the file is called
  return pipe(
    openEncoder(source, fields, note),
    TaskEither.flatMapEither((opened): Either<RunError, OpenedEncoder> => {
      if (opened.about.digest === digest) return Either.right(opened);
      opened.close();
      const checkpoint = "run" in source ? source.run : source.weights;
      return Either.left<ChangedEncoder>({ _tag: "ChangedEncoder", path, name, checkpoint });
    }),
  );
}

/** The vectors of some images by an encoder; left the first file that is no image. */
export async function vectorsOf(
  { about, config, embed }: OpenedEncoder,
  found: readonly Found[],
): Promise<Either<UnreadableImage, readonly Query[]>> {
  const { size, ...shorter } = centralSquare(config.augment);
  const [paths, parts] = [found.map(({ path }) => path), found.map(({ part }) => part)];
  const images = inMemory({
    ...{ name: "examples", paths, parts, count: paths.length },
    ...{ height: size, width: size, channels: about.channels === 1 ? 1 : 3, ...shorter },
  });
  const [unreadable] = images.skipped ?? [];
  if (unreadable !== undefined) return Either.left({ _tag: "UnreadableImage", ...unreadable });
  const features = await extractFeatures(embed, images);
  const vectors: UnitVectors = { values: features.dataSync<"float32">(), dim: about.dim };
  dispose({ features });
  return Either.right(paths.map((name, row) => ({ name, vector: vectorAt(vectors, row) })));
}
