import { rectify } from "../engine/ops/mod.ts";
import { activation } from "./activation.ts";
import type { Layer } from "./types.ts";

/** max(x, 0) of every element. The derivative at 0 is 0. */
export function relu(): Layer {
  return activation((x) => rectify(x));
}
