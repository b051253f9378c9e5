import { toMap } from "./camera.ts";
import type { Shape } from "./marks.ts";
import type { View } from "./view.ts";

/** The corners of a region at most: the address holds them. */
const CORNERS = 60;

/** What was drawn on the screen, as a polygon of the map with few corners. */
export function regionOf({ kind, corners }: Shape, { camera, size }: View): readonly number[] {
  const [[x1, y1], [x2, y2]] = [corners[0], corners.at(-1)!];
  const step = Math.ceil(corners.length / CORNERS);
  const outline: readonly (readonly [number, number])[] = kind === "rectangle"
    ? [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    : corners.filter((_, place) => place % step === 0);
  const digits = Math.min(100, Math.max(0, Math.ceil(Math.log10(camera.scale)) + 1)); // a tenth of a pixel
  return outline.flatMap(([x, y]) => toMap(camera, size, x, y)).map((n) => Number(n.toFixed(digits)));
}
