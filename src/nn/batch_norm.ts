import { checkNumbers, finite, fromZero, share } from "../core/check_numbers.ts";
import { type Devices, virtualDevices } from "../core/devices.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { batchNormInference, batchNormTraining, type Normalized } from "../engine/ops/mod.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer, Network, Params } from "./types.ts";
import { valueOf } from "./values.ts";

/** The parameters and constants of batch normalisation. The defaults are PyTorch's. */
export type BatchNormOptions = {
  /** Whether each channel is scaled and shifted afterwards. Default true. */
  readonly affine?: boolean;
  /** What the scale starts at. Default 1. */
  readonly scale?: number;
  /** The share by which the running statistics move towards those of a batch. Default 0.1. */
  readonly momentum?: number;
  /** What is added to a variance before its root is taken. Default 1e-5. */
  readonly epsilon?: number;
};

/**
 * Batch normalisation of each channel of [N, height, width, C] or [N, C]:
 *
 *     y = weight (x - mean) / sqrt(variance + epsilon) + bias
 *
 * In training mode, mean and (biased) variance are those of the batch, measured separately in each of the consecutive
 * parts that the devices say, or over the batches of all devices. The running statistics then move towards the batch's
 * mean and unbiased variance, averaged over the groups. In evaluation mode the batch is normalised with the running
 * statistics, which do not change.
 *
 * Parameters: `weight` and `bias` [C], unless `affine` is false. Buffers: `running_mean` and `running_var` [C].
 *
 * Source: arXiv:1502.03167, algorithm 1; groups: arXiv:1911.05722, section 3.3. Reference: reference/batch_norm.ts
 *
 * @param options Constants, and whether there are parameters.
 * @returns A layer whose output has the shape of its input.
 * @throws {RangeError} if a number is not finite, the momentum is not in [0, 1], or epsilon is below 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { batchNorm, key, tf } from "@momentum-contrast/moco";
 *
 * const layer = batchNorm();
 * const { network } = layer.init(key(0), [1]);
 * const [first, second] = layer.apply(network, tf.tensor2d([[1], [3]]), { training: true }).output.dataSync();
 * assertAlmostEquals(first, -1, 1e-4);
 * assertAlmostEquals(second, 1, 1e-4);
 * ```
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  const { affine = true, scale = 1, momentum = 0.1, epsilon = 1e-5 } = options;
  checkNumbers("make batch norm", {
    scale: [scale, finite],
    momentum: [momentum, share],
    epsilon: [epsilon, fromZero],
  });
  return {
    init: (_, input) => {
      if (input.length !== 1 && input.length !== 3) throw misfit("initialize", input);
      const shape = [input[input.length - 1]];
      const params: Params = affine ? { weight: tf.fill(shape, scale), bias: tf.zeros(shape) } : {};
      const buffers = { running_mean: tf.zeros(shape), running_var: tf.ones(shape) };
      return { network: { params, buffers }, output: input };
    },
    apply: (network, x, { training, devices = virtualDevices() }) => {
      if (x.rank !== 2 && x.rank !== 4) throw misfit("apply", x.shape.slice(1));
      const { weight, bias, mean, variance } = valuesFor(network, x.shape[x.rank - 1]!, affine);
      if (!training) {
        return { output: batchNormInference(x, weight, bias, mean, variance, epsilon), buffers: network.buffers };
      }
      const normalized = devices.groups === "all"
        ? together(x, { weight, bias, mean, variance }, devices, { epsilon, momentum })
        : byGroups(
          x,
          devices.groups,
          (part) => batchNormTraining(part, weight, bias, mean, variance, { epsilon, momentum }),
        );
      return {
        output: normalized.y,
        buffers: { running_mean: normalized.mean, running_var: normalized.variance },
      };
    },
  };
}

type Values = { readonly [name in "weight" | "bias" | "mean" | "variance"]: Tensor };

function valuesFor({ params, buffers }: Network, channels: number, affine: boolean): Values {
  const of = (values: Network["params"], name: string) => valueOf(values, name, [channels], "batch norm");
  return {
    weight: affine ? of(params, "weight") : tf.ones([channels]),
    bias: affine ? of(params, "bias") : tf.zeros([channels]),
    mean: of(buffers, "running_mean"),
    variance: of(buffers, "running_var"),
  };
}

/** Normalises each of the consecutive parts by itself; the statistics are the mean over the parts. */
function byGroups(x: Tensor, groups: number, normalize: (part: Tensor) => Normalized): Normalized {
  const [n] = x.shape;
  if (groups === 1) return normalize(x);
  if (n % groups !== 0) {
    throw new LayerError("apply", "batch norm", `a batch that is a multiple of ${groups} groups`, `${n} samples`);
  }
  const parts = tf.split(x, groups, 0).map(normalize); // [N/groups, ...] each, without a copy
  const mean = (of: (part: Normalized) => Tensor) => tf.mul(tf.addN(parts.map(of)), 1 / groups);
  return {
    y: tf.concat(parts.map(({ y }) => y), 0),
    mean: mean((part) => part.mean),
    variance: mean((part) => part.variance),
  };
}

/**
 * Normalises the samples of all devices together. Each has as many, so the mean of all samples is the mean of the
 * devices' means, and the variance is the mean of their variances plus the variance of their means.
 */
function together(
  x: Tensor,
  { weight, bias, mean, variance }: Values,
  { count, gather }: Devices,
  { epsilon, momentum }: { readonly epsilon: number; readonly momentum: number },
): Normalized {
  const channels = x.shape[x.rank - 1]!;
  const own = tf.moments(x, x.shape.slice(0, -1).map((_, axis) => axis)); // [C] each
  const all = gather(tf.stack([tf.concat([own.mean, own.variance])])); // [devices, 2C]
  const [means, variances] = tf.split(all, [channels, channels], 1); // [devices, C] each
  const center = tf.mean(means, 0); // [C]
  const spread = tf.mean(tf.add(variances, tf.square(tf.sub(means, center))), 0); // [C]
  const scale = tf.mul(weight, tf.rsqrt(tf.add(spread, epsilon))); // [C]
  const samples = count * x.size / channels;
  const moved = (running: Tensor, measured: Tensor) =>
    tf.add(tf.mul(running, 1 - momentum), tf.mul(measured, momentum));
  return {
    y: tf.add(tf.mul(tf.sub(x, center), scale), bias),
    mean: moved(mean, center),
    variance: moved(variance, tf.mul(spread, samples / Math.max(1, samples - 1))), // a single sample has a variance of 0
  };
}

function misfit(verb: string, input: readonly number[]): LayerError {
  return new LayerError(verb, "batch norm", "samples [height, width, channels] or [features]", shapeText(input));
}
