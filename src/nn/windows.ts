import { checkNumbers, wholeFromOne, wholeFromZero } from "../core/check_numbers.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Shape } from "./types.ts";

/** How a square window moves over an image. */
export type Windows = {
  /** Height and width of the window, pixels. */
  readonly size: number;
  /** Pixels from one window to the next. Default 1. */
  readonly stride?: number;
  /** Pixels added on each of the four sides. Default 0. */
  readonly padding?: number;
};

/**
 * Refuses windows that cannot move over an image.
 *
 * @param doing Completes "Cannot ...".
 * @throws {RangeError} if a number is not whole, the size or the stride is below 1, or the padding below 0.
 */
export function checkWindows(doing: string, { size, stride = 1, padding = 0 }: Windows): void {
  checkNumbers(doing, {
    size: [size, wholeFromOne],
    stride: [stride, wholeFromOne],
    padding: [padding, wholeFromZero],
  });
}

/**
 * The height and width of the output, one pixel for each window.
 *
 * @throws {TypeError} if the image has another rank, or is smaller than a window.
 */
export function windowsOver(input: Shape, windows: Windows, verb: string, kind: string): [number, number] {
  const { size, stride = 1, padding = 0 } = windows;
  const least = Math.max(1, size - 2 * padding);
  if (input.length !== 3 || input[0] < least || input[1] < least) {
    throw new LayerError(
      verb,
      kind,
      `images [height, width, channels] of at least ${least} x ${least}`,
      shapeText(input),
    );
  }
  const along = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  return [along(input[0]), along(input[1])];
}

/**
 * The padding needed below and to the right: less than `padding` if the last window ends before the border.
 *
 * @returns Pixels: [height, width]; never less than 0.
 */
export function paddingAfter(input: Shape, windows: Windows, output: readonly [number, number]): [number, number] {
  const { size, stride = 1, padding = 0 } = windows;
  const along = (axis: 0 | 1) => Math.max(0, (output[axis] - 1) * stride + size - padding - input[axis]);
  return [along(0), along(1)];
}
