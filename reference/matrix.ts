/**
 * Vectors and matrices in float64, by plain loops: what the other files of this folder share.
 *
 * @module
 */

/** Numbers in a row. */
export type Vector = readonly number[];

/** Rows of one length. */
export type Matrix = readonly Vector[];

/** a . b */
export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The sum of the elements. */
export function sum(values: Vector): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The mean of the elements. */
export function mean(values: Vector): number {
  return sum(values) / values.length;
}

/** The Euclidean length. */
export function lengthOf(values: Vector): number {
  return Math.sqrt(dot(values, values));
}

/** log sum exp, shifted by the largest element so that nothing overflows. */
export function logSumExp(values: Vector): number {
  const largest = Math.max(...values);
  return largest + Math.log(sum(values.map((value) => Math.exp(value - largest))));
}

/** exp(x_i) / sum_j exp(x_j) */
export function softmax(values: Vector): number[] {
  const logSum = logSumExp(values);
  return values.map((value) => Math.exp(value - logSum));
}

/** a + b, element by element. */
export function add(a: Vector, b: Vector): number[] {
  return a.map((value, i) => value + b[i]);
}

/** a + b of two matrices, row by row. */
export function addRows(a: Matrix, b: Matrix): number[][] {
  return a.map((row, i) => add(row, b[i]));
}

/** The matrix product a b, of [N][M] and [M][D]: [N][D]. */
export function product(a: Matrix, b: Matrix): number[][] {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

/** [N][M] to [M][N]. */
export function transpose(a: Matrix): number[][] {
  return a[0].map((_, j) => a.map((row) => row[j]));
}

/** The sum of each column, [N][D] to [D]. */
export function columnSums(a: Matrix): number[] {
  return transpose(a).map(sum);
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
}
