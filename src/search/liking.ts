import { countOf, type UnitVectors } from "./unit_vectors.ts";

/** The weight of the images that the results should not be like, if none is given. */
export const AWAY = 0.5;

/**
 * One query from several images, "like these, not like those":
 *
 *     q = u / |u|,   u = mean(p_1, ..., p_P) - away * mean(n_1, ..., n_M).
 *
 * The similarity of an image x to it is the mean similarity to the images p, less `away` times the mean similarity to
 * the images n, up to a factor that is the same for all x.
 *
 * Source: J. J. Rocchio, "Relevance feedback in information retrieval", 1971, without the term of the first query.
 * Reference: reference/search/liking.ts
 *
 * @param these Unit vectors that the results should be like; one at least.
 * @param those Unit vectors that they should not be like.
 * @param away The weight of those, at least 0. Default 0.5.
 * @returns A unit vector.
 * @throws {RangeError} if there is nothing that the results should be like, or nothing is left of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { liking } from "@momentum-contrast/moco";
 *
 * const these = { values: Float32Array.of(1, 0, 0, 1), dim: 2 };
 * const those = { values: Float32Array.of(0, 1), dim: 2 };
 * assertEquals([...liking(these, those, 1).values], [Math.fround(Math.SQRT1_2), Math.fround(-Math.SQRT1_2)]);
 * ```
 */
export function liking(these: UnitVectors, those?: UnitVectors, away: number = AWAY): UnitVectors {
  const mean = meanOf(these);
  const other = those === undefined || countOf(those) === 0 ? undefined : meanOf(those);
  const query = mean.map((x, d) => x - (other === undefined ? 0 : away * other[d]));
  const length = Math.hypot(...query);
  if (!(length > 1e-6)) {
    throw new RangeError("Cannot search: expected images to be like, found none that the others do not cancel");
  }
  return { values: Float32Array.from(query, (x) => x / length), dim: these.dim };
}

function meanOf(vectors: UnitVectors): Float64Array {
  const { values, dim } = vectors;
  const mean = new Float64Array(dim);
  values.forEach((x, i) => mean[i % dim] += x * dim / values.length);
  return mean;
}
