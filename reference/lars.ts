/**
 * Layer-wise adaptive rate scaling with momentum, in float64, for one parameter tensor w of one layer:
 *
 *     d = g + wd w
 *     local = trust |w| / |d|        where |w| > 0 and |d| > 0, else 1
 *     v <- mu v + local d,    w <- w - lr v
 *
 * A tensor of one axis (a bias, or a scale or offset of batch norm) is neither decayed nor adapted: d = g, local = 1.
 *
 * Source: arXiv:1708.03888, algorithm 1, with two changes that MoCo v3's code has: the learning rate is outside of the
 * velocity, as PyTorch's optimizers have it, and the norm is that of the sum d, where the paper adds |g| and wd |w|. Used
 * in arXiv:2104.02057, section 4.1 (trust = 0.001, mu = 0.9, wd = 1e-6).
 *
 * @module
 */
import { lengthOf, type Vector } from "./matrix.ts";

/** lr, mu, wd and trust. */
export type LarsOptions = {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly trust: number;
};

/**
 * One step over one tensor, given as a flat list.
 *
 * @param axes how many axes the tensor has.
 */
export function lars(
  parameters: Vector,
  velocity: Vector,
  gradient: Vector,
  axes: number,
  { learningRate, momentum, weightDecay, trust }: LarsOptions,
): { readonly parameters: number[]; readonly velocity: number[] } {
  const direction = gradient.map((g, i) => axes > 1 ? g + weightDecay * parameters[i] : g);
  let local = 1;
  if (axes > 1) {
    const [size, slope] = [lengthOf(parameters), lengthOf(direction)];
    if (size > 0 && slope > 0) local = trust * size / slope;
  }
  const nextVelocity = velocity.map((v, i) => momentum * v + local * direction[i]);
  return { parameters: parameters.map((w, i) => w - learningRate * nextVelocity[i]), velocity: nextVelocity };
}
