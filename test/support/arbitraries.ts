/**
 * fast-check arbitraries that all property tests share. The floats are well conditioned: multiples of 2^-10, so that
 * float32 and float64 hold the same number, and a failing case shrinks to one that a reader can check by hand.
 *
 * @module
 */
import fc from "fast-check";

/** Seeds of the keyed random generator: any non-negative int32. */
export const seeds: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** A size from `min` to `max`, both included. */
export function sizes(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max });
}

/** A shape of `rank` axes, each from 1 to `max` (or between the two bounds). */
export function shapes(rank: number, max: number, min: number = 1): fc.Arbitrary<number[]> {
  return fc.array(sizes(min, max), { minLength: rank, maxLength: rank });
}

/** A float in [min, max] that float32 holds exactly. */
export function floats(min: number = -2, max: number = 2): fc.Arbitrary<number> {
  return fc.integer({ min: Math.ceil(min * 1024), max: Math.floor(max * 1024) }).map((n) => n / 1024);
}

/** `length` floats. */
export function vectors(length: number, min: number = -2, max: number = 2): fc.Arbitrary<number[]> {
  return fc.array(floats(min, max), { minLength: length, maxLength: length });
}

/** A matrix of `rows` by `columns` floats. */
export function matrices(rows: number, columns: number, min: number = -2, max: number = 2): fc.Arbitrary<number[][]> {
  return fc.array(vectors(columns, min, max), { minLength: rows, maxLength: rows });
}

/** Flat values in row-major order and the shape they stand for, ready for `tf.tensor(values, shape)`. */
export type Block = { readonly shape: number[]; readonly values: number[] };

/** A block of the given shape. */
export function blocks(shape: readonly number[], min: number = -2, max: number = 2): fc.Arbitrary<Block> {
  const length = shape.reduce((product, size) => product * size, 1);
  return vectors(length, min, max).map((values) => ({ shape: [...shape], values }));
}

/**
 * `rows` vectors of unit length (to float32's precision; the numbers are float32's own, so both sides see the same).
 */
export function unitRows(rows: number, columns: number): fc.Arbitrary<number[][]> {
  return fc.array(vectors(columns).filter((row) => lengthOf(row) > 0.25), { minLength: rows, maxLength: rows })
    .map((matrix) => matrix.map((row) => row.map((x) => Math.fround(x / lengthOf(row)))));
}

/** A permutation of 0 ... n - 1. */
export function permutations(n: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i), { minLength: n, maxLength: n });
}

function lengthOf(row: readonly number[]): number {
  return Math.hypot(...row);
}
