/**
 * What keys do on the map.
 *
 * @module
 */
import { tool } from "../state/map.ts";
import { moved, zoomed } from "./camera.ts";
import type { MapView } from "./map_view.ts";

/** How far an arrow key moves the map, pixels. */
const STEP = 80;

/** How much a key zooms. */
const FACTOR = 1.5;

/** Follows the keys on the map, until the function that it returns is called. */
export function followMapKeys(canvas: HTMLCanvasElement, view: MapView): () => void {
  const move = (dx: number, dy: number): void => view.look(moved(view.camera(), dx, dy));
  const zoom = (factor: number): void => {
    const { width, height } = view.size();
    view.look(zoomed(view.camera(), { width, height }, factor, width / 2, height / 2));
  };
  const take = (kind: "lasso" | "rectangle"): void => {
    tool.value = tool.value === kind ? "move" : kind;
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => move(STEP, 0),
    ArrowRight: () => move(-STEP, 0),
    ArrowUp: () => move(0, STEP),
    ArrowDown: () => move(0, -STEP),
    "+": () => zoom(FACTOR),
    "=": () => zoom(FACTOR),
    "-": () => zoom(1 / FACTOR),
    "0": view.showAll,
    l: () => take("lasso"),
    r: () => take("rectangle"),
    v: () => view.choose({ kind: "rectangle", corners: [[0, 0], [view.size().width, view.size().height]] }),
  };
  const ended = new AbortController();
  canvas.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[key]();
  }, { signal: ended.signal });
  return () => ended.abort();
}
