/**
 * The map: its points, how it is coloured, and where it is looked at.
 *
 * @module
 */
import { computed, effect, signal } from "@preact/signals";
import { type PointIndex, pointIndex } from "../map/point_index.ts";
import { askFrame } from "../server.ts";
import { inAddress, textInAddress } from "./address.ts";
import { columns, encoder, refused, version } from "./collection.ts";
import { points } from "./filters.ts";

/** What is looked at: the middle in the map's units, and how often larger than the whole; undefined for the whole. */
export type Place = { readonly x: number; readonly y: number; readonly zoom: number };

/** Where the map is looked at. */
export const place = inAddress<Place | undefined>("at", undefined, {
  read: (text) => {
    const [x, y, zoom] = text.split(",").map(Number);
    return [x, y, zoom].every(Number.isFinite) && zoom > 0 ? { x, y, zoom } : undefined;
  },
  write: (value) => value === undefined ? "" : [value.x, value.y, value.zoom].map((n) => +n.toPrecision(6)).join(),
});

/** The column that colours the map. */
export const colourColumn = textInAddress("colour", "auto");

/** The column that colours the map; by itself the label, else the clusters. Empty for one colour. */
export const colourBy = computed((): string => {
  if (colourColumn.value !== "auto") return colourColumn.value;
  const ids = columns.value.map(({ id }) => id);
  return ["label", "cluster"].find((id) => ids.includes(id)) ?? "";
});

/** Whether the map shows how dense the images lie, in place of the images. */
export const isDense = inAddress("density", false, { read: (text) => text === "yes", write: (on) => on ? "yes" : "" });

/** What dragging does. */
export const tool = signal<"move" | "lasso" | "rectangle">("move");

/** The points by their place. */
export const index = computed((): PointIndex | undefined =>
  points.value === undefined ? undefined : pointIndex(points.value)
);

/** Loads the points of the encoder that is looked through, from now on. */
export function followEncoder(): void {
  let latest: AbortController | undefined;
  effect(() => {
    const chosen = encoder.value;
    latest?.abort();
    points.value = undefined;
    if (chosen === undefined || !chosen.hasMap) return;
    const { signal } = latest = new AbortController();
    askFrame(`api/map/${encodeURIComponent(chosen.name)}?${version()}`, { signal }).then(
      ({ bytes }) => points.value = new Float32Array(bytes),
      refused,
    );
  });
}
