/**
 * A collection that is looked at: what the server holds of it between requests.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { Answer, Collection } from "../search/collection/collection.ts";
import type { CollectionVectors } from "../search/collection/types.ts";
import type { Leak } from "../search/leaks.ts";
import type { NeighbourGraph } from "../search/neighbour_graph.ts";
import { type UnitVectors, vectorsAt } from "../search/unit_vectors.ts";
import type { AnalysisQuestion, AnalysisResult } from "./analysis_work.ts";
import type { Progress } from "./messages.ts";
import { type Pictures, pictures } from "./pictures.ts";
import { readTable, type Table } from "./table.ts";
import { thread } from "./thread.ts";

/** Neighbours of each image that are found: as many as images of one scene usually have near duplicates. */
export const NEIGHBOURS = 8;

/** The least similarity of a leak that is found; the page's slider goes down to it. */
export const LEAST_LEAK = 0.8;

/** A long computation: how far it is, or what came out, or why it failed. */
export type Analysis<A> =
  | { readonly _tag: "Running"; readonly progress: Progress }
  | { readonly _tag: "Done"; readonly result: A }
  | { readonly _tag: "Failed"; readonly reason: string };

/** A collection that is looked at. */
export type Explorer = {
  readonly collection: Collection;
  readonly pictures: Pictures;
  /** The images by row. They are read again where images came or went since, if that is asked for. */
  readonly table: (isFresh?: boolean) => Answer<Table>;
  /** An encoder's vectors, one for each row that has one. */
  readonly vectors: (encoder: string) => Answer<CollectionVectors>;
  /** The nearest other images of every image. The first call begins the computation. */
  readonly neighbours: (encoder: string) => Answer<Analysis<NeighbourGraph>>;
  /** Test images that are near a training image, as places in the vectors. The first call begins the computation. */
  readonly leaks: (encoder: string) => Answer<Analysis<readonly Leak[]>>;
  readonly close: () => void;
};

/** Looks at an open collection, which it does not close. */
export function explorer(collection: Collection): Explorer {
  let version = 0;
  let read: Table | undefined;
  const vectors = new Map<string, CollectionVectors>();
  const analyses = new Map<string, Analysis<AnalysisResult>>();
  const analyst = thread<AnalysisQuestion, AnalysisResult>(new URL("./analysis_work.ts", import.meta.url));
  const images = pictures();

  const table = (isFresh = false): Answer<Table> => {
    if (read !== undefined && !isFresh) return Either.right(read);
    const made = readTable(collection, version + 1);
    if (Either.isLeft(made) || (read !== undefined && isSame(read, made.right))) {
      return Either.isLeft(made) ? made : Either.right(read!);
    }
    version++;
    read = made.right;
    vectors.clear();
    analyses.clear();
    return made;
  };
  const vectorsOf = (encoder: string): Answer<CollectionVectors> => {
    const known = vectors.get(encoder);
    if (known !== undefined) return Either.right(known);
    return Either.map((found: CollectionVectors) => {
      vectors.set(encoder, found);
      return found;
    })(collection.vectors(encoder));
  };
  const analysed = (key: string, begin: () => AnalysisQuestion | undefined): Analysis<AnalysisResult> => {
    const known = analyses.get(key);
    if (known !== undefined) return known;
    const question = begin();
    if (question === undefined) return { _tag: "Done", result: [] };
    const set = (analysis: Analysis<AnalysisResult>): void => {
      if (analyses.has(key)) analyses.set(key, analysis); // the images may have changed meanwhile
    };
    const started: Analysis<AnalysisResult> = { _tag: "Running", progress: { done: 0, count: 1 } };
    analyses.set(key, started);
    analyst.ask(question, (done, count) => set({ _tag: "Running", progress: { done, count } })).then(
      (result) => set({ _tag: "Done", result }),
      (thrown) => set({ _tag: "Failed", reason: (thrown as Error).message }),
    );
    return started;
  };
  return {
    collection,
    pictures: images,
    table,
    vectors: vectorsOf,
    neighbours: (encoder) =>
      Either.map((found: CollectionVectors) =>
        analysed(`neighbours ${encoder}`, () => neighboursOf(found)) as Analysis<NeighbourGraph>
      )(vectorsOf(encoder)),
    leaks: (encoder) =>
      Either.flatMap((found: CollectionVectors) =>
        Either.map((rows: Table) =>
          analysed(`leaks ${encoder}`, () => leaksOf(found, rows)) as Analysis<readonly Leak[]>
        )(table())
      )(vectorsOf(encoder)),
    close: () => {
      images.close();
      analyst.close();
    },
  };
}

/** Whether two tables have the same images with the same columns. Tags are not compared. */
function isSame(a: Table, b: Table): boolean {
  return a.images.length === b.images.length && a.columns.length === b.columns.length &&
    a.images.every(({ id, digest, label }, row) => {
      const other = b.images[row];
      return id === other.id && digest === other.digest && label === other.label;
    });
}

function neighboursOf(vectors: CollectionVectors): AnalysisQuestion | undefined {
  const { ids, values, dim } = vectors;
  if (ids.length < 2) return undefined;
  return { kind: "neighbours", vectors: { values, dim }, k: Math.min(NEIGHBOURS, ids.length - 1) };
}

function leaksOf(vectors: CollectionVectors, table: Table): AnalysisQuestion | undefined {
  const { test, train } = halvesOf(vectors, table);
  if (test.length === 0 || train.length === 0) return undefined;
  const part = (places: readonly number[]): UnitVectors => vectorsAt(vectors, places);
  return { kind: "leaks", test: part(test), train: part(train), threshold: LEAST_LEAK };
}

/** The places of the vectors of each half. */
export function halvesOf(
  { ids }: CollectionVectors,
  { images, rowOf }: Table,
): { readonly test: readonly number[]; readonly train: readonly number[] } {
  const split = Array.from(ids, (id) => {
    const row = rowOf(id);
    return row === undefined ? undefined : images[row].split;
  });
  const places = (half: "train" | "test"): readonly number[] =>
    split.flatMap((found, place) => found === half ? [place] : []);
  return { test: places("test"), train: places("train") };
}
