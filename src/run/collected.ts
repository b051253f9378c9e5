/**
 * What the functions over a collection share: how it is opened, and which images the rows of an answer are.
 *
 * @module
 */
import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { engineInfo } from "../engine/mod.ts";
import { type Answer, type Collection, openCollection } from "../search/collection/collection.ts";
import type { CollectionEncoder, CollectionImage, CollectionVectors } from "../search/collection/types.ts";
import { type Reporter, silent } from "../train/progress.ts";
import type { RunError } from "./errors.ts";
import type { TooFewVectors } from "./question_errors.ts";
import { badFieldOf } from "./question_fields.ts";

/** A collection, and which of its vectors are meant. */
export type InCollection = {
  /** The file, as `embed` has made it. */
  readonly collection: string;
  /** The name of the vectors. Default: the only ones that there are. */
  readonly vectors?: string;
  /** Receives messages about what is being done. Default: none. */
  readonly reporter?: Reporter;
};

/** An open collection with vectors in memory. */
export type Collected = {
  readonly collection: Collection;
  readonly vectors: CollectionVectors;
  /** The encoder that made them. */
  readonly encoder: CollectionEncoder;
  /** The images of some rows of the vectors, in that order. */
  readonly images: (rows: readonly number[]) => Answer<readonly CollectionImage[]>;
  /** Receives messages about what is being done. */
  readonly reporter: Reporter;
};

/** How {@linkcode inCollection} opens a collection. */
export type CollectedOptions = {
  /** Whether it is written to. Default false. */
  readonly write?: boolean;
  /** The fewest vectors that make sense. Default 1. */
  readonly least?: number;
};

/**
 * Opens a collection, reads vectors of it, and closes it at the end.
 *
 * @param asked The whole request, whose fields are checked.
 * @param body What is done with it.
 * @param options Whether it is written to, and how many vectors it must have.
 */
export function inCollection<A>(
  asked: InCollection,
  body: (collected: Collected) => TaskEither<RunError, A>,
  { write = false, least = 1 }: CollectedOptions = {},
): TaskEither<RunError, A> {
  const { reporter = silent } = asked;
  const bad = badFieldOf(asked);
  if (bad !== undefined) return TaskEither.left(bad);
  return pipe(
    openCollection(resolve(asked.collection), { write }),
    TaskEither.flatMap((collection): TaskEither<RunError, A> => async () => {
      try {
        engineInfo(); // Loading the engine takes memory for a moment, which the vectors would otherwise come on top of.
        const read = pipe(
          collection.vectors(asked.vectors),
          Either.flatMap((vectors) => pipe(collection.encoders(), Either.map((encoders) => ({ vectors, encoders })))),
        );
        if (Either.isLeft(read)) return read;
        const { vectors, encoders } = read.right;
        const found = vectors.ids.length;
        if (found < least) {
          return Either.left<TooFewVectors>({ _tag: "TooFewVectors", path: collection.path, least, found });
        }
        const encoder = encoders.find(({ name }) => name === asked.vectors) ?? encoders[0]; // the only one
        const images = (rows: readonly number[]) => collection.images(rows.map((row) => vectors.ids[row]));
        return await body({ collection, vectors, encoder, images, reporter })();
      } finally {
        collection.close();
      }
    }),
  );
}
