import { tf } from "../../engine/mod.ts";
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
    const all = tensorOf(vectors) as tf.Tensor2D; // [N, D]
    const mean = tf.mean(all, 0, true) as tf.Tensor2D; // [1, D]
    // Without a centred copy of all vectors, which would take as much memory as they do.
    const squares = tf.div(tf.matMul(all, all, true, false), all.shape[0]);
    const covariance = tf.sub(squares, tf.matMul(mean, mean, true, false)); // [D, D]
    const [first, second] = eigenvectors(Float64Array.from(covariance.dataSync<"float32">()), dim);
    const directions = tf.tensor2d([...first, ...second], [2, dim]);
    const along = (rows: tf.Tensor2D) => tf.matMul(rows, directions, false, true);
    return Float64Array.from(tf.sub(along(all), along(mean)).dataSync<"float32">()); // [N, 2]
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
