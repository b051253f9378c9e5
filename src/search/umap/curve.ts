/** The curve of similarity over distance on a map: 1 / (1 + a d^(2 b)). */
export type Curve = { readonly a: number; readonly b: number };

/** Places at which the curve is fitted. */
const PLACES = 300;
const ROUNDS = 100;

/**
 * The curve on a map for a least distance between points: the least-squares fit of
 *
 *     1 / (1 + a d^(2 b))   to   1 for d <= minimum,  exp(-(d - minimum) / spread) beyond it,
 *
 * at 300 distances from 0 to three times the spread, by Levenberg's and Marquardt's method.
 *
 * Source: arXiv:1802.03426, section 3.2 and definition 11.
 *
 * @param minimum The distance below which points count as being at one place, in [0, spread).
 * @param spread The scale of distances on the map. Default 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { curveOf } from "./curve.ts";
 *
 * const { a, b } = curveOf(0.1);
 * assertAlmostEquals(a, 1.577, 1e-3);
 * assertAlmostEquals(b, 0.895, 1e-3);
 * ```
 */
export function curveOf(minimum: number, spread: number = 1): Curve {
  const distances = Array.from({ length: PLACES }, (_, i) => 3 * spread * i / (PLACES - 1));
  const targets = distances.map((d) => d <= minimum ? 1 : Math.exp(-(d - minimum) / spread));
  const errorOf = ({ a, b }: Curve) =>
    distances.reduce((sum, d, i) => sum + (height(d, { a, b }) - targets[i]) ** 2, 0);
  let curve: Curve = { a: 1, b: 1 };
  let error = errorOf(curve);
  let damping = 1e-3;
  for (let round = 0; round < ROUNDS; round++) {
    const moved = step(curve, distances, targets, damping);
    const next = moved.a > 0 && moved.b > 0 ? errorOf(moved) : Infinity;
    if (next < error) {
      [curve, error, damping] = [moved, next, damping / 10];
    } else {
      damping *= 10;
    }
  }
  return curve;
}

function height(distance: number, { a, b }: Curve): number {
  return 1 / (1 + a * distance ** (2 * b));
}

/** One step: (JᵀJ + damping diag(JᵀJ)) change = -Jᵀr, for the two parameters. */
function step(
  { a, b }: Curve,
  distances: readonly number[],
  targets: readonly number[],
  damping: number,
): Curve {
  let aa = 0, ab = 0, bb = 0, ra = 0, rb = 0;
  distances.forEach((d, i) => {
    const value = height(d, { a, b });
    const byA = -value * value * d ** (2 * b);
    const byB = d === 0 ? 0 : byA * a * 2 * Math.log(d);
    const residual = value - targets[i];
    aa += byA * byA;
    ab += byA * byB;
    bb += byB * byB;
    ra += byA * residual;
    rb += byB * residual;
  });
  const [p, q] = [aa * (1 + damping), bb * (1 + damping)];
  const determinant = p * q - ab * ab;
  return { a: a - (q * ra - ab * rb) / determinant, b: b - (p * rb - ab * ra) / determinant };
}
