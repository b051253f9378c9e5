import { jit, type Tensor } from "../engine/mod.ts";
import { buildFeatures } from "../config/build.ts";
import type { Config } from "../config/types.ts";
import { l2Normalize } from "../methods/l2_normalize.ts";
import type { MethodState } from "../methods/types.ts";

/** From a state and images uint8 [N, height, width, C] to a vector float32 [N, D] for each. */
type Features = (state: MethodState, images: Tensor) => Tensor;

/**
 * How the features of a state's encoder are computed. If the run compiles, this is compiled once for each image size.
 */
export function featuresOf(config: Config): Features {
  return compiled(config, "features", buildFeatures(config));
}

/** As {@linkcode featuresOf}, with vectors of length 1. */
export function unitFeaturesOf(config: Config): Features {
  const features = buildFeatures(config);
  return compiled(config, "unit features", (state, images) => l2Normalize(features(state, images)));
}

function compiled({ training: { jit: isCompiled, precision } }: Config, name: string, features: Features): Features {
  return isCompiled ? jit(features, { name, precision }) : features;
}
