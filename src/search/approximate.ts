import { createHash } from "node:crypto";
import { scope } from "../core/scope.ts";
import { halves, words } from "../data/philox.ts";
import { type UsearchIndex, usearchIndex, usearchVersion } from "../dependencies/usearch.ts";
import { BLOCK_BYTES, forEachUnitNeighbours } from "./for_each_neighbours.ts";
import type { Neighbour } from "./nearest.ts";
import { ROUNDING } from "./rounding.ts";
import { countOf, similarityOf, tensorOf, type UnitVectors, vectorsAt } from "./unit_vectors.ts";

/** An approximate index, and how good it is. */
export type ApproximateIndex = {
  /** The nearest rows that it finds for each query, the nearest first. It may find fewer than k. */
  readonly search: (queries: UnitVectors, k: number) => readonly (readonly Neighbour[])[];
  readonly save: (path: string) => void;
  /** The share of the exact nearest neighbours that it finds, in [0, 1]. */
  readonly recall: number;
  /**
   * The digest of the vectors and the version that it was built with: another one means that it must be built again.
   */
  readonly digest: string;
};

/** What of an index is saved beside it. */
export type IndexAbout = Pick<ApproximateIndex, "recall" | "digest">;

/** How many vectors the recall is measured with, and how many of the nearest others of each. */
const PROBES = 200;
const OTHERS = 10;

/** The digest that an index over some vectors has. */
export function digestOfIndex({ values, dim }: UnitVectors): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash("sha256").update(`usearch ${usearchVersion} ${dim}, recall of others\n`).update(bytes).digest(
    "hex",
  );
}

/**
 * Builds an approximate index (a hierarchical navigable small world) over vectors, and measures its recall against
 * exact search: the share of the 10 nearest others of 200 of the vectors.
 *
 * Source: arXiv:1603.09320.
 *
 * @param vectors N unit vectors.
 */
export async function buildIndex(vectors: UnitVectors): Promise<ApproximateIndex> {
  const index = await usearchIndex(vectors.dim);
  index.add(BigUint64Array.from({ length: countOf(vectors) }, (_, row) => BigInt(row)), vectors.values, 0);
  return { ...indexOf(index), recall: recallOf(index, vectors), digest: digestOfIndex(vectors) };
}

/** Loads an index that was saved. */
export async function loadIndex(path: string, dim: number, about: IndexAbout): Promise<ApproximateIndex> {
  const index = await usearchIndex(dim);
  index.load(path);
  return { ...indexOf(index), ...about };
}

function indexOf(index: UsearchIndex): Pick<ApproximateIndex, "search" | "save"> {
  return { search: (queries, k) => searched(index, queries, k), save: (path) => index.save(path) };
}

function searched(
  index: Pick<UsearchIndex, "search" | "size">,
  queries: UnitVectors,
  k: number,
): readonly (readonly Neighbour[])[] {
  const [keys, distances, found] = index.search(queries.values, Math.min(k, index.size()), 0);
  const width = keys.length / countOf(queries);
  return Array.from(found, (count, query) =>
    Array.from({ length: Number(count) }, (_, i) => ({
      index: Number(keys[query * width + i]),
      similarity: 1 - distances[query * width + i],
    })));
}

/**
 * The share of the nearest others of some of the vectors that an index finds. Of images that are equally near, any may
 * be found. An image itself does not count: it is nearly always found.
 */
export function recallOf(index: Pick<UsearchIndex, "search" | "size">, vectors: UnitVectors): number {
  const count = countOf(vectors);
  const others = Math.min(OTHERS, count - 1);
  if (others === 0) return 1;
  const k = others + 1; // with the image itself
  const draw = words(halves(0), [0, 0, 0]);
  const rows = Array.from({ length: Math.min(PROBES, count) }, () => draw() % count);
  const queries = vectorsAt(vectors, rows);
  const found = searched(index, queries, k);
  let hits = 0;
  scope(() =>
    forEachUnitNeighbours(tensorOf(queries), tensorOf(vectors), k, BLOCK_BYTES, (first, similarities) => {
      similarities.dataSync<"float32">().forEach((least, i) => {
        if ((i + 1) % k !== 0) return; // only the last neighbour of each query is the least similar one
        const query = first + Math.floor(i / k);
        hits += found[query]
          .filter(({ index }) => index !== rows[query])
          .slice(0, others)
          .filter(({ index }) => similarityOf(vectors, rows[query], index) >= least - ROUNDING)
          .length;
      });
    })
  );
  return hits / (rows.length * others);
}
