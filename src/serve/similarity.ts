import type { UnitVectors } from "../search/unit_vectors.ts";

/** How long the server computes before it looks for other requests, milliseconds. */
const TURN = 8;

/** Vectors that are compared before the clock is looked at. */
const BLOCK = 256;

/**
 * The cosine similarity of every vector to a query. It pauses often, so that the server answers meanwhile: 60,000
 * vectors of 128 numbers take 8 ms of computing, which is less than starting an engine for it.
 *
 * @param vectors N unit vectors.
 * @param query float32 [D], of length 1.
 * @returns float32 [N].
 */
export async function similaritiesTo(vectors: UnitVectors, query: Float32Array): Promise<Float32Array> {
  const { values, dim } = vectors;
  const count = values.length / dim;
  const found = new Float32Array(count);
  let until = performance.now() + TURN;
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let d = 0, at = row * dim; d < dim; d++, at++) sum += values[at] * query[d];
    found[row] = sum;
    if (row % BLOCK === 0 && performance.now() > until) {
      await new Promise((resolve) => setTimeout(resolve));
      until = performance.now() + TURN;
    }
  }
  return found;
}
