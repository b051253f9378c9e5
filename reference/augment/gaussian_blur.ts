/**
 * Gaussian blur with a border that reflects, in float64.
 *
 *     out[y, x] = sum_{|s|, |t| <= r} g(s) g(t) in[y + s, x + t]
 *     g(t) = exp(-t^2 / 2 sigma^2) / sum_t exp(-t^2 / 2 sigma^2)
 *
 * Source: arXiv:2003.04297, section 3.
 *
 * @module
 */
import { type Image, makeImage } from "./image.ts";

/** The image blurred; `kernel` = 2 r + 1 taps along each axis. */
export function gaussianBlur(image: Image, sigma: number, kernel: number): number[][][] {
  const radius = (kernel - 1) / 2;
  let sum = 0;
  for (let t = -radius; t <= radius; t++) sum += Math.exp(-t * t / (2 * sigma * sigma));
  const g = (t: number) => Math.exp(-t * t / (2 * sigma * sigma)) / sum;
  return makeImage(image.length, image[0].length, (y, x) => {
    const pixel = new Array<number>(image[0][0].length).fill(0);
    for (let s = -radius; s <= radius; s++) {
      for (let t = -radius; t <= radius; t++) {
        const source = image[reflect(y + s, image.length)][reflect(x + t, image[0].length)];
        for (let c = 0; c < pixel.length; c++) pixel[c] += g(s) * g(t) * source[c];
      }
    }
    return pixel;
  });
}

/** ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ... */
function reflect(index: number, size: number): number {
  if (index < 0) return -index;
  return index >= size ? 2 * (size - 1) - index : index;
}
