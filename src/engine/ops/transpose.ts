import { op, type Tensor, tf } from "../native/mod.ts";

/** The axes in another order. Not differentiable: it is meant for the bodies of ops that define their own gradient. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  return op("Transpose", [x, tf.tensor1d([...order], "int32")])[0];
}
