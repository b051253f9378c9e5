import { type Tensor, tf } from "../engine/mod.ts";
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { normal, split, uniform } from "../core/random.ts";
import { biasAdd, conv2d } from "../engine/ops/mod.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer, Params } from "./types.ts";
import { valueOf } from "./values.ts";
import { checkWindows, paddingAfter, type Windows, windowsOver } from "./windows.ts";

/** The sizes and the stride of a convolution. */
export type ConvOptions = Windows & {
  /** The number of output channels. */
  readonly channels: number;
  /** Whether a bias is added. Default false: batch norm follows. */
  readonly bias?: boolean;
  /**
   * How the weight starts. "fan-out": normal with variance 2/(size^2 out), as in torchvision's ResNets. "uniform":
   * within 1/sqrt(size^2 in), PyTorch's default. Default "fan-out".
   */
  readonly initialization?: "fan-out" | "uniform";
};

/**
 * A convolution over images. It pads all four sides alike, as PyTorch does, so that weights are interchangeable.
 *
 * Values: `weight` [size, size, in, out], drawn as `initialization` says; `bias` [out], uniform within
 * 1/sqrt(size^2 in), PyTorch's default.
 *
 * @param options Window, channels, bias and initialization.
 * @returns Images [N, height, width, in] to [N, floor((height + 2 padding - size) / stride) + 1, ..., channels].
 * @throws {RangeError} if a number is not whole, the padding is below 0, or another number is below 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv, key, tf } from "@momentum-contrast/moco";
 *
 * const layer = conv({ size: 3, stride: 2, padding: 1, channels: 4 });
 * const { network, output } = layer.init(key(0), [8, 8, 3]);
 * assertEquals(output, [4, 4, 4]);
 * assertEquals(layer.apply(network, tf.ones([2, 8, 8, 3]), { training: true }).output.shape, [2, 4, 4, 4]);
 * ```
 */
export function conv(options: ConvOptions): Layer {
  const { size, stride = 1, padding = 0, channels, bias = false, initialization = "fan-out" } = options;
  checkWindows("make a convolution", options);
  checkNumbers("make a convolution", { channels: [channels, wholeFromOne] });
  return {
    init: (key, input) => {
      const [height, width] = windowsOver(input, options, "initialize", "conv");
      const inputs = input[2];
      const [weightKey, biasKey] = split(key);
      const shape = [size, size, inputs, channels];
      const bound = 1 / Math.sqrt(size * size * inputs);
      const weight = initialization === "uniform"
        ? uniform(weightKey, shape, -bound, bound)
        : normal(weightKey, shape, 0, Math.sqrt(2 / (size * size * channels)));
      const params: Params = bias ? { weight, bias: uniform(biasKey, [channels], -bound, bound) } : { weight };
      return { network: { params, buffers: {} }, output: [height, width, channels] };
    },
    apply: ({ params }, x) => {
      const image = x.shape.slice(1);
      const output = windowsOver(image, options, "apply", "conv");
      const weight = weightFor(params, x, size, channels);
      const y = conv2d(x, weight, stride, { before: padding, after: paddingAfter(image, options, output) });
      return { output: bias ? biasAdd(y, valueOf(params, "bias", [channels], "conv")) : y, buffers: {} };
    },
  };
}

function weightFor(params: Params, x: Tensor, size: number, channels: number): Tensor {
  const { weight } = params;
  const fits = weight instanceof tf.Tensor && weight.rank === 4;
  if (fits && weight.shape[2] !== x.shape[3]) {
    throw new LayerError("apply", "conv", `images of ${weight.shape[2]} channels`, shapeText(x));
  }
  return valueOf(params, "weight", [size, size, x.shape[3]!, channels], "conv");
}
