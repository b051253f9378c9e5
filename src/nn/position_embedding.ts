import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Tensor, tf } from "../engine/mod.ts";

/**
 * The fixed position embedding of a grid of patches. The sine and the cosine of the row, then those of the column, take
 * a quarter of the channels each. Frequencies fall geometrically from 1 towards 1/10000. For i < D/4:
 *
 *     [sin(row w_i), cos(row w_i), sin(column w_i), cos(column w_i)],    w_i = 10000^(-i / (D/4))
 *
 * Source: arXiv:2104.02057, section 5 (arXiv:1706.03762, section 3.5, in 2-D). Reference: reference/sin_cos_position.ts
 *
 * @param grid Rows and columns of patches.
 * @param dimension The channels D of a token, a multiple of 4.
 * @returns float32 [rows columns, D], row by row.
 * @throws {RangeError} if a number is not whole and at least 1, or the number of channels is not a multiple of 4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sinCosPosition } from "@momentum-contrast/moco";
 *
 * assertEquals([...sinCosPosition([1, 1], 4).dataSync()], [0, 1, 0, 1]);
 * ```
 */
export function sinCosPosition([rows, columns]: readonly [number, number], dimension: number): Tensor {
  checkNumbers("embed positions", { rows: [rows, wholeFromOne], columns: [columns, wholeFromOne] });
  checkPositionChannels(dimension);
  const waves = dimension / 4;
  const values = new Float32Array(rows * columns * dimension);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * dimension;
      for (let i = 0; i < waves; i++) {
        const frequency = 10_000 ** (-i / waves);
        values[at + i] = Math.sin(row * frequency);
        values[at + waves + i] = Math.cos(row * frequency);
        values[at + 2 * waves + i] = Math.sin(column * frequency);
        values[at + 3 * waves + i] = Math.cos(column * frequency);
      }
    }
  }
  return tf.tensor2d(values, [rows * columns, dimension]);
}

/** Refuses channels that sines and cosines of rows and columns cannot share evenly. */
export function checkPositionChannels(dimension: number): void {
  checkNumbers("embed positions", { dimension: [dimension, wholeFromOne] });
  if (dimension % 4 !== 0) {
    throw new RangeError(`Cannot embed positions: expected channels that are a multiple of 4, found ${dimension}`);
  }
}
