/**
 * Batch normalisation with groups, in float64. A batch is [N][P][C]: N samples, P positions (1 after a dense layer,
 * height x width after a convolution), C channels. Sample n is in group n mod G, and each group is normalised by its
 * own statistics over its M = N/G x P values of each channel:
 *
 *     mu = 1/M sum x,    var = 1/M sum (x - mu)^2,    y = scale (x - mu) / sqrt(var + epsilon) + offset
 *
 * Running statistics move by PyTorch's rule, with the unbiased variance, and are the mean over the groups:
 *
 *     running_mean <- (1 - a) running_mean + a mu
 *     running_var  <- (1 - a) running_var  + a var M / (M - 1)
 *
 * Source: arXiv:1502.03167, algorithm 1; PyTorch's `BatchNorm2d` (a = 0.1, epsilon = 1e-5); groups as the devices of
 * arXiv:1911.05722, section 3.3.
 *
 * @module
 */
import { columnSums, type Matrix, type Vector, zeros } from "./matrix.ts";

/** [N][P][C]. */
export type Batch = readonly Matrix[];

/** The values of one layer, each of length C. */
export type BatchNorm = {
  readonly scale: Vector;
  readonly offset: Vector;
  readonly runningMean: Vector;
  readonly runningVariance: Vector;
};

/** Constants of the layer. */
export type Constants = { readonly epsilon: number; readonly momentum: number };

/** PyTorch's constants. */
export const constants: Constants = { epsilon: 1e-5, momentum: 0.1 };

/** Training: normalises each group by its own values and moves the running statistics. */
export function batchNormTraining(
  x: Batch,
  layer: BatchNorm,
  groups: number = 1,
  { epsilon, momentum }: Constants = constants,
): { readonly y: number[][][]; readonly runningMean: number[]; readonly runningVariance: number[] } {
  const { mean, variance, count } = moments(x, groups);
  if (count < 2) throw new RangeError(`Cannot normalise: expected two values or more in a group, found ${count}`);
  const y = x.map((sample, n) =>
    sample.map((position) =>
      position.map((value, c) => {
        const g = n % groups;
        return layer.scale[c] * (value - mean[g][c]) / Math.sqrt(variance[g][c] + epsilon) + layer.offset[c];
      })
    )
  );
  const move = (running: Vector, ofGroup: number[][], correction: number) =>
    running.map((old, c) => {
      let sum = 0;
      for (let g = 0; g < groups; g++) sum += (1 - momentum) * old + momentum * ofGroup[g][c] * correction;
      return sum / groups;
    });
  return {
    y,
    runningMean: move(layer.runningMean, mean, 1),
    runningVariance: move(layer.runningVariance, variance, count / (count - 1)),
  };
}

/**
 * The gradients of training mode, given `dy`. With z = (x - mu) / s and s = sqrt(var + epsilon), over a group's M
 * values:
 *
 *     d scale = sum dy z,    d offset = sum dy        (over all groups)
 *     dx = scale / s ( dy - 1/M sum dy - z/M sum dy z )
 */
export function batchNormGradient(
  x: Batch,
  dy: Batch,
  layer: BatchNorm,
  groups: number = 1,
  { epsilon }: Constants = constants,
): { readonly x: number[][][]; readonly scale: number[]; readonly offset: number[] } {
  const { mean, variance, count } = moments(x, groups);
  const channels = layer.scale.length;
  const z = (n: number, p: number, c: number) =>
    (x[n][p][c] - mean[n % groups][c]) / Math.sqrt(variance[n % groups][c] + epsilon);
  const sumDy = zeros(groups, channels);
  const sumDyZ = zeros(groups, channels);
  for (let n = 0; n < x.length; n++) {
    for (let p = 0; p < x[n].length; p++) {
      for (let c = 0; c < channels; c++) {
        sumDy[n % groups][c] += dy[n][p][c];
        sumDyZ[n % groups][c] += dy[n][p][c] * z(n, p, c);
      }
    }
  }
  const dx = x.map((sample, n) =>
    sample.map((position, p) =>
      position.map((_, c) => {
        const g = n % groups;
        const s = Math.sqrt(variance[g][c] + epsilon);
        return layer.scale[c] / s * (dy[n][p][c] - sumDy[g][c] / count - z(n, p, c) * sumDyZ[g][c] / count);
      })
    )
  );
  return { x: dx, scale: columnSums(sumDyZ), offset: columnSums(sumDy) };
}

/** Evaluation: normalises by the running statistics, which stay as they are. */
export function batchNormEvaluation(x: Batch, layer: BatchNorm, { epsilon }: Constants = constants): number[][][] {
  return x.map((sample) =>
    sample.map((position) =>
      position.map((value, c) =>
        layer.scale[c] * (value - layer.runningMean[c]) / Math.sqrt(layer.runningVariance[c] + epsilon) +
        layer.offset[c]
      )
    )
  );
}

/** Mean and biased variance of each group and channel, and the number M of values in each. */
function moments(x: Batch, groups: number): { mean: number[][]; variance: number[][]; count: number } {
  if (x.length % groups !== 0) {
    throw new RangeError(`Cannot group samples: expected a multiple of ${groups}, found ${x.length}`);
  }
  const channels = x[0][0].length;
  const count = x.length / groups * x[0].length;
  const mean = zeros(groups, channels);
  const variance = zeros(groups, channels);
  const each = (visit: (g: number, c: number, value: number) => void) =>
    x.forEach((sample, n) => sample.forEach((position) => position.forEach((value, c) => visit(n % groups, c, value))));
  each((g, c, value) => mean[g][c] += value / count);
  each((g, c, value) => variance[g][c] += (value - mean[g][c]) ** 2 / count);
  return { mean, variance, count };
}
