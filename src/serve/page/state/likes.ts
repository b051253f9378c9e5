/**
 * A search: images that the results are to be like, and others that they are not to be like.
 *
 * @module
 */
import { batch, effect } from "@preact/signals";
import { askFrame, sending } from "../server.ts";
import { jsonInAddress } from "./address.ts";
import { addColumn, encoder, info, refused, removeColumn, version } from "./collection.ts";
import { order } from "./filters.ts";

/** The images of a search, by their numbers. */
export type Likes = { readonly these: readonly number[]; readonly those: readonly number[] };

/** The search; without images, there is none. */
export const likes = jsonInAddress<Likes>("like", { these: [], those: [] }, isLikes);

/** Searches for images that are like these; with `isMore`, beside those that are searched for already. */
export function searchLike(ids: readonly number[], isMore = false): void {
  const { these, those } = likes.value;
  batch(() => {
    likes.value = isMore
      ? { these: [...new Set([...these, ...ids])], those: those.filter((id) => !ids.includes(id)) }
      : { these: ids, those: [] };
    order.value = { column: "similarity", descending: true };
  });
}

/** Turns the search away from images. */
export function searchUnlike(ids: readonly number[]): void {
  const { these, those } = likes.value;
  likes.value = { these: these.filter((id) => !ids.includes(id)), those: [...new Set([...those, ...ids])] };
}

/** Ends the search. */
export function stopSearch(): void {
  batch(() => {
    likes.value = { these: [], those: [] };
    if (order.value?.column === "similarity") order.value = null;
  });
}

/** Computes the similarities of the search, from now on. */
export function followLikes(): void {
  let latest: AbortController | undefined;
  effect(() => {
    const [search, chosen] = [likes.value, encoder.value];
    latest?.abort();
    if (info.value === undefined || chosen === undefined) return;
    if (search.these.length === 0) return removeColumn("similarity");
    const { signal } = latest = new AbortController();
    const path = `api/like/${encodeURIComponent(chosen.name)}?${version()}`;
    askFrame(path, { ...sending("POST", search), signal }).then(({ bytes }) => {
      addColumn({ id: "similarity", name: "Similarity", kind: "number", numbers: new Float32Array(bytes) });
    }, refused);
  });
}

function isLikes(value: unknown): value is Likes {
  const { these, those } = (value ?? {}) as Partial<Likes>;
  return [these, those].every((ids) => Array.isArray(ids) && ids.every(Number.isSafeInteger));
}
