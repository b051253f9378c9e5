import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { split, uniform } from "../core/random.ts";
import { biasAdd, matrixProduct } from "../engine/ops/mod.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer, Params } from "./types.ts";
import { valueOf } from "./values.ts";
import { xavierUniform } from "./xavier.ts";

/** The size and the initialization of a dense layer. */
export type DenseOptions = {
  /** The number of output features. */
  readonly features: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /**
   * How the values start. "uniform": within 1/sqrt(in), PyTorch's default. "xavier": the weight uniform within
   * sqrt(6 / (in + out)), the bias zero, as in vision transformers. Default "uniform".
   */
  readonly initialization?: "uniform" | "xavier";
  /** How many matrices the weight holds side by side, each with its own Xavier bound. Default 1; q, k, v: 3. */
  readonly parts?: number;
};

/**
 * A linear layer: y = x W + b.
 *
 * Values: `weight` [in, out] and `bias` [out].
 *
 * @param options Features, bias, and how they start.
 * @returns Features [N, in] to [N, features]; tokens [N, T, in] to [N, T, features].
 * @throws {RangeError} if the features or the parts are not a whole number of at least 1, or the parts do not divide the
 *   features.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, tf } from "@momentum-contrast/moco";
 *
 * const layer = dense({ features: 1 });
 * const network = { params: { weight: tf.tensor2d([[2], [3]]), bias: tf.tensor1d([1]) }, buffers: {} };
 * assertEquals([...layer.apply(network, tf.tensor2d([[10, 1]]), { training: true }).output.dataSync()], [24]);
 * ```
 */
export function dense(options: DenseOptions): Layer {
  const { features, bias = true, parts = 1 } = options;
  checkNumbers("make a dense layer", { features: [features, wholeFromOne], parts: [parts, wholeFromOne] });
  if (features % parts !== 0) {
    throw new RangeError(`Cannot make a dense layer: expected features that ${parts} parts divide, found ${features}`);
  }
  return {
    init: (key, input) => {
      if (input.length !== 1 && input.length !== 2) {
        throw new LayerError("initialize", "dense", "features [in] or tokens [T, in]", shapeText(input));
      }
      const [tokens, inputs] = [input.slice(0, -1), input[input.length - 1]];
      const { weight, bias: offset } = initial(key, inputs, options);
      const params: Params = bias ? { weight, bias: offset } : { weight };
      return { network: { params, buffers: {} }, output: [...tokens, features] };
    },
    apply: ({ params }, x) => {
      if (x.rank !== 2 && x.rank !== 3) {
        throw new LayerError("apply", "dense", "features [N, in] or tokens [N, T, in]", shapeText(x));
      }
      const inputs = x.shape[x.rank - 1]!;
      const weight = valueOf(params, "weight", [inputs, features], "dense");
      const offset = bias ? valueOf(params, "bias", [features], "dense") : undefined;
      return { output: linear(x, weight, offset), buffers: {} };
    },
  };
}

/**
 * x W + b.
 *
 * @param x float32 [..., in].
 * @param weight float32 [in, out].
 * @param bias float32 [out]; without it none is added.
 * @returns float32 [..., out]. Differentiable.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [inputs, outputs] = weight.shape as [number, number];
  const product = matrixProduct(x.rank === 2 ? x : tf.reshape(x, [-1, inputs]), weight); // [rows, out]
  const y = bias === undefined ? product : biasAdd(product, bias);
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}

function initial(
  key: Tensor,
  inputs: number,
  { features, initialization = "uniform", parts = 1 }: DenseOptions,
): { readonly weight: Tensor; readonly bias: Tensor } {
  const shape = [inputs, features];
  if (initialization === "xavier") {
    return { weight: xavierUniform(key, shape, inputs, features / parts), bias: tf.zeros([features]) };
  }
  const [weightKey, biasKey] = split(key);
  const bound = 1 / Math.sqrt(inputs);
  return { weight: uniform(weightKey, shape, -bound, bound), bias: uniform(biasKey, [features], -bound, bound) };
}
