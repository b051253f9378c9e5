import { op, type Tensor } from "../native/mod.ts";

/** The inverse of a permutation: `inverse[permutation[i]] = i`. Both are int32 [N]. */
export function invertPermutation(permutation: Tensor): Tensor {
  return op("InvertPermutation", [permutation])[0];
}
