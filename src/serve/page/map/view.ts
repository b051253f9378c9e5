/**
 * What a map shows of the whole.
 *
 * @module
 */
import type { Place } from "../state/map.ts";
import { type Camera, extentOf, fitting, type Size } from "./camera.ts";

/** What a map shows of the whole, and how large. */
export type View = {
  readonly size: Size;
  /** The camera that shows everything. */
  readonly whole: Camera;
  /** Where the map is looked at. */
  readonly camera: Camera;
};

/** How far one can zoom in and out, beside the view of the whole. */
const ZOOMS = { least: 0.5, most: 5000 };

/** The view before there are points. */
export const noView: View = {
  size: { width: 1, height: 1 },
  whole: { x: 0, y: 0, scale: 1 },
  camera: { x: 0, y: 0, scale: 1 },
};

/** The view of points at a place, beside `covered` pixels at the right side that something lies over. */
export function viewAt(points: Float32Array, size: Size, covered: number, place: Place | undefined): View {
  const whole = fitting(extentOf(points), size, covered);
  return {
    size,
    whole,
    camera: place === undefined ? whole : { x: place.x, y: place.y, scale: whole.scale * place.zoom },
  };
}

/** The view through another camera, which comes as near and goes as far as one can zoom. */
export function viewThrough(camera: Camera, { size, whole }: View): View {
  const scale = Math.max(whole.scale * ZOOMS.least, Math.min(whole.scale * ZOOMS.most, camera.scale));
  return { size, whole, camera: { ...camera, scale } };
}

/** How often larger than the whole a view is. */
export function zoomOf({ camera, whole }: View): number {
  return camera.scale / whole.scale;
}

/** The radius of each of `count` points, pixels. */
export function radiusOf(view: View, count: number): number {
  const spacing = Math.sqrt(view.size.width * view.size.height / Math.max(count, 1));
  return Math.max(0.8, Math.min(6, 0.28 * spacing * Math.sqrt(zoomOf(view))));
}
