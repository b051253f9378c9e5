import { geluExact } from "../engine/ops/mod.ts";
import { activation } from "./activation.ts";
import type { Layer } from "./types.ts";

/**
 * x Phi(x) of every element, where Phi is the normal distribution function. It is exact: x (1 + erf(x / sqrt(2))) / 2.
 *
 * Source: arXiv:1606.08415, section 2. Reference: reference/gelu.ts
 */
export function gelu(): Layer {
  return activation((x) => geluExact(x));
}
