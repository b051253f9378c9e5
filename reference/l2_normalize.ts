/**
 * Rows scaled to unit length, in float64.
 *
 *     y = x / max(|x|, epsilon),    |x| = sqrt(sum_j x_j^2)
 *
 * Source: arXiv:1911.05722, section 3.3 ("This output vector is normalized by its L2-norm"); the floor is PyTorch's
 * `torch.nn.functional.normalize`.
 *
 * @module
 */
import { dot, lengthOf, type Matrix } from "./matrix.ts";

/** The rows of `x` [N][D], each divided by its length. */
export function l2Normalize(x: Matrix, epsilon: number = 1e-12): number[][] {
  return x.map((row) => {
    const length = Math.max(lengthOf(row), epsilon);
    return row.map((value) => value / length);
  });
}

/**
 * The gradient with respect to `x`, given the gradient `dy` with respect to `y`:
 *
 *     dx = (dy - y (y . dy)) / |x|        where |x| > epsilon
 *     dx = dy / epsilon                   elsewhere
 */
export function l2NormalizeGradient(
  x: Matrix,
  dy: Matrix,
  epsilon: number = 1e-12,
): number[][] {
  return x.map((row, n) => {
    const length = lengthOf(row);
    if (length <= epsilon) return dy[n].map((slope) => slope / epsilon);
    const y = row.map((value) => value / length);
    const along = dot(y, dy[n]);
    return y.map((value, j) => (dy[n][j] - value * along) / length);
  });
}
