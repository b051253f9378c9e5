import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { globalMean, maxPool2d } from "../engine/ops/mod.ts";
import { activation } from "./activation.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer } from "./types.ts";
import { checkWindows, paddingAfter, type Windows, windowsOver } from "./windows.ts";

/**
 * The greatest value of each channel in each window. The border counts as minus infinity, as in PyTorch: it is never
 * the greatest.
 *
 * @param windows The window, pixels.
 * @returns Images [N, height, width, C] to [N, floor((height + 2 padding - size) / stride) + 1, ..., C].
 * @throws {RangeError} if a number is not whole, the size or the stride is below 1, or a window can lie in the padding
 *   alone: this takes more than half of its size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { maxPool, tf } from "@momentum-contrast/moco";
 *
 * const images = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4, 1]);
 * const none = { params: {}, buffers: {} };
 * const { output } = maxPool({ size: 2, stride: 2 }).apply(none, images, { training: true });
 * assertEquals([...output.dataSync()], [6, 8]);
 * ```
 */
export function maxPool(windows: Windows): Layer {
  const { size, stride = 1, padding = 0 } = windows;
  checkWindows("make a max pool", windows);
  checkNumbers("make a max pool", { padding: [padding, { is: "integer", min: 0, max: Math.floor(size / 2) }] });
  return activation(
    (x) => {
      const image = x.shape.slice(1);
      const after = paddingAfter(image, windows, windowsOver(image, windows, "apply", "max pool"));
      return maxPool2d(x, size, stride, { before: padding, after });
    },
    (input) => [...windowsOver(input, windows, "initialize", "max pool"), input[2]],
  );
}

/**
 * The mean of each channel over each of `grid` x `grid` cells of the image, from the top left on. With one cell it is
 * global average pooling. If the grid does not divide the image evenly, cells share a row or a column, as in PyTorch's
 * adaptive pooling.
 *
 * @param options The cells along each side, default 1.
 * @returns Images [N, height, width, C] to features [N, grid * grid * C].
 * @throws {RangeError} if there is not a whole number of cells from 1 on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { averagePool, tf } from "@momentum-contrast/moco";
 *
 * const images = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4, 1]);
 * const none = { params: {}, buffers: {} };
 * const pooled = (grid: number) => averagePool({ grid }).apply(none, images, { training: false }).output.dataSync();
 * assertEquals([...pooled(1)], [4.5]);
 * assertEquals([...pooled(2)], [1.5, 3.5, 5.5, 7.5]);
 * ```
 */
export function averagePool({ grid = 1 }: { readonly grid?: number } = {}): Layer {
  checkNumbers("make an average pool", { grid: [grid, wholeFromOne] });
  return activation(
    (x) => {
      if (x.rank !== 4) throw notImages("apply", x.shape.slice(1));
      const [, height, width] = x.shape as number[];
      const means = cells(height, grid).flatMap(([top, rows]) =>
        cells(width, grid).map(([left, columns]) => globalMean(tf.slice(x, [0, top, left, 0], [-1, rows, columns, -1])))
      ); // [N, C] each
      return tf.concat(means, 1); // [N, grid grid C]
    },
    (input) => {
      if (input.length !== 3) throw notImages("initialize", input);
      return [grid * grid * input[2]];
    },
  );
}

/** A pool, which has no values, as a function of its input. */
export function pooledBy(pool: Layer): (x: Tensor) => Tensor {
  return (x) => pool.apply({ params: {}, buffers: {} }, x, { training: false }).output;
}

/**
 * The start and the length of each of `count` cells that `length` pixels are divided into, at least one pixel each.
 *
 * @param length Pixels.
 * @param count Cells.
 */
export function cells(length: number, count: number): readonly (readonly [start: number, length: number])[] {
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor(index * length / count);
    return [start, Math.ceil((index + 1) * length / count) - start];
  });
}

function notImages(verb: string, input: readonly number[]): LayerError {
  return new LayerError(verb, "average pool", "images [height, width, channels]", shapeText(input));
}
