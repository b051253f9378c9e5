import { tf } from "../../engine/mod.ts";
import { scope } from "../../core/scope.ts";
import { countOf, tensorOf, type UnitVectors, vectorsBetween } from "../unit_vectors.ts";

const ROUNDS = 200;

/** Vectors that the engine takes at a time. With all of them at once they would be in memory twice. */
const BLOCK = 4096;

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
  const count = countOf(vectors);
  const mean = new Float64Array(dim);
  const covariance = new Float64Array(dim * dim);
  forEachBlock(vectors, (rows) => {
    addTo(mean, tf.sum(rows, 0)); // [D]
    addTo(covariance, tf.matMul(rows, rows, true, false)); // [D, D]
  });
  mean.forEach((sum, d) => mean[d] = sum / count);
  covariance.forEach((sum, at) => covariance[at] = sum / count - mean[Math.floor(at / dim)] * mean[at % dim]);
  const [first, second] = eigenvectors(covariance, dim);
  const along = new Float64Array(2 * count);
  forEachBlock(vectors, (rows, start) => {
    const directions = tf.tensor2d([...first, ...second], [2, dim]);
    along.set(tf.matMul(rows, directions, false, true).dataSync<"float32">(), 2 * start); // [block, 2]
  });
  const centre = [dot(mean, first), dot(mean, second)];
  return along.map((x, at) => x - centre[at % 2]);
}

function forEachBlock(vectors: UnitVectors, visit: (rows: tf.Tensor2D, start: number) => void): void {
  for (let start = 0; start < countOf(vectors); start += BLOCK) {
    scope(() => visit(tensorOf(vectorsBetween(vectors, start, start + BLOCK)) as tf.Tensor2D, start));
  }
}

function addTo(sums: Float64Array, tensor: tf.Tensor): void {
  tensor.dataSync<"float32">().forEach((value, at) => sums[at] += value);
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
