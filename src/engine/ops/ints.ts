import { op, type Tensor, tf } from "../native/mod.ts";

/**
 * Whole numbers as a tensor, int32 [count]; none are the shape of a scalar.
 *
 * @throws {RangeError} if one is not a whole number of 32 bits, which would become another number.
 */
export function ints(...values: number[]): Tensor {
  const bad = values.find((value) => value !== (value | 0));
  if (bad !== undefined) {
    throw new RangeError(`Cannot make an int32 tensor: expected whole numbers of 32 bits, found ${bad}`);
  }
  return tf.tensor1d(values, "int32");
}

/** An element of a vector, as a scalar of its dtype. */
export function element(vector: Tensor, index: number): Tensor {
  return op("Reshape", [op("Slice", [vector, ints(index), ints(1)])[0], ints()])[0];
}
