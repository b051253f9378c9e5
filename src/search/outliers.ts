import type { NeighbourGraph } from "./neighbour_graph.ts";

/**
 * How far each image is from the images that are nearest to it: the mean Euclidean distance of its unit vector to those
 * of its k neighbours,
 *
 *     d_i = 1/k sum over the k nearest j of |x_i - x_j|,   |x_i - x_j| = sqrt(2 - 2 x_i . x_j).
 *
 * Images with a large distance are outliers. Its inverse, 1 / d_i, is the image's typicality.
 *
 * Source: arXiv:2202.02794, equation 4 (typicality).
 * Reference: reference/search/outliers.ts
 *
 * @param graph The neighbours of N images.
 * @returns [N], in [0, 2].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { neighbourDistances } from "@momentum-contrast/moco";
 *
 * const graph = { k: 1, rows: Int32Array.of(1, 0), similarities: Float32Array.of(0.5, 0.5) };
 * assertEquals([...neighbourDistances(graph)], [1, 1]);
 * ```
 */
export function neighbourDistances({ k, similarities }: NeighbourGraph): Float64Array {
  const distances = new Float64Array(similarities.length / k);
  similarities.forEach((similarity, i) => {
    distances[Math.floor(i / k)] += Math.sqrt(Math.max(0, 2 - 2 * similarity)) / k;
  });
  return distances;
}
