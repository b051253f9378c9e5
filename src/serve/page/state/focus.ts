/**
 * Where the encoder looks in the image that is shown large. It is asked for only while the reader wants to see it.
 *
 * @module
 */
import { computed, effect, signal } from "@preact/signals";
import type { FocusInfo } from "../../messages.ts";
import { askFrame } from "../server.ts";
import { textInAddress } from "./address.ts";
import { opened } from "./chosen.ts";
import { encoder, info, version } from "./collection.ts";

/** Which map lies over the image: "mean" of all, the number of one from 0 on, or none if it is empty. */
export const shownMap = textInAddress("look");

/** How opaque it is, 0 to 1. */
export const strength = signal(0.65);

/** The maps of the image, or why there are none; neither until they have come. */
export const focus = signal<
  { readonly info?: FocusInfo; readonly values?: Float32Array; readonly error?: string }
>({});

/** The map that is shown: a number for each of its places, row by row. */
export const focusMap = computed((): Float32Array | undefined => {
  const { info, values } = focus.value;
  if (info === undefined || values === undefined) return undefined;
  const places = info.rows * info.columns;
  const maps = Array.from({ length: info.maps }, (_, map) => values.subarray(map * places, (map + 1) * places));
  return maps[Number(shownMap.value)] ??
    Float32Array.from({ length: places }, (_, place) => maps.reduce((sum, map) => sum + map[place], 0) / maps.length);
});

const isWanted = computed(() => shownMap.value !== "");

/** Asks for the maps, from now on. */
export function followFocus(): void {
  let latest: AbortController | undefined;
  effect(() => {
    const [id, chosen] = [opened.value, encoder.value];
    latest?.abort();
    focus.value = {};
    if (!isWanted.value || id < 0 || chosen === undefined || info.value === undefined) return;
    const { signal } = latest = new AbortController();
    const path = `api/focus/${encodeURIComponent(chosen.name)}?image=${id}&${version()}`;
    askFrame<FocusInfo>(path, { signal }).then(
      ({ head, bytes }) => focus.value = { info: head, values: new Float32Array(bytes) },
      (thrown) => {
        if (!signal.aborted) focus.value = { error: (thrown as Error).message };
      },
    );
  });
}
