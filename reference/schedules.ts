/**
 * Learning rates as functions of the step, in float64. With s steps taken so far and S steps in an epoch, the epoch is
 *
 *     e = floor(s / S)    where the rate changes per epoch (v1, v2)
 *     e = s / S           where it changes per iteration (v3)
 *
 * Source: arXiv:1911.05722, section 3.3 (step); arXiv:2003.04297, section 3 (cosine); arXiv:2104.02057, section 4.1
 * (linear warm-up from zero, then cosine, per iteration).
 *
 * @module
 */

/** When a rate may change. */
export type Granularity = "epoch" | "iteration";

/** e of the module's comment. */
export function epochOf(step: number, stepsPerEpoch: number, granularity: Granularity): number {
  const epoch = step / stepsPerEpoch;
  return granularity === "epoch" ? Math.floor(epoch) : epoch;
}

/** lr x factor^(number of milestones that are at or before e). Milestones in epochs. */
export function stepRate(
  base: number,
  epoch: number,
  milestones: readonly number[],
  factor: number = 0.1,
): number {
  let rate = base;
  for (const milestone of milestones) if (epoch >= milestone) rate *= factor;
  return rate;
}

/** lr/2 (1 + cos(pi e / epochs)). */
export function cosineRate(base: number, epoch: number, epochs: number): number {
  return base / 2 * (1 + Math.cos(Math.PI * epoch / epochs));
}

/**
 * Linear warm-up from zero, then the cosine over what is left:
 *
 *     lr e / w                                      for e < w
 *     lr/2 (1 + cos(pi (e - w) / (epochs - w)))     from e = w on
 */
export function warmupCosineRate(base: number, epoch: number, epochs: number, warmupEpochs: number): number {
  if (epoch < warmupEpochs) return base * epoch / warmupEpochs;
  return cosineRate(base, epoch - warmupEpochs, epochs - warmupEpochs);
}
