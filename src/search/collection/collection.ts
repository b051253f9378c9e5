/**
 * A collection of embedded images in one SQLite file.
 *
 * @module
 */
import { Either, pipe, type TaskEither } from "../../core/either.ts";
import { clustersOf, putClusters } from "./clusters.ts";
import { columnsOf } from "./columns.ts";
import { attempt, type Database, openDatabase } from "./database.ts";
import { encoderNamed, encodersOf, type NumberedEncoder } from "./encoders.ts";
import type { CollectionError } from "./errors.ts";
import { countsOf, imagesOf, sourcesOf } from "./images.ts";
import { mapOf, putMap } from "./map.ts";
import { putSelection, removeSelection, selectionNamed, selectionsOf } from "./selections.ts";
import { putTag, removeTag, taggedWith, tagsOf } from "./tags.ts";
import type {
  CollectionClusters,
  CollectionCounts,
  CollectionEncoder,
  CollectionImage,
  CollectionMap,
  CollectionSource,
  CollectionVectors,
  Column,
  Counted,
} from "./types.ts";
import { vectorsOf } from "./vectors.ts";

/** What a collection answers: a result, or why it could not be read or written. */
export type Answer<A> = Either<CollectionError, A>;

/**
 * An open collection. Reading never waits for a program that writes, and sees what was whole when the call began.
 *
 * Where an encoder can be named and is not, the only one that there is is meant.
 */
export type Collection = {
  /** The file. */
  readonly path: string;
  /** A number that is another one as soon as another program has written to the file. */
  readonly revision: () => Answer<number>;
  /** How many images there are. */
  readonly counts: () => Answer<CollectionCounts>;
  /** Where the images come from. */
  readonly sources: () => Answer<readonly CollectionSource[]>;
  /** The images of some numbers, in that order; without numbers, every image that is there, by number. */
  readonly images: (ids?: ArrayLike<number>) => Answer<readonly CollectionImage[]>;
  /** The columns that were joined to the images. */
  readonly columns: () => Answer<readonly Column[]>;
  /** The encoders that have made vectors, the first one first. */
  readonly encoders: () => Answer<readonly CollectionEncoder[]>;
  /** The unit vectors of the images that are there. */
  readonly vectors: (encoder?: string) => Answer<CollectionVectors>;
  /** The map of the images that are there; undefined where none was made. */
  readonly map: (encoder?: string) => Answer<CollectionMap | undefined>;
  /** Saves a map in place of the last one. */
  readonly setMap: (map: CollectionMap, encoder?: string) => Answer<void>;
  /** The clusters of the images that are there; undefined where none were made. */
  readonly clusters: (encoder?: string) => Answer<CollectionClusters | undefined>;
  /** Saves clusters in place of the last ones. */
  readonly setClusters: (clusters: CollectionClusters, encoder?: string) => Answer<void>;
  /** Every tag, with the number of images that bear it. */
  readonly tags: () => Answer<readonly Counted[]>;
  /** The numbers of the images with a tag. */
  readonly tagged: (tag: string) => Answer<Int32Array>;
  /** Gives images a tag. Numbers of no image are passed over. */
  readonly tag: (ids: ArrayLike<number>, tag: string) => Answer<void>;
  /** Takes a tag from images. */
  readonly untag: (ids: ArrayLike<number>, tag: string) => Answer<void>;
  /** Every saved selection, with the number of its images that are there. */
  readonly selections: () => Answer<readonly Counted[]>;
  /**
   * The numbers of a selection's images that are there, in the order in which they were saved; undefined where there is
   * no such selection.
   */
  readonly selection: (name: string) => Answer<Int32Array | undefined>;
  /** Saves a selection in place of the one of that name. */
  readonly select: (ids: ArrayLike<number>, name: string) => Answer<void>;
  /** Removes a saved selection. Its images stay. */
  readonly deselect: (name: string) => Answer<void>;
  /** Closes the file. */
  readonly close: () => void;
};

/** How {@linkcode openCollection} opens a file. */
export type OpenCollectionOptions = {
  /** Whether maps, clusters, tags and selections can be written. Default false. */
  readonly write?: boolean;
};

/**
 * Opens a collection that `embed` has made.
 *
 * Several programs can read a collection while one writes. A writer waits ten seconds for another one.
 *
 * @param path The file.
 * @param options Whether it is written to.
 * @returns Right the collection, which the caller closes; left why it cannot be opened, which
 *   {@linkcode renderCollectionError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openCollection, renderCollectionError } from "@momentum-contrast/moco";
 *
 * const opened = await openCollection("/no/such/photos.moco")();
 * assertEquals(
 *   opened._tag === "Left" && renderCollectionError(opened.left),
 *   "Cannot read /no/such/photos.moco: no such file or folder",
 * );
 * ```
 */
export function openCollection(
  path: string,
  { write = false }: OpenCollectionOptions = {},
): TaskEither<CollectionError, Collection> {
  return () => Promise.resolve(pipe(openDatabase(path, write ? "write" : "read"), Either.map(collectionOf)));
}

/** The functions of an open collection. */
function collectionOf(database: Database): Collection {
  const { path } = database;
  const answer = <A>(body: () => A): Answer<A> => attempt(path, body);
  const withEncoder = <A>(name: string | undefined, body: (encoder: NumberedEncoder) => A): Answer<A> =>
    Either.flatten(answer((): Answer<A> => pipe(encoderNamed(database, name), Either.map(body))));
  return {
    path,
    revision: () => answer(() => database.rows<readonly [number]>("PRAGMA data_version")[0][0]),
    counts: () => answer(() => countsOf(database)),
    sources: () => answer(() => sourcesOf(database)),
    images: (ids) => answer(() => imagesOf(database, ids)),
    columns: () => answer(() => columnsOf(database)),
    encoders: () => answer(() => encodersOf(database).map(({ id: _, ...encoder }) => encoder)),
    vectors: (name) => withEncoder(name, (encoder) => vectorsOf(database, encoder)),
    map: (name) => withEncoder(name, (encoder) => mapOf(database, encoder)),
    setMap: (map, name) => withEncoder(name, (encoder) => putMap(database, encoder, map)),
    clusters: (name) => withEncoder(name, (encoder) => clustersOf(database, encoder)),
    setClusters: (clusters, name) => withEncoder(name, (encoder) => putClusters(database, encoder, clusters)),
    tags: () => answer(() => tagsOf(database)),
    tagged: (tag) => answer(() => taggedWith(database, tag)),
    tag: (ids, tag) => answer(() => putTag(database, ids, tag)),
    untag: (ids, tag) => answer(() => removeTag(database, ids, tag)),
    selections: () => answer(() => selectionsOf(database)),
    selection: (name) => answer(() => selectionNamed(database, name)),
    select: (ids, name) => answer(() => putSelection(database, name, ids)),
    deselect: (name) => answer(() => removeSelection(database, name)),
    close: database.close,
  };
}
