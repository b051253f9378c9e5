/**
 * The momentum of the key encoder in MoCo v3, in float64. With t the share of the training that is done, counted by
 * iterations,
 *
 *     m(t) = 1 - (1 - m0) (1 + cos(pi t)) / 2
 *
 * which is m0 at first, (1 + m0) / 2 in the middle and 1 at the end.
 *
 * Source: arXiv:2104.02057, section 4.1.
 *
 * @module
 */

/** m(t). */
export function momentumAt(base: number, t: number): number {
  return 1 - (1 - base) * (1 + Math.cos(Math.PI * t)) / 2;
}
