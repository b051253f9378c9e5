/**
 * Test images that are nearly among the training images.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { FindingState } from "../parts/finding_state.tsx";
import { counted } from "../format.ts";
import { Slider } from "../parts/slider.tsx";
import { Thumbnail } from "../parts/thumbnail.tsx";
import { numberInAddress } from "../state/address.ts";
import { leaks } from "../state/analysis.ts";
import { inFocus, open, tagImages } from "../state/chosen.ts";
import { encoder } from "../state/collection.ts";
import { pairsFrom } from "../state/groups.ts";
import { NoVectors } from "./no_vectors.tsx";

const threshold = numberInAddress("leak", 0.95);

/** The most pairs that are shown at once. */
const SHOWN = 200;

/** The view. */
export function LeaksView() {
  useEffect(leaks.begin, [encoder.value]);
  const found = useComputed(() => pairsFrom(leaks.finding.value.result ?? [], threshold.value));
  if (encoder.value === undefined) return <NoVectors />;
  return (
    <section class="page scrolls" aria-label="Leaks">
      <div class="lead">
        <h2>Leaks</h2>
        <p>
          Test images beside the training image that is nearest to them. Where the two are nearly the same, a
          measurement on the test images says too much.
        </p>
        {leaks.finding.value.result !== undefined && (
          <div class="controls">
            <Slider
              before="Similarity at least"
              {...{ min: 0.8, max: 1, step: 0.005, digits: 3 }}
              value={threshold.value}
              onChange={(value) => threshold.value = value}
            />
            <span role="status">{counted(found.value.length, "pair")}</span>
            <button
              type="button"
              disabled={found.value.length === 0}
              onClick={() => tagImages(found.value.map(({ first }) => first), "leak", true)}
            >
              Tag the test images “leak”
            </button>
          </div>
        )}
      </div>
      {leaks.finding.value.result === undefined
        ? <FindingState finding={leaks.finding.value} what="Comparing the halves" />
        : found.value.length === 0
        ? <p class="empty">No test image is that near to a training image.</p>
        : (
          <ul class="pairs">
            {found.value.slice(0, SHOWN).map(({ first, second, similarity }) => (
              <li key={first}>
                <button type="button" {...inFocus(first)} onClick={() => open(first)}>
                  <Thumbnail row={first} />
                  <span>test</span>
                </button>
                <button type="button" {...inFocus(second)} onClick={() => open(second)}>
                  <Thumbnail row={second} />
                  <span>train</span>
                </button>
                <span class="figure">{similarity.toFixed(3)}</span>
              </li>
            ))}
          </ul>
        )}
      {found.value.length > SHOWN && (
        <p class="muted">The {SHOWN} most similar pairs are shown. Raise the threshold to see fewer.</p>
      )}
    </section>
  );
}
