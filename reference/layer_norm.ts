/**
 * Layer normalisation, in float64: each row by its own mean and biased variance.
 *
 *     y = scale (x - mean) / sqrt(variance + epsilon) + offset
 *
 * Source: arXiv:1607.06450, eq. 3 and 4.
 *
 * @module
 */

/** The rows of `x` [N][C], normalised, scaled and shifted by channel. */
export function layerNorm(
  x: readonly (readonly number[])[],
  scale: readonly number[],
  offset: readonly number[],
  epsilon: number = 1e-6,
): number[][] {
  return x.map((row) => {
    const mean = average(row);
    const variance = average(row.map((value) => (value - mean) ** 2));
    return row.map((value, c) => scale[c] * (value - mean) / Math.sqrt(variance + epsilon) + offset[c]);
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
