import { backend, idOf, type Tensor } from "../native/mod.ts";
import { castTo, currentTrace, metadataOf } from "./graph.ts";

/**
 * The same tensor in float32. In a function in mixed precision, an activation or a gradient may be in bfloat16; anywhere
 * else the tensor comes back as it is.
 */
export function inFloat32(x: Tensor): Tensor {
  const trace = currentTrace();
  if (!trace?.compilation.mixed) return x;
  const cast = castTo(trace, idOf(x), "float32");
  return cast === idOf(x) ? x : backend().createOutputTensor(metadataOf(trace, cast));
}
