import { op, type Tensor, tf } from "../native/mod.ts";

/** Whole numbers as a tensor, int32 [count]; none are the shape of a scalar. */
export function ints(...values: number[]): Tensor {
  return tf.tensor1d(values, "int32");
}

/** An element of a vector, as a scalar of its dtype. */
export function element(vector: Tensor, index: number): Tensor {
  return op("Reshape", [op("Slice", [vector, ints(index), ints(1)])[0], ints()])[0];
}
