/**
 * The variance of the Laplacian of an image's grey values, in float64.
 *
 * Source: J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", 2000.
 *
 * @module
 */
import { mean } from "../matrix.ts";

/** @param image [height][width][channels] */
export function sharpness(image: readonly (readonly (readonly number[])[])[]): number {
  const grey = image.map((row) => row.map(mean));
  const values: number[] = [];
  for (let y = 1; y + 1 < grey.length; y++) {
    for (let x = 1; x + 1 < grey[y].length; x++) {
      values.push(grey[y - 1][x] + grey[y + 1][x] + grey[y][x - 1] + grey[y][x + 1] - 4 * grey[y][x]);
    }
  }
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}
