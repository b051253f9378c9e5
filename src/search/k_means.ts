import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import type { Tensor } from "../engine/mod.ts";
import { dispose, scope } from "../core/scope.ts";
import { halves, words } from "../data/philox.ts";
import { BLOCK_BYTES, forEachUnitNeighbours, similarities } from "./for_each_neighbours.ts";
import { countOf, tensorOf, type UnitVectors, vectorAt, vectorsAt } from "./unit_vectors.ts";

/** Images in clusters. */
export type Clusters = {
  /** The cluster of each image, [N]. Clusters are numbered by their size, the largest first. */
  readonly assigned: Int32Array;
  /** The cosine similarity of each image to the centre of its cluster, [N]. */
  readonly similarities: Float32Array;
  /** The centres, unit vectors. */
  readonly centres: UnitVectors;
  /** Rounds until no image changed its cluster, or the most that were allowed. */
  readonly rounds: number;
};

/** Options of {@linkcode kMeans}. */
export type KMeansOptions = {
  /** Chooses the first centres. Default 0. */
  readonly seed?: number;
  /** The most rounds. Default 100. */
  readonly rounds?: number;
  /** Called after each round with the number of images that changed their cluster. */
  readonly onRound?: (round: number, changed: number) => void;
};

/**
 * Clusters by spherical k-means: images and centres are unit vectors, and each image belongs to the centre that it is
 * most similar to,
 *
 *     a_i = argmax over c of x_i . m_c,   m_c = u_c / |u_c|,   u_c = sum over i with a_i = c of x_i,
 *
 * in turn until no a_i changes. The sum of x_i . m_(a_i) never falls. The first centres are drawn by k-means++: each is
 * an image, drawn with a probability in proportion to 1 - x_i . m for the nearest centre m so far. A cluster that
 * becomes empty gets the image that is least similar to its own centre.
 *
 * Source: I. S. Dhillon, D. S. Modha, "Concept decompositions for large sparse text data using clustering", 2001;
 * D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", 2007.
 * Reference: reference/search/k_means.ts
 *
 * @param vectors N unit vectors.
 * @param k Clusters, in [1, N].
 * @param options The seed, the most rounds, a progress callback.
 * @throws {RangeError} if k is not a whole number in [1, N].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { kMeans } from "@momentum-contrast/moco";
 *
 * const vectors = { values: Float32Array.of(1, 0, 0.8, 0.6, -1, 0), dim: 2 };
 * assertEquals([...kMeans(vectors, 2).assigned], [0, 0, 1]);
 * ```
 */
export function kMeans(vectors: UnitVectors, k: number, options: KMeansOptions = {}): Clusters {
  const count = countOf(vectors);
  checkNumbers("cluster images", { "the number of clusters": [k, { ...wholeFromOne, max: count }] });
  const { seed = 0, rounds = 100, onRound } = options;
  const all = scope(() => tensorOf(vectors));
  try {
    let centres = firstCentres(all, vectors, k, seed);
    let found = assign(all, centres);
    let round = 0;
    for (let changed = count; changed > 0 && round < rounds;) {
      centres = centresOf(vectors, found, k);
      const next = assign(all, centres);
      changed = next.assigned.reduce((sum, cluster, i) => sum + (cluster === found.assigned[i] ? 0 : 1), 0);
      found = next;
      onRound?.(++round, changed);
    }
    return { ...bySize(found, centres, k), rounds: round };
  } finally {
    dispose(all);
  }
}

type Assigned = Pick<Clusters, "assigned" | "similarities">;

/** The centre that is most similar to each image; of equal ones, the first. */
function assign(all: Tensor, centres: UnitVectors): Assigned {
  const count = all.shape[0];
  const assigned = new Int32Array(count);
  const nearest = new Float32Array(count);
  scope(() =>
    forEachUnitNeighbours(all, tensorOf(centres), 1, BLOCK_BYTES, (first, similarities, rows) => {
      assigned.set(rows.dataSync<"int32">(), first);
      nearest.set(similarities.dataSync<"float32">(), first);
    })
  );
  return { assigned, similarities: nearest };
}

/** The unit vector of the sum of each cluster's images. */
function centresOf(vectors: UnitVectors, { assigned, similarities }: Assigned, k: number): UnitVectors {
  const { values, dim } = vectors;
  const sums = new Float64Array(k * dim);
  assigned.forEach((cluster, i) => {
    for (let d = 0; d < dim; d++) sums[cluster * dim + d] += values[i * dim + d];
  });
  const centres = new Float32Array(k * dim);
  const lost: number[] = []; // clusters without images, or whose images cancel
  for (let cluster = 0; cluster < k; cluster++) {
    const own = sums.subarray(cluster * dim, (cluster + 1) * dim);
    const length = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    if (length > 0) centres.set(own.map((x) => x / length), cluster * dim);
    else lost.push(cluster);
  }
  leastSimilar(similarities, lost.length).forEach((row, i) => centres.set(vectorAt(vectors, row), lost[i] * dim));
  return { values: centres, dim };
}

/** The images that are least similar to their centres. */
function leastSimilar(similarities: Float32Array, count: number): readonly number[] {
  if (count === 0) return []; // nearly always, and sorting all images takes longer than the rest of a round
  return similarities.keys().toArray().sort((a, b) => similarities[a] - similarities[b] || a - b).slice(0, count);
}

/** The first centres, by k-means++. */
function firstCentres(all: Tensor, vectors: UnitVectors, k: number, seed: number): UnitVectors {
  const count = countOf(vectors);
  const draw = words(halves(seed), [0, 0, 0]);
  const uniform = () => draw() / 2 ** 32;
  const chosen = [Math.floor(uniform() * count)];
  const distances = new Float64Array(count).fill(Infinity); // to the nearest centre so far
  while (chosen.length < k) {
    const latest = { values: vectorAt(vectors, chosen.at(-1)!), dim: vectors.dim };
    const found = scope(() => similarities(all, tensorOf(latest)).dataSync<"float32">());
    found.forEach((similarity, i) => distances[i] = Math.min(distances[i], Math.max(0, 1 - similarity)));
    distances[chosen.at(-1)!] = 0;
    chosen.push(drawFrom(distances, uniform()));
  }
  return vectorsAt(vectors, chosen);
}

/** A place, with a probability in proportion to its weight: where the running sum passes a share of the whole. */
function drawFrom(weights: Float64Array, share: number): number {
  let left = share * weights.reduce((sum, weight) => sum + weight, 0);
  const place = weights.findIndex((weight) => (left -= weight) < 0);
  return place < 0 ? weights.length - 1 : place;
}

/** The same clusters, numbered from the largest to the smallest. */
function bySize({ assigned, similarities }: Assigned, centres: UnitVectors, k: number): Omit<Clusters, "rounds"> {
  const sizes = new Int32Array(k);
  assigned.forEach((cluster) => sizes[cluster]++);
  const order = sizes.keys().toArray().sort((a, b) => sizes[b] - sizes[a] || a - b);
  const numbers = new Int32Array(k);
  order.forEach((cluster, number) => numbers[cluster] = number);
  return {
    assigned: assigned.map((cluster) => numbers[cluster]),
    similarities,
    centres: vectorsAt(centres, order),
  };
}
