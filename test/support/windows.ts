/**
 * Convolution and max-pooling in float64, by plain loops over [N][H][W][C] in row-major order.
 *
 * @module
 */

/** Row-major values and their shape. */
export type Images = { readonly values: ArrayLike<number>; readonly shape: readonly number[] };

/** How the window moves. */
export type Window = { readonly size: number; readonly stride: number; readonly padding: number };

type Visit = (at: { n: number; row: number; column: number; i: number; j: number; pixel: number }) => void;

/** Visits each window's pixels that lie inside of the image; `pixel` is the flat index of its first channel. */
function visitWindows({ shape: [count, height, width, channels] }: Images, window: Window, visit: Visit): number[] {
  const along = (length: number) => Math.floor((length + 2 * window.padding - window.size) / window.stride) + 1;
  const [rows, columns] = [along(height), along(width)];
  for (let n = 0; n < count; n++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let i = 0; i < window.size; i++) {
          for (let j = 0; j < window.size; j++) {
            const y = row * window.stride + i - window.padding;
            const x = column * window.stride + j - window.padding;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            visit({ n, row, column, i, j, pixel: ((n * height + y) * width + x) * channels });
          }
        }
      }
    }
  }
  return [count, rows, columns];
}

/** y = sum over the window of x w, and the gradients of sum(y dy(index)). */
export function convolution(x: Images, w: Images, window: Window, dy: (index: number) => number) {
  const [, , inputs, outputs] = w.shape;
  const dx = new Array<number>(x.values.length).fill(0);
  const dw = new Array<number>(w.values.length).fill(0);
  const y: number[] = [];
  const shape = visitWindows(x, window, () => {});
  visitWindows(x, window, ({ n, row, column, i, j, pixel }) => {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        const at = ((n * shape[1] + row) * shape[2] + column) * outputs + output;
        const tap = ((i * window.size + j) * inputs + input) * outputs + output;
        y[at] = (y[at] ?? 0) + x.values[pixel + input] * w.values[tap];
        dx[pixel + input] += w.values[tap] * dy(at);
        dw[tap] += x.values[pixel + input] * dy(at);
      }
    }
  });
  return { y, dx, dw, shape: [...shape, outputs] };
}

/** The greatest value of each window, and the gradient of sum(y dy(index)), which goes to where it stood. */
export function maxPooling(x: Images, window: Window, dy: (index: number) => number) {
  const channels = x.shape[3];
  const shape = visitWindows(x, window, () => {});
  const from: number[] = [];
  visitWindows(x, window, ({ n, row, column, pixel }) => {
    for (let channel = 0; channel < channels; channel++) {
      const at = ((n * shape[1] + row) * shape[2] + column) * channels + channel;
      if (from[at] === undefined || x.values[pixel + channel] > x.values[from[at]]) from[at] = pixel + channel;
    }
  });
  const dx = new Array<number>(x.values.length).fill(0);
  from.forEach((index, at) => dx[index] += dy(at));
  return { y: from.map((index) => x.values[index]), dx, shape: [...shape, channels] };
}
