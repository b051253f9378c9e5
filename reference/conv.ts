/**
 * A convolution of images with filters (a cross-correlation, as in every library of the field), in float64:
 *
 *     y[n, r, c, o] = sum_{a, b, i} x[n, stride r + a - padding, stride c + b - padding, i] w[a, b, i, o]
 *
 * where x is zero outside of the images. Source: arXiv:1603.07285, section 2.
 *
 * @module
 */

/** Numbers in row-major order, and the lengths of their axes. */
export type Block = { readonly shape: readonly number[]; readonly values: ArrayLike<number> };

/** How the filters' windows move: pixels from one to the next, and zeros around the images. */
export type Windows = { readonly stride: number; readonly padding: number };

/** The value: [N, rows, columns, out], from images [N, height, width, in] and filters [size, size, in, out]. */
export function conv(x: Block, w: Block, windows: Windows): Block {
  const y = zeros(shapeOfValue(x.shape, w.shape, windows));
  eachProduct(x.shape, w.shape, windows, (atX, atW, atY) => {
    y.values[atY] += x.values[atX] * w.values[atW];
  });
  return y;
}

/** How the loss changes with the images and with the filters, given how it changes with the value. */
export function convGradients(x: Block, w: Block, dy: Block, windows: Windows): { dx: Block; dw: Block } {
  const [dx, dw] = [zeros(x.shape), zeros(w.shape)];
  eachProduct(x.shape, w.shape, windows, (atX, atW, atY) => {
    dx.values[atX] += dy.values[atY] * w.values[atW];
    dw.values[atW] += dy.values[atY] * x.values[atX];
  });
  return { dx, dw };
}

type Shape = readonly number[];

/** Calls `multiply` with the places of the two factors and of their sum, for every product of the equation. */
function eachProduct(
  x: Shape,
  w: Shape,
  windows: Windows,
  multiply: (atX: number, atW: number, atY: number) => void,
): void {
  const [images, height, width, inputs] = x;
  const [size, , , outputs] = w;
  const [, rows, columns] = shapeOfValue(x, w, windows);
  for (let n = 0; n < images; n++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        for (let a = 0; a < size; a++) {
          for (let b = 0; b < size; b++) {
            const row = windows.stride * r + a - windows.padding;
            const column = windows.stride * c + b - windows.padding;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let i = 0; i < inputs; i++) {
              for (let o = 0; o < outputs; o++) {
                multiply(
                  ((n * height + row) * width + column) * inputs + i,
                  ((a * size + b) * inputs + i) * outputs + o,
                  ((n * rows + r) * columns + c) * outputs + o,
                );
              }
            }
          }
        }
      }
    }
  }
}

function shapeOfValue([images, height, width]: Shape, [size, , , outputs]: Shape, windows: Windows): Shape {
  const { stride, padding } = windows;
  const along = (pixels: number) => Math.floor((pixels + 2 * padding - size) / stride) + 1;
  return [images, along(height), along(width), outputs];
}

function zeros(shape: Shape): { readonly shape: Shape; readonly values: Float64Array } {
  return { shape, values: new Float64Array(shape.reduce((product, length) => product * length, 1)) };
}
