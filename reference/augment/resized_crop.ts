/**
 * Random resized crop, in float64.
 *
 * Source: arXiv:1911.05722, section 3.3; the law of the boxes is torchvision's `RandomResizedCrop`, the resampling that
 * of Pillow's `BILINEAR`.
 *
 * @module
 */
import { type Image, makeImage } from "./image.ts";

/** A part of an image, pixels. */
export type Box = { readonly top: number; readonly left: number; readonly height: number; readonly width: number };

/**
 * A random box: up to ten tries
 *
 *     area ~ U(scale) H W,    ln ratio ~ U(ln ratio),    w = round(sqrt(area ratio)),    h = round(sqrt(area / ratio))
 *
 * the first that fits, at a uniform place; else the largest central box of an allowed ratio.
 *
 * @param random uniform in [0, 1).
 */
export function randomBox(
  height: number,
  width: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  random: () => number,
): Box {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * (scale[0] + (scale[1] - scale[0]) * random());
    const r = Math.exp(Math.log(ratio[0]) + Math.log(ratio[1] / ratio[0]) * random());
    const w = Math.round(Math.sqrt(area * r));
    const h = Math.round(Math.sqrt(area / r));
    if (0 < w && w <= width && 0 < h && h <= height) {
      return {
        top: Math.floor(random() * (height - h + 1)),
        left: Math.floor(random() * (width - w + 1)),
        height: h,
        width: w,
      };
    }
  }
  let [h, w] = [height, width];
  if (width / height < ratio[0]) h = Math.round(width / ratio[0]);
  else if (width / height > ratio[1]) w = Math.round(height * ratio[1]);
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}

/** The box cut out, and then resized to `height` x `width`, rows and then columns. */
export function resizedCrop(image: Image, box: Box, height: number, width: number): number[][][] {
  const cut = image.slice(box.top, box.top + box.height).map((row) => row.slice(box.left, box.left + box.width));
  const rows = weights(box.height, height);
  const columns = weights(box.width, width);
  return makeImage(height, width, (i, j) => {
    const pixel = new Array<number>(cut[0][0].length).fill(0);
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        for (let c = 0; c < pixel.length; c++) pixel[c] += rows[i][y] * columns[j][x] * cut[y][x][c];
      }
    }
    return pixel;
  });
}

/**
 * How much each of `from` pixels adds to each of `to`: with f = from / to, pixel i of the result has its centre at
 * (i + 1/2) f, and a triangle of half-width max(f, 1) around it weighs the pixels; the weights sum to 1.
 */
function weights(from: number, to: number): number[][] {
  const factor = from / to;
  const support = Math.max(factor, 1);
  const result: number[][] = [];
  for (let i = 0; i < to; i++) {
    const row: number[] = [];
    let sum = 0;
    for (let x = 0; x < from; x++) {
      row.push(Math.max(0, 1 - Math.abs((i + 0.5) * factor - (x + 0.5)) / support));
      sum += row[x];
    }
    result.push(row.map((weight) => weight / sum));
  }
  return result;
}
