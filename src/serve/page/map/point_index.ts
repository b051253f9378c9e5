/**
 * Finds points by their place: points lie in the cells of a grid, each with about four.
 *
 * @module
 */
import { type Extent, extentOf } from "./camera.ts";

/** Points by their place. */
export type PointIndex = {
  /** Calls `visit` with the row of every point in a rectangle of the map, until it gives true. */
  readonly within: (area: Extent, visit: (row: number) => boolean | void) => void;
};

/** Sorts points into cells. */
export function pointIndex(points: Float32Array): PointIndex {
  const extent = extentOf(points);
  const count = points.length / 2;
  const side = Math.max(1, Math.ceil(Math.sqrt(count / 4)));
  const [across, up] = [
    side / Math.max(extent.right - extent.left, 1e-9),
    side / Math.max(extent.top - extent.bottom, 1e-9),
  ];
  const clamped = (cell: number): number => Math.max(0, Math.min(side - 1, Math.floor(cell)));
  const cellOf = (row: number): number =>
    clamped((points[2 * row + 1] - extent.bottom) * up) * side + clamped((points[2 * row] - extent.left) * across);
  const starts = new Int32Array(side * side + 1);
  for (let row = 0; row < count; row++) if (!Number.isNaN(points[2 * row])) starts[cellOf(row) + 1]++;
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1] += starts[cell];
  const next = starts.slice();
  const sorted = new Int32Array(starts[side * side]);
  for (let row = 0; row < count; row++) if (!Number.isNaN(points[2 * row])) sorted[next[cellOf(row)]++] = row;
  return {
    within: ({ left, right, bottom, top }, visit) => {
      const [first, last] = [clamped((left - extent.left) * across), clamped((right - extent.left) * across)];
      const [lowest, highest] = [clamped((bottom - extent.bottom) * up), clamped((top - extent.bottom) * up)];
      for (let y = lowest; y <= highest; y++) {
        const end = starts[y * side + last + 1];
        for (let place = starts[y * side + first]; place < end; place++) {
          const row = sorted[place];
          const [px, py] = [points[2 * row], points[2 * row + 1]];
          if (px >= left && px <= right && py >= bottom && py <= top && visit(row) === true) return;
        }
      }
    },
  };
}
