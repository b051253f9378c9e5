import type { NeighbourGraph } from "../neighbour_graph.ts";

/** The least scale, as a share of the mean distance: images with equal neighbours would otherwise have the scale 0. */
const LEAST_SCALE = 1e-3;
const HALVINGS = 64;

/**
 * How strongly each image is connected with each of its neighbours,
 *
 *     v_(i,j) = exp(-max(0, d_(i,j) - rho_i) / sigma_i),   d_(i,j) = 1 - x_i . x_j,
 *
 * where rho_i is the least distance above 0, so that every image is fully connected with one other, and sigma_i makes
 * the sum over the k neighbours log2(k).
 *
 * Source: arXiv:1802.03426, algorithms 2 and 3.
 * Reference: reference/search/umap.ts
 *
 * @param graph The neighbours of N images.
 * @returns [N, k], in (0, 1].
 */
export function memberships({ k, similarities }: Pick<NeighbourGraph, "k" | "similarities">): Float64Array {
  const distances = new Float64Array(similarities).map((similarity) => Math.max(0, 1 - similarity));
  const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length;
  const beyond = new Float64Array(k); // one for all images: thousands of small arrays would fill the memory
  for (let start = 0; start < distances.length; start += k) {
    let nearest = Infinity, sum = 0;
    for (let j = start; j < start + k; j++) {
      const d = distances[j];
      if (d > 0 && d < nearest) nearest = d;
      sum += d;
    }
    for (let j = 0; j < k; j++) beyond[j] = Math.max(0, distances[start + j] - (nearest === Infinity ? 0 : nearest));
    const least = LEAST_SCALE * (sum > 0 ? sum / k : mean);
    const scale = Math.max(scaleOf(beyond, Math.log2(k)), least, Number.MIN_VALUE);
    for (let j = 0; j < k; j++) distances[start + j] = beyond[j] === 0 ? 1 : Math.exp(-beyond[j] / scale);
  }
  return distances;
}

/** The scale with which the memberships add up to a target, by bisection: the sum rises with the scale. */
function scaleOf(beyond: Float64Array, target: number): number {
  let low = 0, high = Infinity, scale = 1;
  for (let i = 0; i < HALVINGS; i++) {
    let sum = 0;
    for (const d of beyond) sum += d === 0 ? 1 : Math.exp(-d / scale);
    if (Math.abs(sum - target) < 1e-9) break;
    if (sum > target) high = scale;
    else low = scale;
    scale = high === Infinity ? 2 * scale : (low + high) / 2;
  }
  return scale;
}
