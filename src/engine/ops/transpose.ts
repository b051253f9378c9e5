import { op, type Tensor } from "../native/mod.ts";
import { ints } from "./ints.ts";

/** The axes in another order. Not differentiable: it is meant for the bodies of ops that define their own gradient. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  return op("Transpose", [x, ints(...order)])[0];
}
