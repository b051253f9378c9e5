/**
 * The fixed position embedding of a grid of patches, in float64. A position p along an axis is embedded into D/2
 * channels, sines before cosines:
 *
 *     e(p) = [sin(p w_0), ..., sin(p w_{D/4-1}), cos(p w_0), ..., cos(p w_{D/4-1})],    w_i = 10000^(-i / (D/4))
 *
 * and the patch in row r and column c into [e(r), e(c)].
 *
 * Source: arXiv:1706.03762, section 3.5; in 2-D: arXiv:2104.02057, section 5.
 *
 * @module
 */

/** Rows times columns vectors of `dimension` channels, row by row. */
export function sinCosPosition(rows: number, columns: number, dimension: number): number[][] {
  const embed = (position: number) => {
    const angles = Array.from({ length: dimension / 4 }, (_, i) => position / Math.pow(10_000, i / (dimension / 4)));
    return [...angles.map(Math.sin), ...angles.map(Math.cos)];
  };
  return Array.from({ length: rows * columns }, (_, patch) => [
    ...embed(Math.floor(patch / columns)),
    ...embed(patch % columns),
  ]);
}
