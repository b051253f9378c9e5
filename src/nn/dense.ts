import { split, uniform } from "../core/random.ts";
import { biasAdd, matrixProduct } from "../engine/ops/affine.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer, Params } from "./types.ts";
import { valueOf } from "./values.ts";

/** What a dense layer is made by. */
export type DenseOptions = {
  /** The number of output features. */
  readonly features: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
};

/**
 * A linear layer: y = x W + b.
 *
 * Values: `weight` [in, out] and `bias` [out], both uniform within 1/sqrt(in), PyTorch's default.
 *
 * @param options Features and bias.
 * @returns Features [N, in] to [N, features].
 */
export function dense({ features, bias = true }: DenseOptions): Layer {
  return {
    init: (key, input) => {
      if (input.length !== 1) throw new LayerError("initialize", "dense", "features [in]", shapeText(input));
      const [weightKey, biasKey] = split(key);
      const bound = 1 / Math.sqrt(input[0]);
      const weight = uniform(weightKey, [input[0], features], -bound, bound);
      const params: Params = bias ? { weight, bias: uniform(biasKey, [features], -bound, bound) } : { weight };
      return { network: { params, stats: {} }, output: [features] };
    },
    apply: ({ params }, x) => {
      if (x.rank !== 2) throw new LayerError("apply", "dense", "features [N, in]", shapeText(x));
      const y = matrixProduct(x, valueOf(params, "weight", [x.shape[1]!, features], "dense")); // [N, features]
      return { output: bias ? biasAdd(y, valueOf(params, "bias", [features], "dense")) : y, stats: {} };
    },
  };
}
