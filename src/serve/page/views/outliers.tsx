/**
 * The images that are farthest from all others.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { FindingState } from "../parts/finding_state.tsx";
import { ImageGrid } from "../parts/image_grid.tsx";
import { neighbours } from "../state/analysis.ts";
import { columnOf, encoder } from "../state/collection.ts";
import { clearFilters, isFiltered, mask } from "../state/filters.ts";
import { NoVectors } from "./no_vectors.tsx";

/** The view. */
export function OutliersView() {
  useEffect(neighbours.begin, [encoder.value]);
  const rows = useComputed(() => {
    const numbers = columnOf("outlier")?.numbers;
    if (numbers === undefined) return new Int32Array();
    const shown = mask.value;
    const found = Int32Array.from(numbers.keys()).filter((row) => shown[row] === 1 && !Number.isNaN(numbers[row]));
    return found.sort((a, b) => numbers[b] - numbers[a] || a - b);
  });
  if (encoder.value === undefined) return <NoVectors />;
  return (
    <section class="page" aria-label="Outliers">
      <div class="lead">
        <h2>Outliers</h2>
        <p>
          The images that are least like any other come first: by the mean distance to their nearest images. Mistakes,
          damaged pictures and rare things are often among them.
        </p>
        {isFiltered.value && (
          <div class="controls">
            <span role="status">Only images that meet the conditions of the view of images are shown.</span>
            <button type="button" onClick={clearFilters}>Show all</button>
          </div>
        )}
      </div>
      {neighbours.finding.value.result === undefined
        ? <FindingState finding={neighbours.finding.value} what="Comparing the images" />
        : <ImageGrid rows={rows.value} label="Outliers, the farthest first" tile={140} isOwn />}
    </section>
  );
}
