import { op, type Tensor } from "../native/mod.ts";

/**
 * One of two tensors, whole. tfjs's `where` would first copy the condition to every element. Not differentiable.
 *
 * @param condition bool scalar.
 * @param yes The result where it holds.
 * @param no The result where it does not, of the same shape and dtype.
 */
export function select(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return op("SelectV2", [condition, yes, no])[0];
}
