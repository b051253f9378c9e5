/**
 * A collection that is looked at: what the server holds of it between requests.
 *
 * @module
 */
import { Either, pipe } from "../core/either.ts";
import type { Answer, Collection } from "../search/collection/collection.ts";
import type { CollectionClusters, CollectionMap } from "../search/collection/types.ts";
import type { Leak } from "../search/leaks.ts";
import { analyses, type Analysis } from "./analyses.ts";
import { type EncoderThread, encoderThread } from "./encoder_thread.ts";
import { type Examples, examples } from "./examples.ts";
import { type Pictures, pictures } from "./pictures.ts";
import type { Compared } from "./messages.ts";
import { placed, type PlacedVectors } from "./placed_vectors.ts";
import { readTable, type Table } from "./table.ts";

/** A collection that is looked at. */
export type Explorer = {
  readonly collection: Collection;
  readonly pictures: Pictures;
  /** Images that are searched by and that the collection does not have. */
  readonly examples: Examples;
  /** What encoders are asked about single images. */
  readonly encoders: EncoderThread;
  /** Looks whether another program has changed the collection, and reads again what is held of it if so. */
  readonly refresh: () => void;
  /** The images by row. */
  readonly table: () => Answer<Table>;
  /** The map of an encoder's vectors; undefined where none was made. */
  readonly map: (encoder: string) => Answer<CollectionMap | undefined>;
  /** The clusters of an encoder's vectors; undefined where none were made. */
  readonly clusters: (encoder: string) => Answer<CollectionClusters | undefined>;
  /** An encoder's vectors, one for each row that has one. */
  readonly vectors: (encoder: string) => Answer<PlacedVectors>;
  /** Which images are near to each other, as places in the vectors. The first call begins the computation. */
  readonly neighbours: (encoder: string) => Answer<Analysis<Compared>>;
  /** Test images that are near a training image, as places in the vectors. The first call begins the computation. */
  readonly leaks: (encoder: string) => Answer<Analysis<readonly Leak[]>>;
  readonly close: () => void;
};

/**
 * Looks at an open collection, which it does not close. Of tags and selections, which the page writes, nothing is held.
 */
export function explorer(collection: Collection): Explorer {
  let seen: number | undefined;
  // Versions go on from one start to the next, so that an old page or address does not mean other images.
  let version = Date.now();
  let read: Table | undefined;
  const vectors = new Map<string, Answer<PlacedVectors>>();
  const maps = new Map<string, Answer<CollectionMap | undefined>>();
  const clusters = new Map<string, Answer<CollectionClusters | undefined>>();
  const computed = analyses();
  const images = pictures();
  const encoders = encoderThread(collection.path);

  const table = (): Answer<Table> => {
    if (read !== undefined) return Either.right(read);
    const made = readTable(collection, version);
    if (Either.isRight(made)) read = made.right;
    return made;
  };
  const refresh = (): void => {
    const found = collection.revision();
    if (Either.isLeft(found) || found.right === seen) return; // whatever is read next says why it cannot be read
    seen = found.right;
    maps.clear();
    clusters.clear();
    vectors.clear();
    const before = read;
    const made = readTable(collection, version + 1);
    if (Either.isRight(made) && before !== undefined && isSame(before, made.right)) return;
    version++;
    read = Either.isRight(made) ? made.right : undefined;
    computed.clear();
  };
  const vectorsOf = (encoder: string): Answer<PlacedVectors> =>
    held(vectors, encoder, () =>
      pipe(
        Either.Do,
        Either.bindW("found", () => collection.vectors(encoder)),
        Either.bindW("table", table),
        Either.map(({ found, table }) => placed(found, table)),
      ));
  return {
    collection,
    pictures: images,
    examples: examples(encoders),
    encoders,
    refresh,
    table,
    map: (encoder) => held(maps, encoder, () => collection.map(encoder)),
    clusters: (encoder) => held(clusters, encoder, () => collection.clusters(encoder)),
    vectors: vectorsOf,
    neighbours: (encoder) => pipe(vectorsOf(encoder), Either.map((found) => computed.neighbours(encoder, found))),
    leaks: (encoder) =>
      pipe(
        Either.Do,
        Either.bindW("found", () => vectorsOf(encoder)),
        Either.bindW("table", table),
        Either.map(({ found, table }) => computed.leaks(encoder, found, table)),
      ),
    close: () => {
      images.close();
      encoders.close();
      computed.close();
    },
  };
}

/** The answer for an encoder, which is found once. */
function held<A>(answers: Map<string, Answer<A>>, encoder: string, find: () => Answer<A>): Answer<A> {
  const known = answers.get(encoder);
  if (known !== undefined) return known;
  const answer = find();
  if (Either.isRight(answer)) answers.set(encoder, answer);
  return answer;
}

/** Whether two tables have the same images with the same columns. Tags are not compared. */
function isSame(a: Table, b: Table): boolean {
  return a.images.length === b.images.length && a.columns.length === b.columns.length &&
    a.images.every(({ tags: _, ...image }, row) => {
      const { tags: _tags, ...other } = b.images[row];
      return JSON.stringify(image) === JSON.stringify(other);
    });
}
