/**
 * Results of evaluations, for a terminal.
 *
 * @module
 */
import type { Result } from "./summary.ts";
import { percentOrDash } from "./format.ts";
import { table } from "./text_table.ts";

/** Results as a plain table. */
export function renderResults(results: readonly Result[]): string {
  const linear = results.some((result) => result.linear !== undefined);
  return table(
    ["features", "dimensions", "kNN top-1", "kNN top-5", ...(linear ? ["linear top-1", "linear top-5"] : [])],
    results.map((result) => [
      result.features,
      result.dimension,
      percentOrDash(result.knn.top1),
      percentOrDash(result.knn.top5),
      ...(linear ? [percentOrDash(result.linear?.top1), percentOrDash(result.linear?.top5)] : []),
    ]),
  );
}

/** The accuracy of each class, as a plain table. */
export function renderClasses({ knn, linear }: Result): string {
  const share = (accuracy: number | null) => percentOrDash(accuracy ?? undefined);
  return table(
    ["class", "images", "kNN", ...(linear === undefined ? [] : ["linear"])],
    knn.perClass.map(({ label, name, count, accuracy }, i) => [
      name ?? String(label),
      count,
      share(accuracy),
      ...(linear === undefined ? [] : [share(linear.perClass[i].accuracy)]),
    ]),
  );
}
