import { tf } from "../engine/mod.ts";
import { dispose, scope } from "../core/scope.ts";
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
 * The k nearest other images of every image, exactly. Equally similar ones come in the order of their rows. The event
 * loop runs between blocks.
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
 * const { rows } = await neighbourGraph({ values: Float32Array.of(1, 0, 0.8, 0.6, 0, 1), dim: 2 }, 1);
 * assertEquals([...rows], [1, 0, 1]);
 * ```
 */
export async function neighbourGraph(
  vectors: UnitVectors,
  k: number,
  options: GraphOptions = {},
): Promise<NeighbourGraph> {
  const count = countOf(vectors);
  if (!Number.isInteger(k) || k < 1 || k >= count) {
    throw new RangeError(`Cannot find neighbours: expected k in [1, ${count - 1}] (the other images), found ${k}`);
  }
  const { blockBytes = BLOCK_BYTES, onProgress } = options;
  const graph = { k, rows: new Int32Array(count * k), similarities: new Float32Array(count * k) };
  const block = Math.max(1, Math.floor(blockBytes / (4 * count)));
  const all = scope(() => tensorOf(vectors));
  try {
    for (let first = 0; first < count; first += block) {
      const size = Math.min(block, count - first);
      scope(() => {
        const slice = tf.slice(all, [first, 0], [size, -1]);
        // One more than k, because an image is among its own neighbours.
        forEachUnitNeighbours(slice, all, k + 1, blockBytes, (start, similarities, rows) => {
          putOthers(graph, first + start, similarities.dataSync<"float32">(), rows.dataSync<"int32">());
        });
      });
      onProgress?.(first + size, count);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return graph;
  } finally {
    dispose(all);
  }
}

/** Puts the neighbours of some images into the graph, without the images themselves. */
function putOthers({ k, ...graph }: NeighbourGraph, first: number, similarities: Float32Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length / (k + 1); i++) {
    const start = i * (k + 1);
    const own = placeOf(first + i, rows, start, k);
    for (let j = 0; j < k; j++) {
      const from = start + (j < own ? j : j + 1);
      graph.rows[(first + i) * k + j] = rows[from];
      graph.similarities[(first + i) * k + j] = similarities[from];
    }
  }
}

/** Where an image stands among its own neighbours; the last place if more than k others are equal to it. */
function placeOf(image: number, rows: Int32Array, start: number, k: number): number {
  for (let place = 0; place < k; place++) if (rows[start + place] === image) return place;
  return k;
}
