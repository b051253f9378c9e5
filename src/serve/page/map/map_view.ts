/**
 * What the map's canvases show: they are painted again whenever something changes that they show.
 *
 * @module
 */
import { batch, effect, untracked } from "@preact/signals";
import { active, chosen, pointed } from "../state/chosen.ts";
import { columnOf, count, loadDetails } from "../state/collection.ts";
import { isFiltered, mask, region, regionMap } from "../state/filters.ts";
import { besideName, colourBy, isDense, type MapState } from "../state/map.ts";
import { isDark } from "../state/theme.ts";
import { type Camera, extentOf, fitting, type Size, toMap, toScreen } from "./camera.ts";
import { type Colour, colouring } from "./colours.ts";
import { paintDensity } from "./density.ts";
import { glide } from "./glide.ts";
import { paintMarks, type Shape } from "./marks.ts";
import { pace } from "./pace.ts";
import type { PointPainter } from "./point_painter.ts";
import type { PointIndex } from "./point_index.ts";
import { arrivals, chooseThumbnails, paintThumbnails, type Spot } from "./thumbnails.ts";

/** The canvases of the map, from the lowest to the uppermost. */
export type Layers = {
  readonly density: HTMLCanvasElement;
  readonly points: HTMLCanvasElement;
  readonly marks: HTMLCanvasElement;
};

/** The map as gestures and keys use it. Places are in pixels from its upper left corner. */
export type MapView = {
  /** Where it is looked at now. */
  readonly camera: () => Camera;
  readonly size: () => Size;
  /** Looks elsewhere. */
  readonly look: (camera: Camera) => void;
  /** Looks at the whole map. */
  readonly showAll: () => void;
  /** The row of the image at a place, or near it; -1 for none. */
  readonly imageAt: (x: number, y: number) => number;
  /** Shows what the reader draws; undefined for nothing. */
  readonly draw: (shape: Shape | undefined) => void;
  /** Makes what was drawn the region that is chosen. */
  readonly choose: (shape: Shape) => void;
  /** Paints no more. */
  readonly close: () => void;
};

/** The width of the legend, which lies over a wide map, pixels. */
const LEGEND = 228;

/** How far from a point the pointer still means it, pixels. */
const REACH = 12;

/** How far one can zoom in and out, beside the view of the whole. */
const ZOOMS = { least: 0.5, most: 5000 };

/** The corners of a region at most: the address holds them. */
const CORNERS = 60;

/** How opaque a point is: alone, among those that are left out, and of those that are left out. Of 255. */
const OPACITY = { usual: 190, kept: 230, leftOut: 14 };

/** The colour of images and density where no column colours them. */
const plain = (): Colour => isDark() ? [130, 177, 255] : [31, 95, 191];

/** Paints the map on its canvases, until it is closed. */
export function mapView(layers: Layers, painter: PointPainter, { id, points, index, place }: MapState): MapView {
  const context = layers.marks.getContext("2d")!;
  let size: Size = { width: 1, height: 1 };
  let camera: Camera = { x: 0, y: 0, scale: 1 };
  let whole: Camera = camera; // the camera that shows everything
  let colours: (row: number) => Colour = plain;
  let spots: readonly Spot[] = [];
  let shape: Shape | undefined;
  let isAsked = false;
  let isMoving = false;
  const moves = pace();
  let settling: number | undefined;
  let before: Float32Array | undefined; // the last points
  let stopGliding = (): void => {};

  const ratio = (): number => Math.min(devicePixelRatio, 2);
  const zoom = (): number => camera.scale / whole.scale;
  const radius = (): number => {
    const spacing = Math.sqrt(size.width * size.height / Math.max(count.value, 1));
    return Math.max(0.8, Math.min(6, 0.28 * spacing * Math.sqrt(zoom())));
  };

  const paint = (): void => {
    isAsked = false;
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    layers.density.hidden = !isDense.value;
    layers.points.hidden = isDense.value;
    const places = points.value;
    if (places === undefined) return;
    if (isDense.value) paintDensity(layers.density, places, mask.value, camera, size, plain());
    else painter.paint(camera, size, ratio(), radius(), isMoving ? moves.frame(performance.now()) : 1);
    paintThumbnails(context, spots, places, camera, size, colours);
    const drawn = regionMap.value === id ? region.value : [];
    paintMarks(context, places, camera, size, { shape, region: drawn, radius: radius() });
  };
  const request = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(paint);
  };

  /** Chooses the pictures anew, once nothing moves. */
  const settle = (delay: number): void => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      isMoving = false;
      moves.rest();
      const [places, byPlace] = [points.value, index.value];
      if (places === undefined || byPlace === undefined) return;
      spots = chooseThumbnails(places, byPlace, mask.value, camera, size, zoom());
      layers.marks.dataset.pictures = `${spots.length}`; // so that a test sees them
      loadDetails(spots.map(({ row }) => row)).then(request, () => {});
      request();
    }, delay);
  };

  /** Looks where the address says. */
  const fit = (): void => {
    if (points.value === undefined) return request();
    whole = fitting(extentOf(points.value), size, size.width > 640 && besideName.value === "" ? LEGEND : 0);
    const at = place.value;
    camera = at === undefined ? whole : { x: at.x, y: at.y, scale: whole.scale * at.zoom };
    settle(30);
    request();
  };
  const look = (next: Camera): void => {
    const scale = Math.max(whole.scale * ZOOMS.least, Math.min(whole.scale * ZOOMS.most, next.scale));
    camera = { ...next, scale };
    isMoving = true;
    place.value = { x: camera.x, y: camera.y, zoom: zoom() };
    settle(90);
    request();
  };

  const colour = (): void => {
    colours = colouring(columnOf(colourBy.value), plain());
    const [shown, level] = [mask.value, isDark() ? 255 : 0];
    const opacity = isFiltered.value ? OPACITY.kept : OPACITY.usual;
    const bytes = new Uint8Array(4 * shown.length);
    for (let row = 0; row < shown.length; row++) {
      const isShown = shown[row] === 1;
      const own = isShown ? colours(row) : undefined;
      bytes[4 * row] = own?.[0] ?? level;
      bytes[4 * row + 1] = own?.[1] ?? level;
      bytes[4 * row + 2] = own?.[2] ?? level;
      bytes[4 * row + 3] = isShown ? opacity : OPACITY.leftOut;
    }
    painter.setColours(bytes);
    settle(30);
    request();
  };

  const resized = new ResizeObserver(([{ contentRect: { width, height } }]) => {
    if (width === 0 || height === 0) return;
    size = { width, height };
    for (const canvas of [layers.points, layers.marks]) {
      canvas.width = Math.round(width * ratio());
      canvas.height = Math.round(height * ratio());
    }
    fit();
  });
  resized.observe(layers.marks);
  const ends = [
    () => resized.disconnect(),
    () => stopGliding(),
    effect(() => {
      const next = points.value;
      if (next === undefined) return;
      stopGliding();
      stopGliding = glide(before, next, (shown) => {
        painter.setPoints(shown);
        request();
      });
      before = next;
      spots = [];
      untracked(fit); // a move must not send all points to the graphics card again
    }),
    effect(() => {
      const at = place.value;
      if (at === undefined || at.x !== camera.x || at.y !== camera.y || at.zoom !== zoom()) untracked(fit);
    }),
    effect(colour),
    effect(() => {
      for (const { value: _ } of [pointed, active, chosen, region, regionMap, isDense, arrivals]) request();
    }),
  ];

  return {
    camera: () => camera,
    size: () => size,
    look,
    showAll: () => place.value = undefined,
    imageAt: (x, y) => points.value === undefined ? -1 : imageAt(x, y, points.value, index.value, spots, camera, size),
    draw: (drawn) => {
      shape = drawn;
      request();
    },
    choose: (drawn) =>
      batch(() => {
        region.value = regionOf(drawn, camera, size);
        regionMap.value = id;
      }),
    close: () => ends.forEach((end) => end()),
  };
}

/** The row of the picture at a place of the screen, or of the nearest point within reach; -1 for none. */
function imageAt(
  x: number,
  y: number,
  places: Float32Array,
  index: PointIndex | undefined,
  spots: readonly Spot[],
  camera: Camera,
  size: Size,
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

/** What was drawn on the screen, as a polygon of the map with few corners. */
function regionOf({ kind, corners }: Shape, camera: Camera, size: Size): readonly number[] {
  const [[x1, y1], [x2, y2]] = [corners[0], corners.at(-1)!];
  const step = Math.ceil(corners.length / CORNERS);
  const outline: readonly (readonly [number, number])[] = kind === "rectangle"
    ? [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    : corners.filter((_, place) => place % step === 0);
  return outline.flatMap(([x, y]) => toMap(camera, size, x, y)).map((n) => Number(n.toPrecision(5)));
}
