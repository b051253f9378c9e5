import { op, type Tensor } from "../native/mod.ts";

/**
 * Half the sum of the squares of a tensor's elements, in one pass. Not differentiable.
 *
 * @param x float32 of any shape.
 * @returns float32 scalar.
 */
export function halfSquaredNorm(x: Tensor): Tensor {
  return op("L2Loss", [x])[0];
}
