import { gatherRows } from "../engine/ops/mod.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { dispose, keep, scope } from "../core/scope.ts";
import { BLOCK_BYTES, forEachNeighbours, forEachUnitNeighbours, type VisitNeighbours } from "./for_each_neighbours.ts";
import { tensorOf, type UnitVectors } from "./unit_vectors.ts";

/** A row of the bank that is near a query. */
export type Neighbour = {
  /** Row of the bank. */
  readonly index: number;
  /** Cosine similarity, in [-1, 1]. */
  readonly similarity: number;
};

/**
 * The nearest rows of a bank by cosine similarity, the nearest first; exact.
 *
 * @param queries Features float32 [Q, D].
 * @param bank Features float32 [N, D].
 * @param k Neighbours per query, in [1, N].
 * @returns For each query its k neighbours.
 * @throws {TypeError} if the features' widths differ.
 * @throws {RangeError} if k is outside [1, N].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nearest, tf } from "@momentum-contrast/moco";
 *
 * const bank = tf.tensor2d([[1, 0], [0, 1], [1, 1]]);
 * const [neighbours] = nearest(tf.tensor2d([[0, 5]]), bank, 2);
 * assertEquals(neighbours.map((neighbour) => neighbour.index), [1, 2]);
 * ```
 */
export function nearest(queries: Tensor, bank: Tensor, k: number): readonly (readonly Neighbour[])[] {
  return collected(k, (visit) => forEachNeighbours(queries, bank, k, BLOCK_BYTES, visit));
}

/** Exact search among vectors that the engine holds. */
export type Searcher = {
  /** For each of some unit vectors, its k nearest rows, the nearest first. */
  readonly nearest: (queries: UnitVectors, k: number) => readonly (readonly Neighbour[])[];
  /** Frees the vectors. */
  readonly close: () => void;
};

/**
 * Hands unit vectors to the engine once, for any number of searches.
 *
 * @param vectors N unit vectors.
 * @returns The searches; the caller closes it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSearcher } from "@momentum-contrast/moco";
 *
 * const searcher = createSearcher({ values: Float32Array.of(1, 0, 0, 1), dim: 2 });
 * const [[found]] = searcher.nearest({ values: Float32Array.of(0, 1), dim: 2 }, 1);
 * searcher.close();
 * assertEquals(found, { index: 1, similarity: 1 });
 * ```
 */
export function createSearcher(vectors: UnitVectors): Searcher {
  const all = keep(scope(() => tensorOf(vectors)));
  return {
    nearest: (queries, k) =>
      collected(k, (visit) => scope(() => forEachUnitNeighbours(tensorOf(queries), all, k, BLOCK_BYTES, visit))),
    close: () => dispose(all),
  };
}

/** The neighbours of all queries that a search visits. */
function collected(k: number, search: (visit: VisitNeighbours) => void): readonly (readonly Neighbour[])[] {
  const found: Neighbour[][] = [];
  search((_first, similarities, rows) => {
    const values = similarities.dataSync<"float32">();
    const indices = rows.dataSync<"int32">();
    for (let start = 0; start < values.length; start += k) {
      found.push(
        Array.from({ length: k }, (_, i) => ({ index: indices[start + i], similarity: values[start + i] })),
      );
    }
  });
  return found;
}

/**
 * Some rows of a matrix, in the order given.
 *
 * @param features float32 [N, D].
 * @param rows Indices in [0, N).
 * @returns float32 [rows, D]; the caller owns it.
 */
export function takeRows(features: Tensor, rows: readonly number[]): Tensor {
  return scope(() => gatherRows(features, tf.tensor1d([...rows], "int32")));
}
