/**
 * The map of the collection: every image is a point, and becomes a picture as one comes near.
 *
 * @module
 */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { active, chosen, opened, pointed, toggle } from "../state/chosen.ts";
import { columnOf, count, detailsOf, loadDetails } from "../state/collection.ts";
import { isFiltered, mask, points, region } from "../state/filters.ts";
import { colourBy, index, isDense, place, tool } from "../state/map.ts";
import { isDark } from "../state/theme.ts";
import { type Camera, extentOf, fitting, moved, type Size, toMap, toScreen, zoomed } from "./camera.ts";
import { type Colour, colouring } from "./colours.ts";
import { paintDensity } from "./density.ts";
import { paintMarks, type Shape } from "./marks.ts";
import { type PointPainter, pointPainter } from "./point_painter.ts";
import { chooseThumbnails, paintThumbnails, type Spot } from "./thumbnails.ts";

/** How far from a point the pointer still means it, pixels. */
const REACH = 12;

/** The width of the legend, which lies over a wide map, pixels. */
const LEGEND = 228;

/** The map, with what the reader does on it. */
export function ImageMap() {
  const canvases = { density: useRef<HTMLCanvasElement>(null), points: useRef<HTMLCanvasElement>(null) };
  const marks = useRef<HTMLCanvasElement>(null);
  const fault = useSignal<string | undefined>(undefined);

  useEffect(() => {
    const [top, middle, bottom] = [marks.current!, canvases.points.current!, canvases.density.current!];
    const painter = pointPainter(middle);
    if (painter === undefined) {
      fault.value = "The map needs WebGL 2, which this browser does not have. The grid works without it.";
      return;
    }
    const view = mapView(top, middle, bottom, painter);
    return view.close;
  }, []);

  return (
    <div class="map">
      <canvas ref={canvases.density} class="layer density" aria-hidden="true" />
      <canvas ref={canvases.points} class="layer" aria-hidden="true" />
      <canvas
        ref={marks}
        class={`layer marks ${tool.value}`}
        tabIndex={0}
        role="application"
        aria-label={`Map of ${count.value.toLocaleString("en")} images. Arrow keys move it, plus and minus zoom, ` +
          "0 shows all, V selects what is in view."}
      />
      {fault.value !== undefined && <p class="empty">{fault.value}</p>}
    </div>
  );
}

/** Everything that happens on the canvases, until it is closed. */
function mapView(top: HTMLCanvasElement, middle: HTMLCanvasElement, bottom: HTMLCanvasElement, painter: PointPainter) {
  let size: Size = { width: 1, height: 1 };
  let camera: Camera = { x: 0, y: 0, scale: 1 };
  let whole: Camera = camera; // the camera that shows everything
  let colours: (row: number) => Colour = () => [0, 0, 0];
  let spots: readonly Spot[] = [];
  let shape: Shape | undefined;
  let isAsked = false;
  let settled: number | undefined;
  const ends: (() => void)[] = [];

  const ratio = (): number => Math.min(devicePixelRatio, 2);
  const zoom = (): number => camera.scale / whole.scale;
  const radius = (): number => {
    const spacing = Math.sqrt(size.width * size.height / Math.max(count.value, 1));
    return Math.max(0.8, Math.min(6, 0.28 * spacing * Math.sqrt(zoom())));
  };

  const paint = (): void => {
    isAsked = false;
    const places = points.value;
    const context = top.getContext("2d")!;
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    bottom.hidden = !isDense.value;
    middle.hidden = isDense.value;
    if (places === undefined) return;
    if (isDense.value) {
      paintDensity(bottom, places, mask.value, camera, size, isDark() ? [130, 177, 255] : [31, 95, 191]);
    } else painter.paint(camera, size, ratio(), radius());
    paintThumbnails(context, spots, places, camera, size, colours, request);
    paintMarks(context, places, camera, size, { shape, region: region.value, radius: radius() });
  };
  const request = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(paint);
  };
  /** Chooses the thumbnails anew, once nothing moves. */
  const settle = (delay = 90): void => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      const [places, byPlace] = [points.value, index.value];
      spots = places === undefined || byPlace === undefined
        ? []
        : chooseThumbnails(places, byPlace, mask.value, camera, size, zoom());
      top.dataset.pictures = `${spots.length}`;
      loadDetails(spots.map(({ row }) => row)).then(request, () => {});
      request();
    }, delay);
  };
  const look = (next: Camera): void => {
    const scale = Math.max(whole.scale / 2, Math.min(whole.scale * 5000, next.scale));
    camera = { ...next, scale };
    place.value = { x: camera.x, y: camera.y, zoom: zoom() };
    settle();
    request();
  };
  const showAll = (): void => {
    place.value = undefined;
  };

  const resized = new ResizeObserver(([{ contentRect: { width, height } }]) => {
    if (width === 0 || height === 0) return;
    size = { width, height };
    for (const canvas of [top, middle]) {
      canvas.width = Math.round(width * ratio());
      canvas.height = Math.round(height * ratio());
    }
    fit();
  });
  /** Finds the camera again that the address says. */
  const fit = (): void => {
    if (points.value === undefined) return request();
    whole = fitting(extentOf(points.value), size, size.width > 640 ? LEGEND : 0);
    const at = place.value;
    camera = at === undefined ? whole : { x: at.x, y: at.y, scale: whole.scale * at.zoom };
    settle(30);
    request();
  };
  resized.observe(top);
  ends.push(() => resized.disconnect());

  ends.push(effect(() => {
    if (points.value === undefined) return;
    painter.setPoints(points.value);
    spots = [];
    fit();
  }));
  ends.push(effect(() => {
    const at = place.value;
    if (at === undefined || at.x !== camera.x || at.y !== camera.y || at.zoom !== zoom()) fit();
  }));
  ends.push(effect(() => {
    const column = columnOf(colourBy.value);
    const dark = isDark();
    colours = colouring(column, dark ? [130, 177, 255] : [31, 95, 191]);
    const [shown, filtered] = [mask.value, isFiltered.value];
    const bytes = new Uint8Array(4 * shown.length);
    const [faint, level] = dark ? [14, 255] : [14, 0];
    for (let row = 0; row < shown.length; row++) {
      if (shown[row] === 1) {
        const [red, green, blue] = colours(row);
        bytes[4 * row] = red;
        bytes[4 * row + 1] = green;
        bytes[4 * row + 2] = blue;
        bytes[4 * row + 3] = filtered ? 230 : 190;
      } else {
        bytes[4 * row] = bytes[4 * row + 1] = bytes[4 * row + 2] = level;
        bytes[4 * row + 3] = faint;
      }
    }
    painter.setColours(bytes);
    settle(30);
    request();
  }));
  ends.push(effect(() => {
    pointed.value;
    active.value;
    chosen.value;
    region.value;
    isDense.value;
    request();
  }));

  const nearest = (sx: number, sy: number): number => {
    const places = points.value;
    if (places === undefined) return -1;
    const onPicture = spots.findLast(({ row, side }) => {
      const [x, y] = toScreen(camera, size, places[2 * row], places[2 * row + 1]);
      return Math.abs(x - sx) <= side / 2 && Math.abs(y - sy) <= side / 2;
    });
    if (onPicture !== undefined) return onPicture.row;
    const [left, topmost] = toMap(camera, size, sx - REACH, sy - REACH);
    const [right, lowest] = toMap(camera, size, sx + REACH, sy + REACH);
    let [found, least] = [-1, Infinity];
    index.value?.within({ left, right, bottom: lowest, top: topmost }, (row) => {
      if (mask.value[row] === 0) return;
      const [x, y] = toScreen(camera, size, places[2 * row], places[2 * row + 1]);
      const distance = Math.hypot(x - sx, y - sy);
      if (distance < least) [found, least] = [row, distance];
    });
    return found;
  };

  const fingers = new Map<number, [number, number]>();
  let start: [number, number] | undefined;
  let hasMoved = false;
  const placeOf = (event: PointerEvent | WheelEvent): [number, number] => {
    const box = top.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const drawn = (): "lasso" | "rectangle" | undefined => tool.value === "move" ? undefined : tool.value;
  let drawing: "lasso" | "rectangle" | undefined;

  const on = <K extends keyof HTMLElementEventMap>(type: K, handle: (event: HTMLElementEventMap[K]) => void): void => {
    top.addEventListener(type, handle, { passive: false });
    ends.push(() => top.removeEventListener(type, handle));
  };
  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    top.setPointerCapture(event.pointerId);
    const at = placeOf(event);
    fingers.set(event.pointerId, at);
    if (fingers.size > 1) {
      drawing = shape = undefined;
      return;
    }
    start = at;
    hasMoved = false;
    drawing = event.shiftKey ? "lasso" : drawn();
    if (drawing !== undefined) shape = { kind: drawing, corners: [at] };
  });
  on("pointermove", (event) => {
    const at = placeOf(event);
    const before = fingers.get(event.pointerId);
    if (before === undefined) {
      pointed.value = nearest(...at);
      return;
    }
    const [dx, dy] = [at[0] - before[0], at[1] - before[1]];
    if (!hasMoved && start !== undefined && Math.hypot(at[0] - start[0], at[1] - start[1]) > 4) hasMoved = true;
    if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const [was, is] = [before, at].map(([x, y]) => Math.hypot(x - other[0], y - other[1]));
      look(moved(zoomed(camera, size, is / Math.max(was, 1), ...other), dx / 2, dy / 2));
    } else if (shape !== undefined) {
      shape = { ...shape, corners: shape.kind === "lasso" ? [...shape.corners, at] : [shape.corners[0], at] };
      request();
    } else if (hasMoved) {
      look(moved(camera, dx, dy));
    }
    fingers.set(event.pointerId, at);
  });
  const lifted = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    if (shape !== undefined) {
      const corners = shape.corners;
      if (hasMoved && corners.length > 1) region.value = regionOf(shape, camera, size);
      else region.value = [];
      shape = drawing = undefined;
      request();
    } else if (!hasMoved && event.type === "pointerup") {
      const row = nearest(...placeOf(event));
      if (row >= 0 && (event.ctrlKey || event.metaKey)) toggle(row);
      else if (row >= 0) {
        active.value = row;
        loadDetails([row]).then(([image]) => opened.value = image?.id ?? -1, () => {});
      }
    }
  };
  on("pointerup", lifted);
  on("pointercancel", lifted);
  on("pointerleave", () => {
    if (fingers.size === 0) pointed.value = -1;
  });
  on("dblclick", (event) => look(zoomed(camera, size, 2, ...placeOf(event as unknown as PointerEvent))));
  on("wheel", (event) => {
    event.preventDefault();
    const factor = 2 ** (-event.deltaY * (event.deltaMode === 1 ? 20 : 1) / (event.ctrlKey ? 60 : 240));
    look(zoomed(camera, size, Math.max(0.2, Math.min(5, factor)), ...placeOf(event)));
  });
  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middleOf: [number, number] = [size.width / 2, size.height / 2];
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => look(moved(camera, 80, 0)),
      ArrowRight: () => look(moved(camera, -80, 0)),
      ArrowUp: () => look(moved(camera, 0, 80)),
      ArrowDown: () => look(moved(camera, 0, -80)),
      "+": () => look(zoomed(camera, size, 1.5, ...middleOf)),
      "=": () => look(zoomed(camera, size, 1.5, ...middleOf)),
      "-": () => look(zoomed(camera, size, 1 / 1.5, ...middleOf)),
      "0": showAll,
      v: () =>
        region.value = regionOf({ kind: "rectangle", corners: [[0, 0], [size.width, size.height]] }, camera, size),
      l: () => tool.value = tool.value === "lasso" ? "move" : "lasso",
      r: () => tool.value = tool.value === "rectangle" ? "move" : "rectangle",
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });

  return { close: () => ends.forEach((end) => end()) };
}

/** What was drawn on the screen, as a polygon of the map with few corners. */
function regionOf({ kind, corners }: Shape, camera: Camera, size: Size): readonly number[] {
  const [[x1, y1], [x2, y2]] = [corners[0], corners.at(-1)!];
  const step = Math.ceil(corners.length / 60); // the address holds them
  const outline: readonly (readonly [number, number])[] = kind === "rectangle"
    ? [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    : corners.filter((_, place) => place % step === 0);
  return outline.flatMap(([x, y]) => toMap(camera, size, x, y)).map((n) => Number(n.toPrecision(5)));
}

/** The image under the pointer, beside it. */
export function Hovered() {
  const row = pointed.value;
  const image = row < 0 ? undefined : detailsOf(row);
  if (image === undefined) return null;
  return (
    <div class="hovered" aria-hidden="true">
      <img src={`api/thumbnail/${image.id}`} alt="" />
      <div>
        <div class="name">{image.path.split("/").at(-1)}</div>
        <div class="muted">{image.label ?? `${image.width} × ${image.height}`}</div>
      </div>
    </div>
  );
}
