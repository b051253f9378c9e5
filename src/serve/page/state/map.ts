/**
 * The map: its points, how it is coloured, and where it is looked at.
 *
 * @module
 */
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type PointIndex, pointIndex } from "../map/point_index.ts";
import { askFrame } from "../server.ts";
import { inAddress, textInAddress } from "./address.ts";
import type { EncoderInfo } from "../../messages.ts";
import { columns, encoder, encoderName, info, refused, version } from "./collection.ts";
import { type MapId, points, region, regionMap } from "./filters.ts";

/** What is looked at: the middle in the map's units, and how often larger than the whole; undefined for the whole. */
export type Place = { readonly x: number; readonly y: number; readonly zoom: number };

/** A map: whose it is, its points, and where it is looked at. */
export type MapState = {
  readonly id: MapId;
  readonly encoder: ReadonlySignal<EncoderInfo | undefined>;
  /** Looks through another encoder, by its name. */
  readonly choose: (name: string) => void;
  readonly points: Signal<Float32Array | undefined>;
  /** The points by their place. */
  readonly index: ReadonlySignal<PointIndex | undefined>;
  readonly place: Signal<Place | undefined>;
};

/** The encoders that have a map, in the order in which they were added. */
export const mapped = computed((): readonly EncoderInfo[] =>
  (info.value?.encoders ?? []).filter(({ hasMap }) => hasMap)
);

/** The encoder whose map is shown beside the other one, by its name; empty for none. */
export const besideName = textInAddress("beside");

/** The map that is always there, of the encoder that is looked through. */
export const mainMap: MapState = mapState("main", encoder, (name) => encoderName.value = name);

/** The map beside it, of an encoder that is compared. */
export const besideMap: MapState = mapState(
  "beside",
  computed(() => mapped.value.find(({ name }) => name === besideName.value)),
  (name) => besideName.value = name,
);

function mapState(id: MapId, encoder: MapState["encoder"], choose: MapState["choose"]): MapState {
  return {
    ...{ id, encoder, choose, points: points[id] },
    index: computed(() => points[id].value === undefined ? undefined : pointIndex(points[id].value)),
    place: placeInAddress(id === "main" ? "at" : "at2"),
  };
}

function placeInAddress(name: string): Signal<Place | undefined> {
  return inAddress<Place | undefined>(name, undefined, {
    read: (text) => {
      const [x, y, zoom] = text.split(",").map(Number);
      return [x, y, zoom].every(Number.isFinite) && zoom > 0 ? { x, y, zoom } : undefined;
    },
    write: (value) => value === undefined ? "" : [value.x, value.y, value.zoom].map((n) => +n.toPrecision(9)).join(),
  });
}

/** Shows the map of another encoder beside the one that is looked through, or that one alone again. */
export function toggleBeside(): void {
  if (besideMap.encoder.value === undefined) {
    besideName.value = mapped.value.findLast(({ name }) => name !== encoder.value?.name)?.name ?? "";
    return;
  }
  besideName.value = "";
  if (regionMap.value === "beside") region.value = []; // what was drawn there is no longer seen
}

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

/** Loads the points of the encoders whose maps are shown, from now on. */
export function followEncoders(): void {
  for (const { encoder, points } of [mainMap, besideMap]) {
    let latest: AbortController | undefined;
    effect(() => {
      const chosen = encoder.value;
      latest?.abort();
      if (chosen === undefined || !chosen.hasMap) {
        points.value = undefined;
        return;
      }
      const { signal } = latest = new AbortController();
      askFrame(`api/map/${encodeURIComponent(chosen.name)}?${version()}`, { signal }).then(
        ({ bytes }) => points.value = new Float32Array(bytes),
        (thrown) => {
          if (!signal.aborted) points.value = undefined; // and not the map of the encoder before
          refused(thrown);
        },
      );
    });
  }
}
