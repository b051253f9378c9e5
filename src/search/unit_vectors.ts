import { type Tensor, tf } from "../engine/mod.ts";

/** Vectors of length 1, one for each image. */
export type UnitVectors = {
  /** [N, dim], row-major, float32. */
  readonly values: Float32Array;
  /** Numbers of a vector, D. */
  readonly dim: number;
};

/** How many vectors there are. */
export function countOf({ values, dim }: UnitVectors): number {
  return values.length / dim;
}

/** One vector; a view, not a copy. */
export function vectorAt({ values, dim }: UnitVectors, row: number): Float32Array {
  return values.subarray(row * dim, (row + 1) * dim);
}

/** The vectors from one row on and before another, or before the end; views, not copies. */
export function vectorsBetween({ values, dim }: UnitVectors, first: number, end: number): UnitVectors {
  return { values: values.subarray(first * dim, end * dim), dim };
}

/** The cosine similarity of two rows, in float64. */
export function similarityOf(vectors: UnitVectors, first: number, second: number): number {
  const { values, dim } = vectors;
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += values[first * dim + d] * values[second * dim + d];
  return sum;
}

/** Some of the vectors, in the order given. */
export function vectorsAt(vectors: UnitVectors, rows: readonly number[]): UnitVectors {
  const values = new Float32Array(rows.length * vectors.dim);
  rows.forEach((row, i) => values.set(vectorAt(vectors, row), i * vectors.dim));
  return { values, dim: vectors.dim };
}

/** The vectors as a tensor, float32 [N, D]; the caller, or the scope around, owns it. */
export function tensorOf(vectors: UnitVectors): Tensor {
  return tf.tensor2d(vectors.values, [countOf(vectors), vectors.dim]);
}
