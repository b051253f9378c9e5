import { betweenZeroAndOne, checkNumbers } from "../core/check_numbers.ts";
import type { NeighbourGraph } from "./neighbour_graph.ts";
import { ROUNDING } from "./rounding.ts";
import { unionFind } from "./union_find.ts";

/**
 * How many neighbours of an image say how far apart images are around it: a tenth of a small collection, of which ten
 * would be nearly all, at least 2 and at most 10.
 *
 * @param count The images of the collection, at least 2.
 */
export function neighboursAround(count: number): number {
  return Math.min(Math.max(2, Math.round(count / 10)), 10, count - 1);
}

/** What a neighbourhood may be less wide than the median one. A large group of copies is its own neighbourhood. */
const NARROWEST = 1 / 4;

/**
 * Walks the pairs of images of which one is among the k nearest of the other, with the share that their distance has of
 * those around them:
 *
 *     share_(i,j) = d_(i,j) / sqrt(r_i r_j),   d_(i,j) = 1 - x_i . x_j,
 *
 * where r_i is as in {@linkcode forEachClosePair}. What float32 may have added to the distance is taken off it, so that
 * equal images have the share 0. Every pair comes once.
 *
 * Source: L. Zelnik-Manor and P. Perona, "Self-tuning spectral clustering", 2004, section 3.
 *
 * @param graph The neighbours of N images.
 * @param visit Receives the rows of a pair, the lower one first, its similarity, and its share as a number of float32,
 *   because the page is sent such numbers and has to judge as the command does.
 */
export function forEachNeighbourPair(
  { k, rows, similarities }: NeighbourGraph,
  visit: (first: number, second: number, similarity: number, share: number) => void,
): void {
  const width = widths({ k, similarities });
  for (let edge = 0; edge < rows.length; edge++) {
    const image = Math.floor(edge / k);
    const other = rows[edge];
    if (image > other && rows.subarray(other * k, (other + 1) * k).includes(image)) continue; // it came already
    const similarity = similarities[edge];
    visit(Math.min(image, other), Math.max(image, other), similarity, shareOf(similarity, width[image], width[other]));
  }
}

/**
 * Walks the pairs of images that are much nearer to each other than to what is around them: those of which one is among
 * the k nearest of the other, and
 *
 *     d_(i,j) <= within sqrt(r_i r_j),   d_(i,j) = 1 - x_i . x_j,
 *
 * where r_i is the distance of the k-th nearest image of i, or a quarter of the median of these where that is more. So
 * one share holds for any encoder and for crowded places as well as for empty ones. Every pair comes once.
 *
 * Source: L. Zelnik-Manor and P. Perona, "Self-tuning spectral clustering", 2004, section 3: the exponent of equation 1
 * with local scaling, since the squared distance of unit vectors is 2 d.
 * Reference: reference/search/close_pairs.ts
 *
 * @param graph The neighbours of N images.
 * @param within The share, in (0, 1).
 * @param visit Receives the rows of a pair, the lower one first.
 * @throws {RangeError} if the share is not in (0, 1).
 */
export function forEachClosePair(
  graph: NeighbourGraph,
  within: number,
  visit: (first: number, second: number) => void,
): void {
  checkNumbers("find close pairs", { within: [within, betweenZeroAndOne] });
  forEachNeighbourPair(graph, (first, second, _, share) => {
    if (share <= within) visit(first, second);
  });
}

/**
 * Groups of images that are nearly the same: a chain of close pairs joins any two of a group. A pair is close if one is
 * among the k nearest of the other, and their distance d_(i,j) = 1 - x_i . x_j is a small share of those around them:
 *
 *     d_(i,j) <= within sqrt(r_i r_j),
 *
 * where r_i is the distance of the k-th nearest image of i, or a quarter of the median of these where that is more.
 *
 * Source: L. Zelnik-Manor and P. Perona, "Self-tuning spectral clustering", 2004, section 3.
 * Reference: reference/search/close_pairs.ts
 *
 * @param graph The neighbours of N images.
 * @param within The share of the distance around two images that may lie between them, in (0, 1).
 * @returns The rows of each group, ascending; the group with the lowest row first.
 * @throws {RangeError} if the share is not in (0, 1).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { closeGroups, neighbourGraph } from "@momentum-contrast/moco";
 *
 * const vectors = { values: Float32Array.of(1, 0, 0, 1, 0.96, 0.28, 0.28, 0.96), dim: 2 };
 * assertEquals(closeGroups(await neighbourGraph(vectors, 3), 0.2), [[0, 2], [1, 3]]);
 * ```
 */
export function closeGroups(graph: NeighbourGraph, within: number): readonly (readonly number[])[] {
  const { join, groups } = unionFind(graph.rows.length / graph.k);
  forEachClosePair(graph, within, join);
  return groups();
}

/** The share that the distance of two images has of the widths of their neighbourhoods. */
function shareOf(similarity: number, width: number, other: number): number {
  const distance = 1 - similarity - ROUNDING;
  return distance <= 0 ? 0 : Math.fround(distance / Math.sqrt(width * other)); // the widths may be 0
}

/** How far apart images are around each one. */
function widths({ k, similarities }: Pick<NeighbourGraph, "k" | "similarities">): Float64Array {
  const furthest = Float64Array.from(
    { length: similarities.length / k },
    (_, i) => Math.max(0, 1 - similarities[(i + 1) * k - 1]),
  );
  const median = furthest.toSorted()[Math.floor(furthest.length / 2)];
  return furthest.map((width) => Math.max(width, NARROWEST * median));
}
