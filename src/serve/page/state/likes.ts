/**
 * A search: images that the results are to be like, and others that they are not to be like.
 *
 * @module
 */
import { batch, computed, effect, signal } from "@preact/signals";
import { askFrame, askJson, sending } from "../server.ts";
import { jsonInAddress } from "./address.ts";
import { addColumn, encoder, info, isOfOtherImages, refused, removeColumn, version } from "./collection.ts";
import { order, removeFilter } from "./filters.ts";

/** The images of a search: by their numbers, and those that the reader gave, by the server's numbers for them. */
export type Likes = {
  readonly these: readonly number[];
  readonly those: readonly number[];
  readonly examples: readonly number[];
};

const none: Likes = { these: [], those: [], examples: [] };

/** The search; without images, there is none. */
export const likes = jsonInAddress<Likes>("like", none, isLikes);

/** Whether there is a search. */
export const isSearching = computed(() => likes.value.these.length + likes.value.examples.length > 0);

/** Whether the similarities of the search are being computed. */
export const isWaiting = signal(false);

/** Why they cannot be computed, in words. The search stays, so that it can be tried again. */
export const searchFailure = signal<string | undefined>(undefined);

const attempts = signal(0);

/** Computes the similarities again, where that failed. */
export function searchAgain(): void {
  attempts.value++;
}

/** Searches for images that are like these; with `isMore`, beside those that are searched for already. */
export function searchLike(ids: readonly number[], isMore = false): void {
  const { these, those, examples } = isMore ? likes.value : none;
  search({ these: [...new Set([...these, ...ids])], those: those.filter((id) => !ids.includes(id)), examples });
}

/** Turns the search away from images. */
export function searchUnlike(ids: readonly number[]): void {
  const { these, those, examples } = likes.value;
  search({ these: these.filter((id) => !ids.includes(id)), those: [...new Set([...those, ...ids])], examples });
}

/** How many searches there were. */
let searches = 0;

/** Searches for images that are like one that the collection does not have, unless another search is begun meanwhile. */
export async function searchByFile(file: Blob): Promise<void> {
  const own = ++searches;
  try {
    const { id } = await askJson<{ readonly id: number }>("api/example", { method: "POST", body: file });
    if (own === searches) search({ ...none, examples: [id] });
  } catch (thrown) {
    refused(thrown);
  }
}

/** Takes an image out of the search. */
export function forget(id: number): void {
  const without = (ids: readonly number[]): readonly number[] => ids.filter((one) => one !== id);
  const { these, those, examples } = likes.value;
  search({ these: without(these), those: without(those), examples: without(examples) });
}

/** Ends the search. */
export function stopSearch(): void {
  search(none);
}

function search(next: Likes): void {
  searches++;
  const isOver = next.these.length + next.examples.length === 0;
  batch(() => {
    likes.value = isOver ? none : next;
    if (!isOver) {
      order.value = { column: "similarity", descending: true };
      return;
    }
    removeFilter("similarity");
    if (order.value?.column === "similarity") order.value = null;
  });
}

/** Computes the similarities of the search, from now on. */
export function followLikes(): void {
  let latest: AbortController | undefined;
  effect(() => {
    const [wanted, chosen] = [likes.value, encoder.value];
    attempts.value;
    latest?.abort();
    isWaiting.value = false;
    searchFailure.value = undefined;
    if (info.value === undefined || chosen === undefined) return;
    if (!isSearching.value) return removeColumn("similarity");
    const { signal } = latest = new AbortController();
    const path = `api/like/${encodeURIComponent(chosen.name)}?${version()}`;
    isWaiting.value = true;
    askFrame(path, { ...sending("POST", wanted), signal }).then(({ bytes }) => {
      isWaiting.value = false;
      addColumn({ id: "similarity", name: "Similarity", kind: "number", numbers: new Float32Array(bytes) });
    }, (thrown) => {
      if (signal.aborted) return;
      if (isOfOtherImages(thrown)) return location.reload();
      isWaiting.value = false;
      removeColumn("similarity"); // it was that of the search before
      searchFailure.value = (thrown as Error).message;
    });
  });
}

function isLikes(value: unknown): value is Likes {
  const { these, those, examples } = (value ?? {}) as Partial<Likes>;
  return [these, those, examples].every((ids) => Array.isArray(ids) && ids.every(Number.isSafeInteger));
}
