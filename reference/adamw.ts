/**
 * Adam with decoupled weight decay, in float64. At the t-th update, t = 1, 2, ...:
 *
 *     m <- beta1 m + (1 - beta1) g
 *     s <- beta2 s + (1 - beta2) g^2
 *     w <- w - lr wd w - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon)
 *
 * The decay uses w as it was before the update, and applies to every parameter.
 *
 * Source: arXiv:1711.05101, algorithm 2 (with the schedule's multiplier in lr, as PyTorch's `AdamW` has it); used in
 * arXiv:2104.02057, section 4.1 (wd = 0.1).
 *
 * @module
 */

/** lr, the betas, epsilon and wd. */
export type AdamWOptions = {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
};

/** m, s and t of the module's comment; t is the number of updates made. */
export type AdamWState = {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly count: number;
};

/** One update. */
export function adamW(
  parameters: readonly number[],
  state: AdamWState,
  gradient: readonly number[],
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamWOptions,
): { readonly parameters: number[]; readonly state: AdamWState } {
  const count = state.count + 1;
  const first: number[] = [];
  const second: number[] = [];
  const next: number[] = [];
  for (let i = 0; i < parameters.length; i++) {
    const m = beta1 * state.first[i] + (1 - beta1) * gradient[i];
    const s = beta2 * state.second[i] + (1 - beta2) * gradient[i] * gradient[i];
    const adapted = m / (1 - beta1 ** count) / (Math.sqrt(s / (1 - beta2 ** count)) + epsilon);
    first.push(m);
    second.push(s);
    next.push(parameters[i] - learningRate * weightDecay * parameters[i] - learningRate * adapted);
  }
  return { parameters: next, state: { first, second, count } };
}
