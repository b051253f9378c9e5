/**
 * The matrix products of a network's convolutions, and nothing else: what its step is measured by.
 *
 * @module
 */
import { entries, key, normal, scope, type Tensor, type Tree } from "../mod.ts";
import { tf } from "../src/engine/mod.ts";

/** Rows, what is summed over, columns. */
type Product = readonly [rows: number, inner: number, columns: number];

/**
 * The products of one pass of a ResNet with the small stem, as multiplications of matrices: each convolution has as
 * many rows as its output has pixels, and sums over the pixels under its kernel. A step has four such passes: the
 * query's, the key's, and the gradients by the features and by the weights.
 *
 * @param params The network's parameters, by PyTorch's names.
 * @param batch Images.
 * @param size Their height and width, pixels.
 */
export function productsOf(params: Tree, batch: number, size: number): readonly Product[] {
  return entries(params).flatMap(([name, { rank, shape }]): readonly Product[] => {
    if (rank === 2) return [[batch, shape[0], shape[1]!]];
    if (rank !== 4) return [];
    const stage = Number(name.match(/layer(\d)/)?.[1] ?? 1); // stage n halves the map n - 1 times
    const map = Math.ceil(size / 2 ** (stage - 1));
    const [height, width, channels, filters] = shape as readonly number[];
    return [[batch * map ** 2, height * width * channels, filters]];
  });
}

/** A function that computes these products, on matrices of the same shapes, one after another. */
export function bareProducts(products: readonly Product[]): { readonly run: () => void; readonly matrices: Tree } {
  const matrices: Record<string, Tensor> = {};
  const matrix = (rows: number, columns: number): tf.Tensor2D =>
    (matrices[`${rows} x ${columns}`] ??= normal(key(rows), [rows, columns])) as tf.Tensor2D;
  const pairs = products.map(([rows, inner, columns]) => [matrix(rows, inner), matrix(inner, columns)] as const);
  return {
    run: () => pairs.forEach(([left, right]) => scope(() => void tf.matMul(left, right))),
    matrices,
  };
}
