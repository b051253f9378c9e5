/**
 * An encoder's vectors with the rows of their images.
 *
 * @module
 */
import type { CollectionVectors } from "../search/collection/types.ts";
import { vectorsAt } from "../search/unit_vectors.ts";
import type { Table } from "./table.ts";

/** Vectors, and whose they are. */
export type PlacedVectors = CollectionVectors & {
  /** The row of each vector's image. */
  readonly rows: Int32Array;
  /** The place of an image's vector, by the image's number; undefined if it has none. */
  readonly placeOf: (id: number) => number | undefined;
};

/** Whether two sets are of the same images and have the same numbers. */
export function isSame(a: PlacedVectors, b: PlacedVectors): boolean {
  return a === b || (areEqual(a.ids, b.ids) && areEqual(a.values, b.values));
}

function areEqual(a: Int32Array | Float32Array, b: Int32Array | Float32Array): boolean {
  return a.length === b.length && a.every((value: number, at: number) => value === b[at]);
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
export function placed({ ids, values, dim }: CollectionVectors, { rowOf }: Table): PlacedVectors {
  const isThere = Array.from(ids.keys()).filter((place) => rowOf(ids[place]) !== undefined);
  const isWhole = isThere.length === ids.length;
  const kept = isWhole ? { ids, values, dim } : {
    ids: Int32Array.from(isThere, (place) => ids[place]),
    ...vectorsAt({ values, dim }, isThere),
  };
  const places = new Map(Array.from(kept.ids, (id, place) => [id, place]));
  return { ...kept, rows: Int32Array.from(kept.ids, (id) => rowOf(id)!), placeOf: (id) => places.get(id) };
}
