/**
 * How dense the points lie, as a picture under them.
 *
 * @module
 */
import { type Camera, type Size, toScreen } from "./camera.ts";
import type { Colour } from "./colours.ts";

/** Pixels of the screen for each cell in which points are counted. */
const CELL = 5;

/** Paints how dense the shown points lie, by the logarithm of their number, in one colour. */
export function paintDensity(
  canvas: HTMLCanvasElement,
  points: Float32Array,
  shown: Uint8Array,
  camera: Camera,
  size: Size,
  [red, green, blue]: Colour,
): void {
  const [width, height] = [Math.ceil(size.width / CELL), Math.ceil(size.height / CELL)];
  canvas.width = width;
  canvas.height = height;
  let counts = new Float32Array(width * height);
  for (let row = 0; row < shown.length; row++) {
    if (shown[row] === 0) continue;
    const [x, y] = toScreen(camera, size, points[2 * row], points[2 * row + 1]);
    const [column, line] = [Math.floor(x / CELL), Math.floor(y / CELL)];
    if (column >= 0 && column < width && line >= 0 && line < height) counts[line * width + column]++;
  }
  for (let round = 0; round < 3; round++) {
    counts = blurred(blurred(counts, width, 1, height, width), height, width, width, 1);
  }
  const most = Math.log1p(counts.reduce((most, count) => Math.max(most, count), 0)) || 1;
  const pixels = new Uint8ClampedArray(4 * width * height);
  counts.forEach((count, cell) => {
    pixels.set([red, green, blue, 230 * (Math.log1p(count) / most) ** 1.2], 4 * cell);
  });
  canvas.getContext("2d")!.putImageData(new ImageData(pixels, width, height), 0, 0);
}

/**
 * The mean of three neighbours along one axis: `length` cells that lie `step` apart, on `lines` that lie `next` apart.
 */
function blurred(counts: Float32Array, length: number, step: number, lines: number, next: number) {
  const made = new Float32Array(counts.length);
  for (let line = 0; line < lines; line++) {
    for (let place = 0; place < length; place++) {
      const at = line * next + place * step;
      const before = place > 0 ? counts[at - step] : 0;
      const after = place < length - 1 ? counts[at + step] : 0;
      made[at] = (before + counts[at] + after) / 3;
    }
  }
  return made;
}
