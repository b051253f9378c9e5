/**
 * The spread of unit features: the mean over the columns of their standard deviation, times the root of their number.
 *
 * @param rows Features [N, D].
 */
export function spreadOf(rows: readonly (readonly number[])[]): number {
  const deviations = rows[0].map((_, column) => {
    const mean = rows.reduce((sum, row) => sum + row[column], 0) / rows.length;
    return Math.sqrt(rows.reduce((sum, row) => sum + (row[column] - mean) ** 2, 0) / rows.length);
  });
  return deviations.reduce((sum, each) => sum + each, 0) / Math.sqrt(deviations.length);
}
