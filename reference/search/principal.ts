/**
 * Principal components, in float64: eigenvectors of the covariance by Jacobi's rotations.
 *
 * @module
 */
import { dot, type Matrix } from "../matrix.ts";

/** The variances along all principal components, the greatest first. */
export function variances(rows: Matrix): number[] {
  const mean = rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
  const centred = rows.map((row) => row.map((x, d) => x - mean[d]));
  const columns = mean.map((_, d) => centred.map((row) => row[d]));
  const covariance = columns.map((a) => columns.map((b) => dot(a, b) / rows.length));
  return eigenvalues(covariance).sort((a, b) => b - a);
}

function eigenvalues(symmetric: Matrix): number[] {
  const a = symmetric.map((row) => [...row]);
  const size = a.length;
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p][q] === 0) continue;
        const angle = 0.5 * Math.atan2(2 * a[p][q], a[p][p] - a[q][q]);
        const c = Math.cos(angle), s = Math.sin(angle);
        for (let i = 0; i < size; i++) [a[i][p], a[i][q]] = [c * a[i][p] + s * a[i][q], c * a[i][q] - s * a[i][p]];
        for (let i = 0; i < size; i++) [a[p][i], a[q][i]] = [c * a[p][i] + s * a[q][i], c * a[q][i] - s * a[p][i]];
      }
    }
  }
  return a.map((row, i) => row[i]);
}
