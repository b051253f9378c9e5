import { jit, type Tensor } from "../engine/mod.ts";
import { buildFeatures } from "../config/build.ts";
import type { Config } from "../config/types.ts";
import type { MethodState } from "../methods/types.ts";

/**
 * How the features of a state's encoder are computed. If the run compiles, this is compiled once for each image size.
 */
export function featuresOf(config: Config): (state: MethodState, images: Tensor) => Tensor {
  const { jit: compiled, precision } = config.training;
  const features = buildFeatures(config);
  return compiled ? jit(features, { name: "features", precision }) : features;
}
