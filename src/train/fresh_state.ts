import { key } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Tree } from "../core/tree.ts";
import type { Method } from "../methods/types.ts";

/** The state that a training with a seed begins with. */
export function freshState<S extends Tree>(method: Method<S>, seed: number): S {
  return scope(() => method.init(key(seed)));
}
