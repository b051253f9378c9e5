import { scope } from "../core/scope.ts";
import { BLOCK_BYTES, forEachUnitNeighbours } from "./for_each_neighbours.ts";
import { countOf, tensorOf, type UnitVectors } from "./unit_vectors.ts";

/** The nearest other images of every image, the nearest first. */
export type NeighbourGraph = {
  /** Neighbours of each image. */
  readonly k: number;
  /** Their rows, [N, k], row-major. */
  readonly rows: Int32Array;
  /** Their cosine similarities, [N, k], row-major. */
  readonly similarities: Float32Array;
};

/** Options of {@linkcode neighbourGraph}. */
export type GraphOptions = {
  /** Memory for the similarities of a block of images, in bytes. Default 64 MiB. */
  readonly blockBytes?: number;
  /** Called after each block with the images done so far. */
  readonly onProgress?: (done: number, count: number) => void;
};

/**
 * The k nearest other images of every image, exactly. Equally similar ones come in the order of their rows.
 *
 * Reference: reference/search/neighbours.ts
 *
 * @param vectors N unit vectors.
 * @param k Neighbours of each, in [1, N - 1].
 * @param options The size of a block, a progress callback.
 * @throws {RangeError} if k is not a whole number in [1, N - 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { neighbourGraph } from "@momentum-contrast/moco";
 *
 * const { rows } = neighbourGraph({ values: Float32Array.of(1, 0, 0.8, 0.6, 0, 1), dim: 2 }, 1);
 * assertEquals([...rows], [1, 0, 1]);
 * ```
 */
export function neighbourGraph(vectors: UnitVectors, k: number, options: GraphOptions = {}): NeighbourGraph {
  const count = countOf(vectors);
  if (!Number.isInteger(k) || k < 1 || k >= count) {
    throw new RangeError(`Cannot find neighbours: expected k in [1, ${count - 1}] (the other images), found ${k}`);
  }
  const rows = new Int32Array(count * k);
  const similarities = new Float32Array(count * k);
  const { blockBytes = BLOCK_BYTES, onProgress } = options;
  scope(() => {
    const all = tensorOf(vectors);
    // One more than k, because an image is among its own neighbours.
    forEachUnitNeighbours(all, all, k + 1, blockBytes, (first, foundSimilarities, foundRows) => {
      const values = foundSimilarities.dataSync<"float32">();
      const columns = foundRows.dataSync<"int32">();
      const block = values.length / (k + 1);
      for (let i = 0; i < block; i++) {
        const own = placeOf(first + i, columns, i * (k + 1), k);
        for (let j = 0; j < k; j++) {
          const from = i * (k + 1) + (j < own ? j : j + 1);
          rows[(first + i) * k + j] = columns[from];
          similarities[(first + i) * k + j] = values[from];
        }
      }
      onProgress?.(first + block, count);
    });
  });
  return { k, rows, similarities };
}

/** Where an image stands among its own neighbours; the last place if more than k others are equal to it. */
function placeOf(image: number, rows: Int32Array, start: number, k: number): number {
  for (let place = 0; place < k; place++) if (rows[start + place] === image) return place;
  return k;
}
