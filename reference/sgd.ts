/**
 * Stochastic gradient descent with momentum and weight decay, in float64 and in PyTorch's form, in which the learning
 * rate multiplies the velocity and not the gradient:
 *
 *     v <- mu v + (g + wd w),    w <- w - lr v
 *
 * The first velocity is zero, so the first step is w - lr (g + wd w). Weight decay applies to every parameter.
 * Nesterov's form looks ahead by the momentum: w <- w - lr (g + wd w + mu v), with the v of this step.
 *
 * Source: `torch.optim.SGD`; used in arXiv:1911.05722, section 3.3 (mu = 0.9, wd = 1e-4).
 *
 * @module
 */

/** mu, lr and wd. */
export type SgdOptions = { readonly learningRate: number; readonly momentum: number; readonly weightDecay: number };

/** One step over parameters of one layout, in Nesterov's form if asked for. */
export function sgd(
  parameters: readonly number[],
  velocity: readonly number[],
  gradient: readonly number[],
  { learningRate, momentum, weightDecay }: SgdOptions,
  nesterov = false,
): { readonly parameters: number[]; readonly velocity: number[] } {
  const nextVelocity: number[] = [];
  const next: number[] = [];
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i] + weightDecay * parameters[i];
    const v = momentum * velocity[i] + g;
    nextVelocity.push(v);
    next.push(parameters[i] - learningRate * (nesterov ? g + momentum * v : v));
  }
  return { parameters: next, velocity: nextVelocity };
}
