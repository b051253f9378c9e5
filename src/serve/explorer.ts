/**
 * A collection that is looked at: what the server holds of it between requests.
 *
 * @module
 */
import { Either, pipe } from "../core/either.ts";
import type { Answer, Collection } from "../search/collection/collection.ts";
import type { CollectionClusters, CollectionMap, CollectionVectors } from "../search/collection/types.ts";
import type { Leak } from "../search/leaks.ts";
import type { NeighbourGraph } from "../search/neighbour_graph.ts";
import { type UnitVectors, vectorsAt } from "../search/unit_vectors.ts";
import type { AnalysisQuestion, AnalysisResult } from "./analysis_work.ts";
import type { Progress } from "./messages.ts";
import { type EncoderThread, encoderThread } from "./encoder_thread.ts";
import { type Examples, examples } from "./examples.ts";
import { type Pictures, pictures } from "./pictures.ts";
import { readTable, type Table } from "./table.ts";
import { thread } from "./thread.ts";

/** Neighbours of each image that are found: as many as images of one scene usually have near duplicates. */
export const NEIGHBOURS = 8;

/** The least similarity of a leak that is found; the page's slider goes down to it. */
const LEAST_LEAK = 0.8;

const noNeighbours: NeighbourGraph = {
  k: NEIGHBOURS,
  rows: new Int32Array(),
  similarities: new Float32Array(),
};

/** A long computation: how far it is, or what came out, or why it failed. */
export type Analysis<A> =
  | { readonly _tag: "Running"; readonly progress: Progress }
  | { readonly _tag: "Done"; readonly result: A }
  | { readonly _tag: "Failed"; readonly reason: string };

/** Vectors, and whose they are. */
export type PlacedVectors = CollectionVectors & {
  /** The row of each vector's image. */
  readonly rows: Int32Array;
  /** The place of an image's vector, by the image's number; undefined if it has none. */
  readonly placeOf: (id: number) => number | undefined;
};

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
  /** Writes tags or selections, of which nothing is held. */
  readonly write: <A>(body: (collection: Collection) => A) => A;
  /** The images by row. */
  readonly table: () => Answer<Table>;
  /** The map of an encoder's vectors; undefined where none was made. */
  readonly map: (encoder: string) => Answer<CollectionMap | undefined>;
  /** The clusters of an encoder's vectors; undefined where none were made. */
  readonly clusters: (encoder: string) => Answer<CollectionClusters | undefined>;
  /** An encoder's vectors, one for each row that has one. */
  readonly vectors: (encoder: string) => Answer<PlacedVectors>;
  /** The nearest other images of every image. The first call begins the computation. */
  readonly neighbours: (encoder: string) => Answer<Analysis<NeighbourGraph>>;
  /** Test images that are near a training image, as places in the vectors. The first call begins the computation. */
  readonly leaks: (encoder: string) => Answer<Analysis<readonly Leak[]>>;
  readonly close: () => void;
};

/** Looks at an open collection, which it does not close. */
export function explorer(collection: Collection): Explorer {
  let seen: string | undefined;
  let version = 0;
  let read: Table | undefined;
  const vectors = new Map<string, Answer<PlacedVectors>>();
  const maps = new Map<string, Answer<CollectionMap | undefined>>();
  const clusters = new Map<string, Answer<CollectionClusters | undefined>>();
  const analyses = new Map<string, { now: Analysis<AnalysisResult> }>();
  const analyst = thread<AnalysisQuestion, AnalysisResult>(new URL("./analysis_work.ts", import.meta.url));
  const images = pictures();
  const encoders = encoderThread(collection.path);

  const table = (): Answer<Table> => {
    if (read !== undefined) return Either.right(read);
    const made = readTable(collection, version);
    if (Either.isRight(made)) read = made.right;
    return made;
  };
  const refresh = (): void => {
    const found = stampOf(collection.path);
    if (found === seen) return;
    seen = found;
    maps.clear();
    clusters.clear();
    vectors.clear();
    const before = read;
    const made = readTable(collection, version + 1);
    if (Either.isRight(made) && before !== undefined && isSame(before, made.right)) return;
    version++;
    read = Either.isRight(made) ? made.right : undefined;
    analyses.clear();
  };
  const write = <A>(body: (collection: Collection) => A): A => {
    const isOurs = stampOf(collection.path) === seen;
    try {
      return body(collection);
    } finally {
      if (isOurs) seen = stampOf(collection.path);
    }
  };
  const vectorsOf = (encoder: string): Answer<PlacedVectors> =>
    held(vectors, encoder, () =>
      pipe(
        Either.Do,
        Either.bindW("found", () => collection.vectors(encoder)),
        Either.bindW("table", table),
        Either.map(({ found, table }) => placed(found, table)),
      ));
  /** A computation, which is begun once; without a question, the result is that of no images. */
  const analysed = <A extends AnalysisResult>(
    key: string,
    begin: () => AnalysisQuestion | undefined,
    none: A,
  ): Analysis<A> => {
    const known = analyses.get(key);
    if (known !== undefined) return known.now as Analysis<A>;
    const question = begin();
    if (question === undefined) return { _tag: "Done", result: none };
    const analysis: { now: Analysis<AnalysisResult> } = { now: { _tag: "Running", progress: { done: 0, count: 1 } } };
    analyses.set(key, analysis);
    analyst.ask(question, (done, count) => analysis.now = { _tag: "Running", progress: { done, count } }).then(
      (result) => analysis.now = { _tag: "Done", result },
      (thrown) => analysis.now = { _tag: "Failed", reason: (thrown as Error).message },
    );
    return analysis.now as Analysis<A>;
  };
  return {
    collection,
    pictures: images,
    examples: examples(encoders),
    encoders,
    refresh,
    write,
    table,
    map: (encoder) => held(maps, encoder, () => collection.map(encoder)),
    clusters: (encoder) => held(clusters, encoder, () => collection.clusters(encoder)),
    vectors: vectorsOf,
    neighbours: (encoder) =>
      Either.map((found: PlacedVectors) => analysed(`neighbours ${encoder}`, () => neighboursOf(found), noNeighbours))(
        vectorsOf(encoder),
      ),
    leaks: (encoder) =>
      pipe(
        Either.Do,
        Either.bindW("found", () => vectorsOf(encoder)),
        Either.bindW("rows", table),
        Either.map(({ found, rows }) => analysed<readonly Leak[]>(`leaks ${encoder}`, () => leaksOf(found, rows), [])),
      ),
    close: () => {
      images.close();
      encoders.close();
      analyst.close();
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

/** When the collection was last written to: by its file, and by the log that SQLite writes before it. */
function stampOf(path: string): string {
  return ["", "-wal"].map((ending) => {
    try {
      const { mtime, size } = Deno.statSync(`${path}${ending}`);
      return `${mtime?.getTime()} ${size}`;
    } catch {
      return "none";
    }
  }).join();
}

/** Whether two tables have the same images with the same columns. Tags are not compared. */
function isSame(a: Table, b: Table): boolean {
  return a.images.length === b.images.length && a.columns.length === b.columns.length &&
    a.images.every(({ tags: _, ...image }, row) => {
      const { tags: _tags, ...other } = b.images[row];
      return JSON.stringify(image) === JSON.stringify(other);
    });
}

function neighboursOf(vectors: CollectionVectors): AnalysisQuestion | undefined {
  const { ids, values, dim } = vectors;
  if (ids.length < 2) return undefined;
  return { kind: "neighbours", vectors: { values, dim }, k: Math.min(NEIGHBOURS, ids.length - 1) };
}

function leaksOf(vectors: PlacedVectors, table: Table): AnalysisQuestion | undefined {
  const { test, train } = halvesOf(vectors, table);
  if (test.length === 0 || train.length === 0) return undefined;
  const part = (places: readonly number[]): UnitVectors => vectorsAt(vectors, places);
  return { kind: "leaks", test: part(test), train: part(train), threshold: LEAST_LEAK };
}

/** The places of the vectors of each half. */
export function halvesOf(
  { rows }: PlacedVectors,
  { images }: Table,
): { readonly test: readonly number[]; readonly train: readonly number[] } {
  const places = (half: "train" | "test"): readonly number[] =>
    Array.from(rows.keys()).filter((place) => images[rows[place]].split === half);
  return { test: places("test"), train: places("train") };
}

/** Vectors with their images' rows. Those of images that came after the table was read are left out. */
function placed({ ids, values, dim }: CollectionVectors, { rowOf }: Table): PlacedVectors {
  const isThere = Array.from(ids.keys()).filter((place) => rowOf(ids[place]) !== undefined);
  const isWhole = isThere.length === ids.length;
  const kept = isWhole ? { ids, values, dim } : {
    ids: Int32Array.from(isThere, (place) => ids[place]),
    ...vectorsAt({ values, dim }, isThere),
  };
  const places = new Map(Array.from(kept.ids, (id, place) => [id, place]));
  return { ...kept, rows: Int32Array.from(kept.ids, (id) => rowOf(id)!), placeOf: (id) => places.get(id) };
}
