import { effect, untracked } from "@preact/signals";
import { besideName, type MapState } from "../state/map.ts";
import type { Camera, Size } from "./camera.ts";
import { noView, type View, viewAt, viewThrough, zoomOf } from "./view.ts";

/** The width of the legend, which lies over a wide map, pixels. */
const LEGEND = 228;

/** The view of a map as it changes. */
export type LiveView = {
  /** The view now. */
  readonly now: () => View;
  /** Looks elsewhere, which the address says from now on. */
  readonly look: (camera: Camera) => void;
  /** Looks where the address says. */
  readonly fit: () => void;
  /** Looks where the address says on a map of another size. */
  readonly resize: (size: Size) => void;
  /** Follows the address no more. */
  readonly close: () => void;
};

/**
 * The view of a map, which follows the address.
 *
 * @param map Its points and its place in the address.
 * @param changed Called when it is another view, with how soon it can be at rest, milliseconds.
 */
export function liveView({ points, place }: MapState, changed: (rest: number) => void): LiveView {
  let view = noView;
  const fit = (): void => {
    if (points.value !== undefined) view = viewAt(points.value, view.size, coveredOf(view.size), place.value);
    changed(30);
  };
  const close = effect(() => {
    const [at, { x, y }] = [place.value, view.camera];
    if (at === undefined || at.x !== x || at.y !== y || at.zoom !== zoomOf(view)) untracked(fit);
  });
  return {
    now: () => view,
    look: (camera) => {
      view = viewThrough(camera, view);
      place.value = { x: view.camera.x, y: view.camera.y, zoom: zoomOf(view) };
      changed(90);
    },
    fit,
    resize: (size) => {
      view = { ...view, size };
      fit();
    },
    close,
  };
}

/** The pixels at the right side of a map that the legend lies over. */
function coveredOf({ width }: Size): number {
  return width > 640 && besideName.value === "" ? LEGEND : 0;
}
