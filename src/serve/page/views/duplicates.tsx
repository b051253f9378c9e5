/**
 * Images that are nearly the same, in groups, to keep one of each and mark the others.
 *
 * @module
 */
import { signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { DUPLICATES_WITHIN } from "../../../search/defaults.ts";
import type { ImageInfo } from "../../messages.ts";
import { FindingState } from "../parts/finding_state.tsx";
import { counted, formatBytes } from "../format.ts";
import { Slider } from "../parts/slider.tsx";
import { Thumbnail } from "../parts/thumbnail.tsx";
import { numberInAddress } from "../state/address.ts";
import { neighbours } from "../state/analysis.ts";
import { inFocus, open, tagImages, whenTagged } from "../state/chosen.ts";
import { count, detailsOf, encoder, loadDetails, refused } from "../state/collection.ts";
import { type Group, groupsOf } from "../state/groups.ts";
import { NoVectors } from "./no_vectors.tsx";

const within = numberInAddress("within", DUPLICATES_WITHIN, (value) => value > 0 && value < 1);

/** The tag of an image that is not to be kept. Nothing is ever deleted. */
const MARK = "duplicate";

/** Groups that are shown at once. */
const PAGE = 50;

/** Images of a group that are shown at first. */
const FIRST = 9;

const shownGroups = signal(PAGE);

/** The view. */
export function DuplicatesView() {
  useEffect(neighbours.begin, [encoder.value]);
  const groups = useComputed(() => {
    const compared = neighbours.finding.value.result;
    return compared === undefined ? [] : groupsOf(compared, within.value, count.value);
  });
  if (encoder.value === undefined) return <NoVectors />;
  const images = groups.value.reduce((sum, { rows }) => sum + rows.length, 0);
  return (
    <section class="page scrolls" aria-label="Duplicates">
      <div class="lead">
        <h2>Duplicates</h2>
        <p>
          Images that are nearly the same: much nearer to each other than to what is around them. Press an image, or M,
          to mark what is too much; K keeps the largest of a group and marks the others; Enter shows an image large.
          Marked images get the tag “{MARK}”; nothing is deleted.
        </p>
        {neighbours.finding.value.result !== undefined && (
          <div class="controls">
            <Slider
              before="Distance at most"
              after="of what is around"
              {...{ min: 0.01, max: 0.95, step: 0.01, digits: 2 }}
              value={within.value}
              onChange={(value) => {
                within.value = value;
                shownGroups.value = PAGE;
              }}
            />
            <span role="status">{counted(groups.value.length, "group")} of {counted(images)}</span>
            <button
              type="button"
              disabled={groups.value.length === 0}
              onClick={() => keepLargest(groups.value.map(({ rows }) => rows))}
            >
              Keep the largest of each
            </button>
          </div>
        )}
      </div>
      {neighbours.finding.value.result === undefined
        ? <FindingState finding={neighbours.finding.value} what="Comparing the images" />
        : groups.value.length === 0
        ? <p class="empty">No two images are that near to each other. Allow a greater distance to see more.</p>
        : (
          <>
            <div class="groups">
              {groups.value.slice(0, shownGroups.value).map((group) => (
                <GroupOfImages
                  key={group.rows[0]}
                  {...group}
                />
              ))}
            </div>
            {groups.value.length > shownGroups.value && (
              <button
                type="button"
                class="more"
                onClick={() => shownGroups.value += PAGE}
              >
                Show more of {counted(groups.value.length, "group")}
              </button>
            )}
          </>
        )}
    </section>
  );
}

function GroupOfImages({ rows, similarity }: Group) {
  const isWhole = useSignal(false);
  const shown = isWhole.value ? rows : rows.slice(0, FIRST);
  const list = useRef<HTMLUListElement>(null);
  const focused = (): number => {
    const buttons = [...list.current!.querySelectorAll("button")];
    return buttons.indexOf(document.activeElement as HTMLButtonElement);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = focused();
    const buttons = list.current!.querySelectorAll("button");
    if (event.key === "ArrowRight") buttons[place + 1]?.focus();
    else if (event.key === "ArrowLeft") buttons[place - 1]?.focus();
    else if (event.key === "Enter" && place >= 0) open(rows[place]);
    else if (event.key.toLowerCase() === "m" && place >= 0) tagImages([rows[place]], MARK);
    else if (event.key.toLowerCase() === "k") keepLargest([rows]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <article class="group" aria-label={`${rows.length} images, similarity ${similarity.toFixed(3)}`}>
      <div class="head">
        <span>{counted(rows.length)}</span>
        <span class="muted">similarity {similarity.toFixed(3)}</span>
        <button type="button" onClick={() => keepLargest([rows])}>Keep the largest</button>
      </div>
      <ul ref={list} onKeyDown={onKeyDown}>
        {shown.map((row) => {
          const image = detailsOf(row);
          const isMarked = image?.tags.includes(MARK) ?? false;
          return (
            <li key={row} class={isMarked ? "marked" : ""}>
              <button
                type="button"
                aria-pressed={isMarked}
                {...inFocus(row)}
                onClick={() => tagImages([row], MARK)}
                onDblClick={() => open(row)}
              >
                <Thumbnail row={row} />
                <span class="name">{image?.path.split("/").at(-1) ?? ""}</span>
                <span class="muted">
                  {image === undefined ? "" : `${image.width} × ${image.height}, ${formatBytes(image.bytes)}`}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {shown.length < rows.length && (
        <button type="button" class="rest" onClick={() => isWhole.value = true}>
          Show {(rows.length - shown.length).toLocaleString("en")} more
        </button>
      )}
    </article>
  );
}

/**
 * Marks all images of each group but the one with the most pixels; of equal ones, the largest file is kept. A mark that
 * the kept one had is taken away first, so that no group is ever marked whole.
 */
async function keepLargest(groups: readonly (readonly number[])[]): Promise<void> {
  try {
    await whenTagged();
    const images = await loadDetails(groups.flat());
    const byRow = new Map(images.map((image) => [image.row, image]));
    const sorted = groups.map((rows) => rows.flatMap((row) => byRow.get(row) ?? []).sort(largestFirst));
    const marked = sorted.flatMap(([kept]) => kept?.tags.includes(MARK) ? [kept.row] : []);
    if (marked.length > 0 && !await tagImages(marked, MARK, false)) return;
    await tagImages(sorted.flatMap(([, ...others]) => others.map(({ row }) => row)), MARK, true);
  } catch (thrown) {
    refused(thrown);
  }
}

function largestFirst(a: ImageInfo, b: ImageInfo): number {
  return b.width * b.height - a.width * a.height || b.bytes - a.bytes || a.id - b.id;
}
