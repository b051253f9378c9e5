import { type Tensor, tf } from "../../engine/mod.ts";
import { scope } from "../../core/scope.ts";
import { tensorOf, type UnitVectors } from "../unit_vectors.ts";

const ROUNDS = 200;

/**
 * The vectors along the two directions in which they vary most (the first two principal components).
 *
 * The covariance is computed by the engine, and its two greatest eigenvectors by orthogonal iteration in float64. The
 * largest number of each direction is positive, so that the picture is never mirrored.
 *
 * Reference: reference/search/principal.ts
 *
 * @param vectors N unit vectors of at least two numbers.
 * @returns Two coordinates of each, [N, 2].
 */
export function principalComponents(vectors: UnitVectors): Float64Array {
  const { dim } = vectors;
  return scope(() => {
    const all = tensorOf(vectors);
    const centred = tf.sub(all, tf.mean(all, 0, true)) as tf.Tensor2D; // [N, D]
    const covariance = tf.div(tf.matMul(centred, centred, true, false), all.shape[0]); // [D, D]
    const [first, second] = eigenvectors(Float64Array.from(covariance.dataSync<"float32">()), dim);
    const directions: Tensor = tf.tensor2d([...first, ...second], [2, dim]);
    const found = tf.matMul(centred, directions as tf.Tensor2D, false, true); // [N, 2]
    return Float64Array.from(found.dataSync<"float32">());
  });
}

/** The two greatest eigenvectors of a symmetric matrix without negative eigenvalues. */
function eigenvectors(matrix: Float64Array, size: number): [Float64Array, Float64Array] {
  const start = (turn: number) => Float64Array.from({ length: size }, (_, i) => Math.cos((i + 1) * turn));
  let first = unit(start(1)), second = unit(start(2));
  for (let round = 0; round < ROUNDS; round++) {
    first = unit(product(matrix, first));
    const next = product(matrix, second);
    const along = dot(next, first);
    second = unit(next.map((x, i) => x - along * first[i]));
  }
  return [positive(first), positive(second)];
}

function product(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, i) => dot(matrix.subarray(i * size, (i + 1) * size), vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return length > 0 ? vector.map((x) => x / length) : vector;
}

function positive(vector: Float64Array): Float64Array {
  const largest = vector.reduce((most, x) => Math.abs(x) > Math.abs(most) ? x : most, 0);
  return largest < 0 ? vector.map((x) => -x) : vector;
}
