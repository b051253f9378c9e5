/**
 * The comparison of all images with each other, of which the page makes groups of duplicates and finds outliers.
 *
 * @module
 */
import { forEachNeighbourPair, neighboursAround } from "../search/close_pairs.ts";
import { OUTLIER_NEIGHBOURS } from "../search/defaults.ts";
import { nearestIn, neighbourGraph } from "../search/neighbour_graph.ts";
import { neighbourDistances } from "../search/outliers.ts";
import { countOf, type UnitVectors } from "../search/unit_vectors.ts";
import type { Compared } from "./messages.ts";

/**
 * Compares all images with each other. The neighbours are found once: those around an image, by which it is joined to
 * others, are the first of those that say how far away it is.
 *
 * @param vectors At least two unit vectors.
 * @param onProgress Called now and then with the images done so far.
 * @returns What is found, by places in the vectors.
 */
export async function compare(
  vectors: UnitVectors,
  onProgress: (done: number, count: number) => void,
): Promise<Compared> {
  const count = countOf(vectors);
  const around = neighboursAround(count);
  const compared = Math.min(OUTLIER_NEIGHBOURS, count - 1);
  const graph = await neighbourGraph(vectors, Math.max(around, compared), { onProgress });
  const first: number[] = [], second: number[] = [], similarities: number[] = [], shares: number[] = [];
  forEachNeighbourPair(nearestIn(graph, around), (one, other, similarity, share) => {
    if (share >= 1) return; // no share in (0, 1) joins them
    first.push(one);
    second.push(other);
    similarities.push(similarity);
    shares.push(share);
  });
  return {
    distances: neighbourDistances(nearestIn(graph, compared)),
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    similarities: Float32Array.from(similarities),
    shares: Float32Array.from(shares),
  };
}
