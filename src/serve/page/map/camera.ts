/**
 * Where the map is looked at: what lies in the middle, and how large a unit is on the screen.
 *
 * @module
 */

/** The middle of the view in the map's units, and pixels of the screen for each unit. */
export type Camera = { readonly x: number; readonly y: number; readonly scale: number };

/** Pixels of the screen. */
export type Size = { readonly width: number; readonly height: number };

/** The extent of points. */
export type Extent = { readonly left: number; readonly right: number; readonly bottom: number; readonly top: number };

/** The extent of all points that are somewhere. */
export function extentOf(points: Float32Array): Extent {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at], points[at + 1]];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < bottom) bottom = y;
    if (y > top) top = y;
  }
  return left <= right ? { left, right, bottom, top } : { left: -1, right: 1, bottom: -1, top: 1 };
}

/** The camera that shows everything, with a margin and `covered` pixels at the right side that something lies over. */
export function fitting({ left, right, bottom, top }: Extent, { width, height }: Size, covered: number): Camera {
  const free = width - covered;
  const scale = 0.92 * Math.min(free / Math.max(right - left, 1e-6), height / Math.max(top - bottom, 1e-6));
  return { x: (left + right + covered / scale) / 2, y: (bottom + top) / 2, scale };
}

/** Where a place of the map is on the screen, pixels from the upper left corner. */
export function toScreen({ x, y, scale }: Camera, { width, height }: Size, px: number, py: number): [number, number] {
  return [width / 2 + (px - x) * scale, height / 2 - (py - y) * scale];
}

/** What place of the map is at a place of the screen. */
export function toMap({ x, y, scale }: Camera, { width, height }: Size, sx: number, sy: number): [number, number] {
  return [x + (sx - width / 2) / scale, y - (sy - height / 2) / scale];
}

/** Zooms by a factor so that the place under the pointer stays where it is. */
export function zoomed(camera: Camera, size: Size, factor: number, sx: number, sy: number): Camera {
  const [x, y] = toMap(camera, size, sx, sy);
  const scale = camera.scale * factor;
  return { x: x - (sx - size.width / 2) / scale, y: y + (sy - size.height / 2) / scale, scale };
}

/** Moves by pixels of the screen. */
export function moved({ x, y, scale }: Camera, dx: number, dy: number): Camera {
  return { x: x - dx / scale, y: y + dy / scale, scale };
}
