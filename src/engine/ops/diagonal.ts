import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

/**
 * The diagonal of a square matrix, bit for bit. Not differentiable.
 *
 * @param x float32 [N, N].
 * @returns float32 [N].
 */
export function diagonal(x: Tensor): Tensor {
  return op("MatrixDiagPart", [x])[0];
}

const setDiagonal = (x: Tensor, value: number) =>
  tf.tidy(() => op("MatrixSetDiag", [x, tf.fill([x.shape[0]!], value)]));

const withDiagonalOp = defineOp({
  name: "MatrixSetDiag",
  inputs: ["x"],
  forward: ({ x }, { value }) => setDiagonal(x, value as number),
  gradient: ([gradient]) => ({ x: () => setDiagonal(gradient, 0)[0] }),
  saves: { inputs: [], outputs: [] },
});

/**
 * A square matrix with one value all along its diagonal.
 *
 * @param x float32 [N, N].
 * @param value The value, which may be infinite.
 * @returns float32 [N, N]. Differentiable: nothing flows back through the diagonal.
 */
export function withDiagonal(x: Tensor, value: number): Tensor {
  return withDiagonalOp({ x }, { value })[0];
}
