/**
 * 3x3 convolutions by Winograd's minimal filtering, F(m x m, 3x3): (m + 2)^2 multiplications for m^2 results, where the
 * direct sum takes 9 m^2. A quarter of them for m = 4, four ninths for m = 2.
 *
 * @module
 */
import { defineOp, op, type Tensor, tf } from "../native/mod.ts";
import { rematerialized, winogradFiltering, withControlDependencies } from "../compile/mod.ts";
import { transpose } from "./transpose.ts";

type Matrix = readonly (readonly number[])[];

/**
 * F(m x m, 3x3): Y = A [(G w G') * (B x B')] A' for a tile, where w and x are polynomials, multiplied point by point.
 * Source: Lavin and Gray, arXiv:1509.09308, eq. 8.
 */
type Filtering = {
  /** The number of results of a tile along an axis, m. */
  readonly results: number;
  /** The number of pixels that it reads, m + 2. */
  readonly reads: number;
  /** B, G and A. */
  readonly input: Matrix;
  readonly filter: Matrix;
  readonly output: Matrix;
};

/** The filtering whose points are those given, and infinity. */
function filteringAt(points: readonly number[]): Filtering {
  const results = points.length - 1;
  const others = (point: number) => points.filter((other) => other !== point);
  return {
    results,
    reads: results + 2,
    input: [...points.map((point) => [...withRoots(others(point)), 0]), withRoots(points)],
    filter: [
      ...points.map((point) => {
        const scale = others(point).reduce((product, other) => product * (point - other), 1);
        return powers(point, 3).map((power) => power / scale);
      }),
      [0, 0, 1],
    ],
    output: transposed([...points.map((point) => powers(point, results)), powers(0, results).reverse()]),
  };
}

/**
 * By the number of results. With 2 the points are the paper's, and every number of the maps is exact in bfloat16. The
 * paper's points for 4 are 0, 1, -1, 2, -2 and infinity. The points here lose half as much to rounding.
 */
const filterings = {
  2: filteringAt([0, 1, -1]),
  4: filteringAt([0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2]),
} as const;

type Results = keyof typeof filterings;

const conv = defineOp({
  name: "WinogradConv2D",
  inputs: ["x", "filter"],
  forward: ({ x, filter }, attributes) => {
    const by = filteringOf(attributes);
    // The points are up to four times the filter, so they are not made before they are needed.
    const points = pointsOf(withControlDependencies([filter], [x])[0], by);
    return [collect(product(spread(x, by, readBy), points), x.shape, by, writtenBy)];
  },
  // Every step of the forward pass is linear, so the gradients go through the transposed steps. The transformed inputs
  // are computed again, since they are two to four times as large as the inputs.
  gradient: ([gradient], { inputs }, attributes) => {
    const by = filteringOf(attributes);
    const again = (x: Tensor) => withControlDependencies([x], [gradient])[0];
    return {
      x: () => {
        const points = pointsOf(again(inputs.filter), by);
        const byPoint = product(spread(gradient, by, transposedWrites), points, { adj_y: true });
        return collect(byPoint, inputs.x.shape, by, transposedReads);
      },
      filter: () => {
        const images = spread(again(rematerialized(inputs.x, [gradient])), by, readBy);
        const byPoint = summed(images, spread(gradient, by, transposedWrites)); // [(m + 2)^2, in out]
        return tf.reshape(matMul(both(by.filter), byPoint, { transpose_a: true }), inputs.filter.shape);
      },
    };
  },
  saves: { inputs: ["x", "filter"], outputs: [] },
});

function filteringOf(attributes: unknown): Filtering {
  return filterings[(attributes as { readonly results: Results }).results];
}

/** Where Winograd's filtering leaves more than this share of a direct convolution's products, it is not used. */
const largestShare = 0.6;

/**
 * The filtering that is faster than a direct convolution, as measured on AVX2 and AVX-512. Its maps along an axis are
 * matrices, whose cost grows with the axis as the cost of the products grows with the channels. Its tiles are whole
 * even at the images' edges, and all images share one map of the filter.
 *
 * @returns Its number of results along a tile's axis; undefined where a direct convolution is faster.
 */
export function suitingWinograd(x: Tensor, filter: Tensor): Results | undefined {
  const by = winogradFiltering();
  const [images, height, width, inputs] = x.shape as number[];
  const [rows, columns, , outputs] = filter.shape as number[];
  if (by === undefined || rows !== 3 || columns !== 3) return undefined;
  const { results, reads } = filterings[by.results];
  const tiles = Math.ceil(height / results) * Math.ceil(width / results);
  const leastChannels = Math.max(by.leastChannels, by.leastChannelsForPixel * Math.max(height, width));
  const suits = Math.min(inputs, outputs) >= leastChannels && images * tiles >= 16 &&
    reads ** 2 * tiles <= largestShare * 9 * height * width;
  return suits ? by.results : undefined;
}

/**
 * Cross-correlation with 3x3 filters at stride 1, padded by 1 pixel. In float32 the relative rounding error is about
 * 2e-6, compared with about 2e-7 for a direct convolution. In bfloat16 it is 6e-3, compared with 2.4e-3.
 *
 * @param x float32 [N, height, width, in].
 * @param filter float32 [3, 3, in, out].
 * @param results Those of a tile along an axis.
 * @returns float32 [N, height, width, out]. Differentiable.
 */
export function winogradConv(x: Tensor, filter: Tensor, results: Results): Tensor {
  return conv({ x, filter }, { results })[0];
}

/** The coefficients of a polynomial with these roots, from the constant upwards. */
function withRoots(roots: readonly number[]): number[] {
  return roots.reduce(
    (factor, root) => [...factor, 0].map((value, power) => (factor[power - 1] ?? 0) - root * value),
    [1],
  );
}

/** The first powers of a number, from the 0th upwards. */
function powers(base: number, count: number): number[] {
  return Array.from({ length: count }, (_, power) => base ** power);
}

/** A linear map along one axis of the images, whose length is `pixels`. */
type AlongAxis = (pixels: number, by: Filtering) => Matrix;

/** The map from an axis to the points of all tiles: [(m + 2) tiles, pixels], by point and then by tile. */
function readBy(pixels: number, { results, input }: Filtering): Matrix {
  const tiles = Math.ceil(pixels / results);
  return input.flatMap((weights) =>
    Array.from(
      { length: tiles },
      (_, tile) => Array.from({ length: pixels }, (_, pixel) => weights[pixel + 1 - tile * results] ?? 0),
    )
  );
}

/** The map from the points of all tiles to an axis of the result: [pixels, (m + 2) tiles]. */
function writtenBy(pixels: number, { results, reads, output }: Filtering): Matrix {
  const tiles = Math.ceil(pixels / results);
  return Array.from(
    { length: pixels },
    (_, pixel) =>
      Array.from(
        { length: reads * tiles },
        (_, column) =>
          column % tiles === Math.floor(pixel / results) ? output[pixel % results][Math.floor(column / tiles)] : 0,
      ),
  );
}

function transposedReads(pixels: number, by: Filtering): Matrix {
  return transposed(readBy(pixels, by));
}

function transposedWrites(pixels: number, by: Filtering): Matrix {
  return transposed(writtenBy(pixels, by));
}

/** From images [N, height, width, C] to the points of their tiles [m + 2, tiles, m + 2, tiles N, C]. */
function spread(x: Tensor, by: Filtering, along: AlongAxis): Tensor {
  const [images, height, width, channels] = x.shape as number[];
  const [down, across] = [along(height, by), along(width, by)];
  const columns = matMul(down, tf.reshape(transpose(x, [1, 2, 0, 3]), [height, -1]));
  const points = product(
    tf.expandDims(tensor(across), 0),
    tf.reshape(columns, [down.length, width, images * channels]),
  ); // [(m + 2) tiles, (m + 2) tiles, N C]
  const { reads } = by;
  return tf.reshape(points, [reads, down.length / reads, reads, across.length / reads * images, channels]);
}

/** The reverse: points [m + 2, tiles, m + 2, tiles N, C] to images of `shape`, except for the channels. */
function collect(points: Tensor, shape: readonly number[], by: Filtering, along: AlongAxis): Tensor {
  const [images, height, width] = shape;
  const channels = points.shape[4]!;
  const [down, across] = [along(height, by), along(width, by)];
  const columns = product(
    tf.expandDims(tensor(across), 0),
    tf.reshape(points, [down[0].length, across[0].length, images * channels]),
  ); // [(m + 2) tiles, width, N C]
  const rows = matMul(down, tf.reshape(columns, [down[0].length, -1]));
  return transpose(tf.reshape(rows, [height, width, images, channels]), [2, 0, 1, 3]);
}

/** Products at each point, [(m + 2)^2, in out], summed over tiles and images. */
function summed(images: Tensor, gradients: Tensor): Tensor {
  const [reads, tiles, , rows, inputs] = images.shape as number[];
  const outputs = gradients.shape[4]!;
  const byPoint = (x: Tensor) => tf.reshape(transpose(x, [0, 2, 1, 3, 4]), [reads * reads, tiles * rows, -1]);
  const sums = product(byPoint(images), byPoint(gradients), { adj_x: true });
  return tf.reshape(sums, [reads * reads, inputs * outputs]);
}

/** A filter's values at the points of a tile: [m + 2, 1, m + 2, in, out]. */
function pointsOf(filter: Tensor, by: Filtering): Tensor {
  const [, , inputs, outputs] = filter.shape as number[];
  const points = matMul(both(by.filter), tf.reshape(filter, [9, inputs * outputs]));
  return tf.reshape(points, [by.reads, 1, by.reads, inputs, outputs]);
}

/** The product of a map and a matrix. */
function matMul(map: Matrix, x: Tensor, attributes: { transpose_a?: boolean } = {}): Tensor {
  return op("MatMul", [tensor(map), x], attributes)[0];
}

/** Matrix products over the last two axes; the others are broadcast. */
function product(a: Tensor, b: Tensor, attributes: { adj_x?: boolean; adj_y?: boolean } = {}): Tensor {
  return op("BatchMatMulV2", [a, b], { adj_x: false, adj_y: false, ...attributes })[0];
}

/** A map along one axis, applied to both axes: its Kronecker product with itself. */
function both(matrix: Matrix): number[][] {
  return matrix.flatMap((first) => matrix.map((second) => first.flatMap((a) => second.map((b) => a * b))));
}

function transposed(matrix: Matrix): Matrix {
  return matrix[0].map((_, column) => matrix.map((row) => row[column]));
}

function tensor(matrix: Matrix): tf.Tensor2D {
  return tf.tensor2d(matrix as number[][]);
}
