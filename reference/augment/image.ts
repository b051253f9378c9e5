/** An image of the reference: [height][width][channels], in [0, 1]. */
export type Image = readonly (readonly (readonly number[])[])[];

/** An image of the given size, pixel by pixel. */
export function makeImage(
  height: number,
  width: number,
  pixel: (y: number, x: number) => number[],
): number[][][] {
  const image: number[][][] = [];
  for (let y = 0; y < height; y++) {
    const row: number[][] = [];
    for (let x = 0; x < width; x++) row.push(pixel(y, x));
    image.push(row);
  }
  return image;
}

/** Grey by ITU-R 601; the value itself where there is one channel. */
export function greyOf(pixel: readonly number[]): number {
  return pixel.length === 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}
