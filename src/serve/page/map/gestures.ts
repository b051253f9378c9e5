/**
 * What pointers do on the map: mouse, pen and fingers.
 *
 * @module
 */
import { open, pointed, toggle } from "../state/chosen.ts";
import { region } from "../state/filters.ts";
import { tool } from "../state/map.ts";
import { moved, zoomed } from "./camera.ts";
import type { MapView } from "./map_view.ts";
import type { Shape } from "./marks.ts";

/** How far a pointer goes before it is no longer a press, pixels. */
const STILL = 4;

type Place = readonly [x: number, y: number];

/** Listens for an event of the map. */
type Listen = <K extends keyof HTMLElementEventMap>(
  type: K,
  handle: (event: HTMLElementEventMap[K]) => void,
) => void;

/** Follows the pointers over the map, until the function that it returns is called. */
export function followGestures(canvas: HTMLCanvasElement, view: MapView): () => void {
  const ended = new AbortController();
  const on: Listen = (type, handle) => canvas.addEventListener(type, handle, { passive: false, signal: ended.signal });
  const placeOf = ({ clientX, clientY }: MouseEvent): Place => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  followDrags(canvas, view, on, placeOf);
  on("dblclick", (event) => view.look(zoomed(view.camera(), view.size(), 2, ...placeOf(event))));
  on("wheel", (event) => {
    event.preventDefault();
    view.look(zoomed(view.camera(), view.size(), wheelFactor(event), ...placeOf(event)));
  });
  return () => ended.abort();
}

/** Follows pointers that hover, press, move the map, zoom it with two fingers, or draw on it. */
function followDrags(
  canvas: HTMLCanvasElement,
  view: MapView,
  on: Listen,
  placeOf: (event: MouseEvent) => Place,
): void {
  const pointers = new Map<number, Place>();
  let start: Place = [0, 0];
  let hasMoved = false;
  let shape: Shape | undefined;

  const draw = (drawn: Shape | undefined): void => {
    shape = drawn;
    view.draw(drawn);
  };
  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const at = placeOf(event);
    pointers.set(event.pointerId, at);
    if (pointers.size > 1) return draw(undefined); // a second finger zooms
    start = at;
    hasMoved = false;
    const kind = event.shiftKey ? "lasso" : tool.value;
    if (kind !== "move") draw({ kind, corners: [at] });
  });
  on("pointermove", (event) => {
    const at = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      pointed.value = view.imageAt(...at);
      return;
    }
    pointers.set(event.pointerId, at);
    hasMoved ||= distance(at, start) > STILL;
    if (pointers.size === 2) {
      const [[, other]] = [...pointers].filter(([id]) => id !== event.pointerId);
      pinch(view, before, at, other);
    } else if (shape !== undefined) {
      draw({ ...shape, corners: shape.kind === "lasso" ? [...shape.corners, at] : [shape.corners[0], at] });
    } else if (hasMoved) {
      view.look(moved(view.camera(), at[0] - before[0], at[1] - before[1]));
    }
  });
  const lift = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (shape !== undefined) {
      if (hasMoved) view.choose(shape);
      else region.value = [];
      draw(undefined);
    } else if (!hasMoved && event.type === "pointerup") {
      press(view.imageAt(...placeOf(event)), event);
    }
  };
  on("pointerup", lift);
  on("pointercancel", lift);
  on("pointerleave", () => {
    if (pointers.size === 0) pointed.value = -1;
  });
}

/** Opens the image of a row, or chooses it beside others. */
function press(row: number, event: PointerEvent): void {
  if (row < 0) return;
  if (event.ctrlKey || event.metaKey) return toggle(row);
  open(row);
}

/** Zooms and moves the map as one of two fingers goes from `before` to `at`. */
function pinch(view: MapView, before: Place, at: Place, other: Place): void {
  const factor = distance(at, other) / Math.max(distance(before, other), 1);
  const nearer = zoomed(view.camera(), view.size(), factor, ...other);
  view.look(moved(nearer, (at[0] - before[0]) / 2, (at[1] - before[1]) / 2));
}

/** How much a turn of the wheel zooms. */
function wheelFactor({ deltaY, deltaMode, ctrlKey }: WheelEvent): number {
  const pixels = deltaY * (deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1);
  const factor = 2 ** (-pixels / (ctrlKey ? 60 : 240)); // a pinch on a touch pad comes with ctrlKey
  return Math.max(0.2, Math.min(5, factor));
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
