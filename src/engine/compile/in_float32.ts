import { backend, dtypeOf, idOf, type Tensor } from "../native/mod.ts";
import { castTo, currentTrace, metadataOf } from "./graph.ts";

/**
 * A tensor in float32 if it is in bfloat16, as an activation or a gradient may be in a function in mixed precision. Any
 * other tensor comes back as it is.
 */
export function inFloat32(x: Tensor): Tensor {
  const trace = currentTrace();
  if (!trace?.compilation.mixed || dtypeOf(x) !== "bfloat16") return x;
  return backend().createOutputTensor(metadataOf(trace, castTo(trace, idOf(x), "float32")));
}
