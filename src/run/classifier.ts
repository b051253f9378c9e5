import { buildClassifier } from "../config/build.ts";
import type { Config } from "../config/types.ts";
import { jit, type Tensor } from "../engine/mod.ts";
import type { MethodState } from "../methods/types.ts";

/** How a state's classifier is used. If the run compiles, this is compiled once for each image size. */
export function classifierOf(config: Config): (state: MethodState, images: Tensor) => Tensor {
  const { jit: compiled, precision } = config.training;
  const classify = buildClassifier(config);
  return compiled ? jit(classify, { name: "classifier", precision }) : classify;
}
