import type { Tensor } from "../engine/mod.ts";
import { turns } from "../engine/ops/mod.ts";
import { filled, leaves, type Tree } from "./tree.ts";

/**
 * The same tensors, for a computation that takes its turn: in a compiled function it begins when `previous` is there, and
 * the gradient goes back through what made `previous` when it is through the computation. So only one of them needs
 * memory for what it makes on the way. See {@linkcode turns}.
 *
 * @param params What the computation begins with: float32 tensors.
 * @param previous What computations before it gave, float32. Where there are none, or no parameters, nothing is awaited.
 */
export function inTurn<P extends Tree>(params: P, previous: readonly Tensor[]): [P, readonly Tensor[]] {
  const tensors = leaves(params);
  if (tensors.length === 0 || previous.length === 0) return [params, previous];
  const [next, same] = turns(tensors, previous);
  return [filled(params, next), same];
}
