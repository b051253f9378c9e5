import { giveBackMemory } from "../../engine/mod.ts";
import { scope } from "../../core/scope.ts";
import { halves, words } from "../../data/philox.ts";
import { BLOCK_BYTES, forEachUnitNeighbours } from "../for_each_neighbours.ts";
import { type NeighbourGraph, neighbourGraph } from "../neighbour_graph.ts";
import { countOf, tensorOf, type UnitVectors } from "../unit_vectors.ts";
import { memberships } from "./memberships.ts";
import { offThread } from "./off_thread.ts";
import { principalComponents } from "./principal.ts";

/** How a map is laid out. */
export type UmapOptions = {
  /** Neighbours of each image that it is drawn to. Default 15, or all others where there are fewer. */
  readonly k?: number;
  /** The distance on the map below which images count as being at one place, in [0, 1). Default 0.1. */
  readonly minimum?: number;
  /** Passes over the neighbours. Default 500 for up to 10,000 images, 200 for more. */
  readonly epochs?: number;
  /** The same seed gives the same map, bit for bit. Default 0. */
  readonly seed?: number;
  /**
   * Where the points begin, [N, 2], such as their places on the map of another encoder, so that the two maps can be
   * compared. Those with NaN, and all of them by default, begin at their principal components.
   */
  readonly begin?: Float32Array;
  /** Called with what is under way, and the share of it that is done. */
  readonly onProgress?: (stage: "neighbours" | "layout", share: number) => void;
};

/** Half the side of the square in which the points of a new map begin. */
const HALF_SIDE = 10;
/** How far they are moved at random, so that equal images do not begin at one place. */
const NOISE = 1e-4;

/**
 * A map of images in two dimensions, on which similar images lie together: UMAP from exact nearest neighbours. It
 * begins with the two principal components, so that the large structure is not left to chance. A thread of its own lays
 * it out.
 *
 * Source: arXiv:1802.03426.
 * Reference: reference/search/umap.ts
 *
 * @param vectors N unit vectors, N at least 3.
 * @param options Neighbours, the least distance, epochs, the seed, a progress callback.
 * @returns Two coordinates of each image, [N, 2].
 * @throws {RangeError} if there are fewer than 3 images, or k is not a whole number in [1, N - 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { umap } from "@momentum-contrast/moco";
 *
 * const angles = [0, 0.1, 0.2, 2, 2.1, 2.2];
 * const values = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
 * const coordinates = await umap({ values, dim: 2 }, { k: 2, epochs: 50 });
 * assertEquals(coordinates.length, 2 * angles.length);
 * assertEquals(coordinates, await umap({ values, dim: 2 }, { k: 2, epochs: 50 }));
 * ```
 */
export async function umap(vectors: UnitVectors, options: UmapOptions = {}): Promise<Float32Array> {
  const count = countOf(vectors);
  if (count < 3) throw new RangeError(`Cannot draw a map: expected 3 images or more, found ${count}`);
  const { k = Math.min(15, count - 1), minimum = 0.1, epochs = count > 10_000 ? 200 : 500, seed = 0, onProgress } =
    options;
  const graph = await neighbourGraph(vectors, k, { onProgress: (done) => onProgress?.("neighbours", done / count) });
  const own = spread(principalComponents(vectors), seed);
  const begin = options.begin === undefined
    ? own
    : own.map((x, at) => Number.isNaN(options.begin![at]) ? x : options.begin![at]);
  giveBackMemory(); // of what found the neighbours, before the layout's thread needs its own
  const coordinates = await offThread(
    { begin, graph, minimum, epochs, seed },
    (epoch) => onProgress?.("layout", epoch / epochs),
  );
  return Float32Array.from(coordinates);
}

/**
 * Places new images on a map that is there: each begins at the mean of its nearest images on the map, weighted by its
 * memberships, and moves as on a new map, for a third of the epochs, while the others stay.
 *
 * @param added M unit vectors.
 * @param map The vectors of the images on the map, and their coordinates [N, 2].
 * @param options As the map was drawn with.
 * @returns Two coordinates of each new image, [M, 2].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeOnMap } from "@momentum-contrast/moco";
 *
 * const vectors = { values: Float32Array.of(1, 0, 0, 1, -1, 0), dim: 2 };
 * const coordinates = Float32Array.of(0, 0, 50, 50, 100, 0);
 * const added = { values: Float32Array.of(0, 1), dim: 2 };
 * const [x, y] = await placeOnMap(added, { vectors, coordinates }, { k: 1 });
 * assertEquals([Math.round(x / 10), Math.round(y / 10)], [5, 5]);
 * ```
 */
export async function placeOnMap(
  added: UnitVectors,
  map: { readonly vectors: UnitVectors; readonly coordinates: Float32Array },
  options: UmapOptions = {},
): Promise<Float32Array> {
  const count = countOf(map.vectors);
  const { k = Math.min(15, count), minimum = 0.1, epochs = count > 10_000 ? 200 : 500, seed = 0, onProgress } = options;
  if (countOf(added) === 0) return new Float32Array(0);
  const graph = graphInto(added, map.vectors, k, (share) => onProgress?.("neighbours", share));
  const fixed = Float64Array.from(map.coordinates);
  const passes = Math.ceil(epochs / 3);
  const coordinates = await offThread(
    { begin: meanPlaces(graph, fixed), fixed, graph, minimum, epochs: passes, seed },
    (epoch) => onProgress?.("layout", epoch / passes),
  );
  return Float32Array.from(coordinates);
}

/** The nearest images on the map of each new one. */
function graphInto(
  added: UnitVectors,
  there: UnitVectors,
  k: number,
  onShare: (share: number) => void,
): NeighbourGraph {
  const count = countOf(added);
  const rows = new Int32Array(count * k);
  const similarities = new Float32Array(count * k);
  scope(() =>
    forEachUnitNeighbours(tensorOf(added), tensorOf(there), k, BLOCK_BYTES, (first, found, columns) => {
      rows.set(columns.dataSync<"int32">(), first * k);
      similarities.set(found.dataSync<"float32">(), first * k);
      onShare((first + found.shape[0]) / count);
    })
  );
  return { k, rows, similarities };
}

/** Where new images begin: sum_j v_j y_j / sum_j v_j. */
function meanPlaces(graph: NeighbourGraph, places: Float64Array): Float64Array {
  const { k, rows } = graph;
  const weights = memberships(graph);
  const begin = new Float64Array(2 * rows.length / k);
  for (let image = 0; image < rows.length / k; image++) {
    const own = weights.subarray(image * k, (image + 1) * k);
    const whole = own.reduce((sum, weight) => sum + weight, 0);
    own.forEach((weight, j) => {
      const row = rows[image * k + j];
      begin[2 * image] += weight / whole * places[2 * row];
      begin[2 * image + 1] += weight / whole * places[2 * row + 1];
    });
  }
  return begin;
}

/** Coordinates stretched until the furthest is at the side of the square, each moved a little at random. */
function spread(coordinates: Float64Array, seed: number): Float64Array {
  const furthest = coordinates.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const draw = words(halves(seed), [1, 0, 0]);
  return coordinates.map((x) => (furthest > 0 ? HALF_SIDE * x / furthest : 0) + NOISE * (2 * draw() / 2 ** 32 - 1));
}
