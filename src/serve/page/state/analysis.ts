/**
 * What is found by comparing all images with each other: neighbours, and leaks between the halves. The server computes
 * it once; until then it says how far it is.
 *
 * @module
 */
import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Compared, ComparedHead, Progress } from "../../messages.ts";
import { ask, type Framed, framed } from "../server.ts";
import { comparedIn } from "./compared.ts";
import type { Pair } from "./groups.ts";
import { addColumn, encoder, removeColumn, version } from "./collection.ts";
import { filters, order } from "./filters.ts";

/** What is found, or how far it is, or why it cannot be found. */
export type Finding<A> = { readonly result?: A; readonly progress?: Progress; readonly error?: string };

/** A comparison of all images by the encoder that is looked through. */
export type Comparison<A> = {
  /** What is found by that encoder; nothing where its comparison has not begun. */
  readonly finding: ReadonlySignal<Finding<A>>;
  /** Begins the comparison by that encoder, if it has not begun. */
  readonly begin: () => void;
};

/** Which images are near to each other, and how far each is from those around it. */
export const neighbours: Comparison<Compared> = comparison<Compared, ComparedHead>("neighbours", comparedIn);

/** Test images that are near a training image, the most similar first. */
export const leaks: Comparison<readonly Pair[]> = comparison("leaks", leaksIn);

/** Keeps the mean distance of each image to its neighbours as a column, from now on. */
export function followNeighbours(): void {
  // An address may hold a condition on it, or the order of it, as a bookmark does.
  effect(() => {
    const isWanted = [...filters.value, order.value].some((wanted) => wanted?.column === "outlier");
    if (isWanted && encoder.value !== undefined) untracked(neighbours.begin);
  });
  effect(() => {
    const compared = neighbours.finding.value.result;
    if (compared === undefined) return removeColumn("outlier");
    addColumn({ id: "outlier", name: "Distance to neighbours", kind: "number", numbers: compared.distances });
  });
}

/** A kind of comparison. The page holds the last one; the server holds all, and tells them again at once. */
function comparison<A, Head>(kind: "neighbours" | "leaks", read: (told: Framed<Head>) => A): Comparison<A> {
  const path = computed(() =>
    encoder.value === undefined ? undefined : `api/${kind}/${encodeURIComponent(encoder.value.name)}?${version()}`
  );
  const nothing: Finding<A> = {};
  const last = signal<{ readonly of?: string; readonly finding: Finding<A> }>({ finding: nothing });
  const finding = computed(() => last.value.of === path.value ? last.value.finding : nothing);
  let latest: AbortController | undefined;

  const begin = (): void => {
    const asked = path.value;
    const { result, progress } = finding.value;
    if (asked === undefined || result !== undefined || progress !== undefined) return;
    latest?.abort();
    const { signal } = latest = new AbortController();
    const note = (finding: Finding<A>): void => {
      if (!signal.aborted) last.value = { of: asked, finding };
    };
    const poll = async (): Promise<void> => {
      try {
        const response = await ask(asked, { signal });
        if (response.status === 202) {
          note({ progress: await response.json() });
          setTimeout(poll, 500);
        } else note({ result: read(framed(await response.arrayBuffer())) });
      } catch (thrown) {
        note({ error: (thrown as Error).message });
      }
    };
    note({ progress: { done: 0, count: 1 } });
    poll();
  };
  return { finding, begin };
}

function leaksIn({ bytes }: Framed<unknown>): readonly Pair[] {
  const numbers = new Float64Array(bytes);
  return Array.from({ length: numbers.length / 3 }, (_, pair) => ({
    first: numbers[3 * pair],
    second: numbers[3 * pair + 1],
    similarity: numbers[3 * pair + 2],
  }));
}
