/**
 * What is found by comparing all images with each other: neighbours, and leaks between the halves. The server computes
 * it once; until then it says how far it is.
 *
 * @module
 */
import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Progress } from "../../messages.ts";
import { ask, framed } from "../server.ts";
import type { Pair } from "./groups.ts";
import { addColumn, count, encoder, removeColumn, version } from "./collection.ts";
import { filters, order } from "./filters.ts";

/** What is found, or how far it is, or why it cannot be found. */
export type Finding<A> = { readonly result?: A; readonly progress?: Progress; readonly error?: string };

/** A comparison of all images by the encoder that is looked through. */
export type Comparison = {
  /** What is found by that encoder; nothing where its comparison has not begun. */
  readonly finding: ReadonlySignal<Finding<readonly Pair[]>>;
  /** Begins the comparison by that encoder, if it has not begun. */
  readonly begin: () => void;
};

/** Pairs of neighbours. */
export const neighbours: Comparison = comparison("neighbours");

/** Test images that are near a training image, the most similar first. */
export const leaks: Comparison = comparison("leaks");

/** Keeps the mean distance of each image to its neighbours as a column, from now on. */
export function followNeighbours(): void {
  // An address may hold a condition on it, or the order of it, as a bookmark does.
  effect(() => {
    const isWanted = [...filters.value, order.value].some((wanted) => wanted?.column === "outlier");
    if (isWanted && encoder.value !== undefined) untracked(neighbours.begin);
  });
  effect(() => {
    const pairs = neighbours.finding.value.result;
    if (pairs === undefined) return removeColumn("outlier");
    const numbers = distancesOf(pairs, count.value);
    addColumn({ id: "outlier", name: "Distance to neighbours", kind: "number", numbers });
  });
}

function distancesOf(pairs: readonly Pair[], count: number): Float32Array {
  const sums = new Float32Array(count).fill(NaN);
  const seen = new Int32Array(count);
  for (const { first, similarity } of pairs) {
    if (seen[first]++ === 0) sums[first] = 0;
    sums[first] += Math.sqrt(Math.max(0, 2 - 2 * similarity));
  }
  return sums.map((sum, row) => sum / seen[row]);
}

/** A kind of comparison. The page holds the last one; the server holds all, and tells them again at once. */
function comparison(kind: "neighbours" | "leaks"): Comparison {
  const path = computed(() =>
    encoder.value === undefined ? undefined : `api/${kind}/${encodeURIComponent(encoder.value.name)}?${version()}`
  );
  const nothing: Finding<readonly Pair[]> = {};
  const last = signal<{ readonly of?: string; readonly finding: Finding<readonly Pair[]> }>({ finding: nothing });
  const finding = computed(() => last.value.of === path.value ? last.value.finding : nothing);
  let latest: AbortController | undefined;

  const begin = (): void => {
    const asked = path.value;
    const { result, progress } = finding.value;
    if (asked === undefined || result !== undefined || progress !== undefined) return;
    latest?.abort();
    const { signal } = latest = new AbortController();
    const note = (finding: Finding<readonly Pair[]>): void => {
      if (!signal.aborted) last.value = { of: asked, finding };
    };
    const poll = async (): Promise<void> => {
      try {
        const response = await ask(asked, { signal });
        if (response.status === 202) {
          note({ progress: await response.json() });
          setTimeout(poll, 500);
        } else note({ result: pairsOf(framed(await response.arrayBuffer()).bytes) });
      } catch (thrown) {
        note({ error: (thrown as Error).message });
      }
    };
    note({ progress: { done: 0, count: 1 } });
    poll();
  };
  return { finding, begin };
}

function pairsOf(bytes: ArrayBuffer): readonly Pair[] {
  const numbers = new Float64Array(bytes);
  return Array.from({ length: numbers.length / 3 }, (_, pair) => ({
    first: numbers[3 * pair],
    second: numbers[3 * pair + 1],
    similarity: numbers[3 * pair + 2],
  }));
}
