import { mask } from "../state/filters.ts";
import { toMap, toScreen } from "./camera.ts";
import type { PointIndex } from "./point_index.ts";
import type { Spot } from "./thumbnails.ts";
import type { View } from "./view.ts";

/** How far from a point the pointer still means it, pixels. */
const REACH = 12;

/** The row of the picture at a place of the screen, or of the nearest point within reach; -1 for none. */
export function imageAt(
  x: number,
  y: number,
  places: Float32Array,
  index: PointIndex | undefined,
  spots: readonly Spot[],
  { camera, size }: View,
): number {
  const onScreen = (row: number): [number, number] => toScreen(camera, size, places[2 * row], places[2 * row + 1]);
  const picture = spots.findLast(({ row, side }) => {
    const [px, py] = onScreen(row);
    return Math.abs(px - x) <= side / 2 && Math.abs(py - y) <= side / 2;
  });
  if (picture !== undefined) return picture.row;
  const [left, top] = toMap(camera, size, x - REACH, y - REACH);
  const [right, bottom] = toMap(camera, size, x + REACH, y + REACH);
  let [found, least] = [-1, Infinity];
  index?.within({ left, right, bottom, top }, (row) => {
    if (mask.value[row] === 0) return;
    const [px, py] = onScreen(row);
    const distance = Math.hypot(px - x, py - y);
    if (distance < least) [found, least] = [row, distance];
  });
  return found;
}
