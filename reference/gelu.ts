/**
 * The Gaussian error linear unit, in float64:
 *
 *     y = x Phi(x),    Phi(x) = (1 + erf(x / sqrt(2))) / 2
 *
 * Source: arXiv:1606.08415, section 2.
 *
 * @module
 */

/** x Phi(x). */
export function gelu(x: number): number {
  return x * normalDistribution(x);
}

/** The derivative of {@linkcode gelu}: Phi(x) + x phi(x), with the normal density phi. */
export function geluDerivative(x: number): number {
  return normalDistribution(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * The probability that a standard normal variable is at most x:
 *
 *     Phi(x) = 1/2 + phi(x) (x + x^3 / 3 + x^5 / (3 5) + ...)
 *
 * All terms have one sign, so nothing cancels; far out the value is 0 or 1 to float64's precision.
 */
export function normalDistribution(x: number): number {
  if (Math.abs(x) > 9) return x > 0 ? 1 : 0;
  let [term, sum] = [x, x];
  for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
    term *= x * x / n;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}
