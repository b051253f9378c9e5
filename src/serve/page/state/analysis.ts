/**
 * What is found by comparing all images with each other: neighbours, and leaks between the halves. The server computes
 * it once; until then it says how far it is.
 *
 * @module
 */
import { signal } from "@preact/signals";
import type { Progress } from "../../messages.ts";
import { ask, framed } from "../server.ts";
import type { Pair } from "./groups.ts";
import { addColumn, count, encoder, version } from "./collection.ts";

/** What is found, or how far it is, or why it cannot be found. */
export type Finding<A> = { readonly result?: A; readonly progress?: Progress; readonly error?: string };

/** Pairs of neighbours, and the mean distance of each image to its neighbours. */
export const neighbours = signal<Finding<readonly Pair[]>>({});

/** Test images that are near a training image, the most similar first. */
export const leaks = signal<Finding<readonly Pair[]>>({});

const begun = new Set<string>();

/** Begins the computation for the encoder that is looked through, if it has not begun. */
export function findNeighbours(): void {
  begin("neighbours", neighbours, (pairs) => {
    const distances = new Float32Array(count.value).fill(NaN);
    const seen = new Int32Array(count.value);
    for (const { first, similarity } of pairs) {
      if (seen[first]++ === 0) distances[first] = 0;
      distances[first] += Math.sqrt(Math.max(0, 2 - 2 * similarity));
    }
    const numbers = distances.map((sum, row) => sum / seen[row]);
    addColumn({ id: "outlier", name: "Distance to neighbours", kind: "number", numbers });
  });
}

/** Begins the computation for the encoder that is looked through, if it has not begun. */
export function findLeaks(): void {
  begin("leaks", leaks, () => {});
}

function begin(
  kind: "neighbours" | "leaks",
  finding: { value: Finding<readonly Pair[]> },
  then: (pairs: readonly Pair[]) => void,
): void {
  const chosen = encoder.value;
  if (chosen === undefined) return;
  const path = `api/${kind}/${encodeURIComponent(chosen.name)}?${version()}`;
  if (begun.has(path)) return;
  begun.add(path);
  finding.value = { progress: { done: 0, count: 1 } };
  const poll = async (): Promise<void> => {
    try {
      const response = await ask(path);
      if (response.status === 202) {
        finding.value = { progress: await response.json() };
        setTimeout(poll, 500);
        return;
      }
      const numbers = new Float64Array(framed(await response.arrayBuffer()).bytes);
      const pairs = Array.from({ length: numbers.length / 3 }, (_, pair): Pair => ({
        first: numbers[3 * pair],
        second: numbers[3 * pair + 1],
        similarity: numbers[3 * pair + 2],
      }));
      then(pairs);
      finding.value = { result: pairs };
    } catch (thrown) {
      begun.delete(path);
      finding.value = { error: (thrown as Error).message };
    }
  };
  poll();
}
