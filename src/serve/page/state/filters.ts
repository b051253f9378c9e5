/**
 * Which images are shown, and in which order.
 *
 * @module
 */
import { computed, effect, type Signal, signal } from "@preact/signals";
import { keepInside } from "../map/region.ts";
import { askFrame } from "../server.ts";
import { inAddress, jsonInAddress, textInAddress } from "./address.ts";
import { type Column, columnOf, count, refused, version } from "./collection.ts";

/** A condition on a column: some of its texts, or a range of its numbers. */
export type Filter =
  | { readonly column: string; readonly texts: readonly string[] }
  | { readonly column: string; readonly from?: number; readonly to?: number };

/** The order of the images. */
export type Order = { readonly column: string; readonly descending: boolean };

/** The conditions on columns; an image meets all of them. */
export const filters = jsonInAddress<readonly Filter[]>("filters", [], isFilters);

/** A text that the path contains. */
export const pathText = textInAddress("path");

/** A tag that the image bears. */
export const tagged = textInAddress("tag");

/** A saved selection that the image is in. */
export const selectionName = textInAddress("saved");

/** The order; empty for that of the collection. */
export const order = jsonInAddress<Order | null>("sort", null, isOrder);

/** A polygon on a map, in its units: x and y in turn. Empty for the whole map. */
export const region = jsonInAddress<readonly number[]>("region", [], isPolygon);

/** The map on which the region was drawn: one of two that are shown beside each other. */
export const regionMap = inAddress<MapId>("regionOn", "main", {
  read: (text) => text === "beside" ? "beside" : "main",
  write: (id) => id,
});

/** Rows that the server names for a text in the path, for a tag and for a saved selection; undefined for all. */
const withText = fromServer(() =>
  pathText.value === "" ? undefined : `api/text?q=${encodeURIComponent(pathText.value)}`
);
const withTag = fromServer(() => tagged.value === "" ? undefined : `api/tag/${encodeURIComponent(tagged.value)}?`);
const saved = fromServer(() =>
  selectionName.value === "" ? undefined : `api/selection/${encodeURIComponent(selectionName.value)}?`
);

/** Changes whenever tags or selections do, so that rows that depend on them are asked for again. */
export const changes = signal(0);

/** Which map is meant: the one that is always there, or the one beside it. */
export type MapId = "main" | "beside";

/** The points of the maps, which a region is compared with; they are loaded with their encoders. */
export const points: Readonly<Record<MapId, Signal<Float32Array | undefined>>> = {
  main: signal(undefined),
  beside: signal(undefined),
};

/** Whether anything is left out. */
export const isFiltered = computed(() =>
  filters.value.length > 0 || pathText.value !== "" || tagged.value !== "" || selectionName.value !== "" ||
  region.value.length > 0
);

/** Whether everything that the conditions are about is there. It may still be computed, or another encoder's. */
export const isKnown = computed(() =>
  filters.value.every(({ column }) => columnOf(column) !== undefined) &&
  (pathText.value === "" || withText.value !== undefined) &&
  (tagged.value === "" || withTag.value !== undefined) &&
  (selectionName.value === "" || saved.value !== undefined) &&
  (region.value.length === 0 || points[regionMap.value].value !== undefined)
);

/** For each row 1 if it is shown. No image is known to meet a condition on what is not there. */
export const mask = computed((): Uint8Array => {
  const shown = new Uint8Array(count.value);
  if (!isKnown.value) return shown;
  shown.fill(1);
  for (const filter of filters.value) keep(shown, columnOf(filter.column)!, filter);
  for (const rows of [withText.value, withTag.value, saved.value]) {
    if (rows === undefined) continue;
    const named = new Uint8Array(shown.length);
    for (const row of rows) named[row] = 1;
    for (let row = 0; row < shown.length; row++) shown[row] &= named[row];
  }
  if (region.value.length > 0) keepInside(shown, points[regionMap.value].value!, region.value);
  return shown;
});

/** The rows that are shown, in their order. */
export const rows = computed((): Int32Array => {
  const shown = mask.value;
  const found = new Int32Array(shown.reduce((sum, one) => sum + one, 0));
  let place = 0;
  for (let row = 0; row < shown.length; row++) if (shown[row] === 1) found[place++] = row;
  if (selectionName.value !== "" && order.value === null && saved.value !== undefined) {
    return saved.value.filter((row) => shown[row] === 1); // in the order in which they were saved
  }
  const column = order.value === null ? undefined : columnOf(order.value.column);
  if (column === undefined) return found;
  const { numbers } = column;
  const sign = order.value!.descending ? -1 : 1;
  // What has no value comes last in either order.
  const key = (row: number): number => {
    const value = numbers[row];
    return Number.isNaN(value) || (column.kind === "text" && value < 0) ? Infinity : sign * value;
  };
  return found.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
});

/** Shows every image again. */
export function clearFilters(): void {
  filters.value = [];
  pathText.value = tagged.value = selectionName.value = "";
  region.value = [];
}

/** Puts a condition in place of that on the same column. */
export function setFilter(filter: Filter): void {
  filters.value = [...filters.value.filter(({ column }) => column !== filter.column), filter];
}

/** Takes the condition on a column away. */
export function removeFilter(column: string): void {
  filters.value = filters.value.filter((filter) => filter.column !== column);
}

/** The condition on a column. */
export function filterOn(column: string): Filter | undefined {
  return filters.value.find((filter) => filter.column === column);
}

function keep(shown: Uint8Array, { numbers, texts }: Column, filter: Filter): void {
  if ("texts" in filter) {
    const isWanted = new Uint8Array((texts?.length ?? 0) + 1); // the first place is that of no text
    filter.texts.forEach((text) => isWanted[(texts?.indexOf(text) ?? -1) + 1] = 1);
    if (!filter.texts.includes("")) isWanted[0] = 0;
    for (let row = 0; row < shown.length; row++) shown[row] &= isWanted[numbers[row] + 1];
    return;
  }
  const { from = -Infinity, to = Infinity } = filter;
  for (let row = 0; row < shown.length; row++) shown[row] &= Number(numbers[row] >= from && numbers[row] <= to);
}

/** Rows that the server names, asked for again whenever the path or the tags change. */
function fromServer(path: () => string | undefined): { readonly value: Int32Array | undefined } {
  const found = signal<Int32Array | undefined>(undefined);
  let latest: AbortController | undefined;
  queueMicrotask(() =>
    effect(() => {
      const address = path();
      changes.value;
      latest?.abort();
      if (address === undefined || count.value === 0) {
        found.value = undefined;
        return;
      }
      const { signal } = latest = new AbortController();
      askFrame(`${address}&${version()}`, { signal }).then(
        ({ bytes }) => found.value = new Int32Array(bytes),
        (thrown) => {
          if (!signal.aborted) found.value = new Int32Array(); // and not the rows of what was asked for before
          refused(thrown);
        },
      );
    })
  );
  return found;
}

function isFilters(value: unknown): value is readonly Filter[] {
  return Array.isArray(value) &&
    value.every((filter) =>
      typeof filter?.column === "string" &&
      ("texts" in filter
        ? Array.isArray(filter.texts) && filter.texts.every((text: unknown) => typeof text === "string")
        : [filter.from, filter.to].every((bound) => bound === undefined || typeof bound === "number"))
    );
}

function isOrder(value: unknown): value is Order | null {
  const { column, descending } = (value ?? {}) as Partial<Order>;
  return value === null || (typeof column === "string" && typeof descending === "boolean");
}

function isPolygon(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length % 2 === 0 && value.every(Number.isFinite);
}
