/**
 * What the map's canvases show: they are painted again whenever something changes that they show.
 *
 * @module
 */
import { batch, effect, untracked } from "@preact/signals";
import { active, chosen, pointed } from "../state/chosen.ts";
import { columnOf, count, loadDetails } from "../state/collection.ts";
import { mask, region, regionMap } from "../state/filters.ts";
import { colourBy, isDense, type MapState } from "../state/map.ts";
import type { Camera, Size } from "./camera.ts";
import { type Colour, colouring } from "./colours.ts";
import { paintDensity } from "./density.ts";
import { gliding } from "./glide.ts";
import { imageAt } from "./image_at.ts";
import { liveView } from "./live_view.ts";
import { paintMarks, type Shape } from "./marks.ts";
import { pace } from "./pace.ts";
import { plainColour, pointColours } from "./point_colours.ts";
import type { PointPainter } from "./point_painter.ts";
import { regionOf } from "./shape_region.ts";
import { arrivals, chooseThumbnails, paintThumbnails, type Spot } from "./thumbnails.ts";
import { inNextFrame, whenQuiet } from "./timing.ts";
import { radiusOf } from "./view.ts";

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

/** Paints the map on its canvases, until it is closed. */
export function mapView(layers: Layers, painter: PointPainter, map: MapState): MapView {
  const { id, points, index, place } = map;
  const context = layers.marks.getContext("2d")!;
  const moves = pace();
  let colours: (row: number) => Colour = plainColour;
  let spots: readonly Spot[] = [];
  let shape: Shape | undefined;

  const paint = inNextFrame(() => {
    const { camera, size } = view.now();
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    layers.density.hidden = !isDense.value;
    layers.points.hidden = isDense.value;
    const places = points.value;
    if (places === undefined) return;
    const radius = radiusOf(view.now(), count.value);
    if (isDense.value) paintDensity(layers.density, places, mask.value, camera, size, plainColour());
    else painter.paint(camera, size, ratio(), radius, moves.frame(performance.now()));
    paintThumbnails(context, spots, places, camera, size, colours);
    paintMarks(context, places, camera, size, { shape, region: regionMap.value === id ? region.value : [], radius });
  });
  /** Chooses the pictures anew, once nothing moves. */
  const settle = whenQuiet(() => {
    moves.rest();
    const [places, byPlace] = [points.value, index.value];
    if (places === undefined || byPlace === undefined) return;
    spots = chooseThumbnails(places, byPlace, mask.value, view.now());
    layers.marks.dataset.pictures = `${spots.length}`; // so that a test sees them
    loadDetails(spots.map(({ row }) => row)).then(paint, () => {});
    paint();
  });
  const view = liveView(map, (rest) => {
    settle(rest);
    paint();
  });
  const glider = gliding((shown) => {
    painter.setPoints(shown);
    paint();
  });

  const ends = [
    view.close,
    glider.stop,
    followSize(layers, view.resize),
    effect(() => {
      if (points.value === undefined) return;
      glider.to(points.value);
      spots = [];
      untracked(view.fit); // a move must not send all points to the graphics card again
    }),
    effect(() => {
      colours = colouring(columnOf(colourBy.value), plainColour());
      painter.setColours(pointColours(colours));
      settle(30);
      paint();
    }),
    effect(() => {
      for (const { value: _ } of [pointed, active, chosen, region, regionMap, isDense, arrivals]) paint();
    }),
  ];

  return {
    camera: () => view.now().camera,
    size: () => view.now().size,
    look: (camera) => {
      moves.move();
      view.look(camera);
    },
    showAll: () => place.value = undefined,
    imageAt: (x, y) => points.value === undefined ? -1 : imageAt(x, y, points.value, index.value, spots, view.now()),
    draw: (drawn) => {
      shape = drawn;
      paint();
    },
    choose: (drawn) =>
      batch(() => {
        region.value = regionOf(drawn, view.now());
        regionMap.value = id;
      }),
    close: () => ends.forEach((end) => end()),
  };
}

/** Pixels of a canvas for each pixel of the page. */
function ratio(): number {
  return Math.min(devicePixelRatio, 2);
}

/** Keeps the canvases as large as they are shown, until the function that it returns is called. */
function followSize({ points, marks }: Layers, follow: (size: Size) => void): () => void {
  const observer = new ResizeObserver(([{ contentRect: { width, height } }]) => {
    if (width === 0 || height === 0) return;
    for (const canvas of [points, marks]) {
      canvas.width = Math.round(width * ratio());
      canvas.height = Math.round(height * ratio());
    }
    follow({ width, height });
  });
  observer.observe(marks);
  return () => observer.disconnect();
}
