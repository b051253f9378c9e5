/**
 * One image, large, with what is known of it and what is nearest to it.
 *
 * @module
 */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ImageInfo } from "../../messages.ts";
import { askFrame, sending } from "../server.ts";
import { active, around, open, opened, pointed, tagImages } from "../state/chosen.ts";
import {
  detailsVersion,
  encoder,
  info,
  isOfOtherImages,
  loadDetails,
  pictureAddress,
  refused,
  rowOfId,
  version,
} from "../state/collection.ts";
import { rows } from "../state/filters.ts";
import { isSearching, searchLike, searchUnlike } from "../state/likes.ts";
import { formatBytes, formatNumber, formatTime } from "../format.ts";
import { AugmentedViews } from "./augmented_views.tsx";
import { NoticeLine } from "./notice_line.tsx";
import { FocusControls, FocusLayer } from "./focus.tsx";
import { askForTag } from "./tagging.ts";
import { Thumbnail } from "./thumbnail.tsx";

/** How many neighbours are shown. */
const NEIGHBOURS = 24;

type Neighbour = { readonly row: number; readonly similarity: number };

/** The images that are nearest to an image, or why there are none; neither until they have come. */
type Neighbours = { readonly found?: readonly Neighbour[]; readonly error?: string };

/** The dialog with the image that is opened. */
export function ImageDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const image = useSignal<ImageInfo | undefined>(undefined);
  const neighbours = useSignal<Neighbours>({});
  const isBroken = useSignal(false);
  const shownSize = useSignal<{ readonly width: number; readonly height: number } | undefined>(undefined);

  useEffect(() =>
    effect(() => {
      const [id, chosen] = [opened.value, encoder.value];
      detailsVersion.value;
      if (info.value === undefined) return;
      if (id < 0) {
        dialog.current?.close();
        return;
      }
      find(id).then((found) => {
        if (opened.peek() !== id) return;
        if (found !== undefined) active.value = found.row;
        if (found?.id !== image.peek()?.id) {
          neighbours.value = {};
          isBroken.value = false;
          shownSize.value = undefined;
          if (found !== undefined && chosen !== undefined) {
            nearest(found, chosen.name).then((near) => {
              if (opened.peek() === id) neighbours.value = { found: near };
            }, (thrown) => {
              if (isOfOtherImages(thrown)) return location.reload();
              if (opened.peek() === id) neighbours.value = { error: (thrown as Error).message };
            });
          }
        }
        image.value = found;
        if (found === undefined) opened.value = -1;
        else if (!dialog.current!.open) dialog.current!.showModal();
      }, refused);
    }), []);

  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What was in focus may be gone: the image's nearest ones, or a tag. The keys are the dialog's.
    const { open } = dialog.current!;
    if (open && !dialog.current!.contains(document.activeElement)) title.current?.focus();
  }, [image.value, neighbours.value]);

  const step = (by: number): void => {
    const among = around.value ?? rows.value;
    const place = among.indexOf(active.value);
    const next = among[place + by];
    if (place >= 0 && next !== undefined) open(next, around.value);
  };
  const shown = image.value;
  return (
    <dialog
      ref={dialog}
      class="image"
      aria-label={shown === undefined ? "Image" : `Image ${shown.path}`}
      onClose={() => {
        opened.value = -1;
        image.value = undefined;
        pointed.value = -1;
      }}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current!.close();
      }}
      onKeyDown={(event) => {
        if ((event.target as HTMLElement).matches("input, select")) return; // which have keys of their own
        const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (by !== 0) step(by);
        else if (event.key === "t" && shown !== undefined) askForTag([shown.row]);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {shown !== undefined && (
        <div class="sheet">
          <div class="large">
            {isBroken.value ? <p class="empty">This image cannot be shown. Its file may be damaged, or gone.</p> : (
              <img
                src={pictureAddress("picture", shown.id)}
                alt={shown.label ?? shown.path}
                class={Math.max(shown.width, shown.height) < 128 ? "pixels" : ""}
                onLoad={({ currentTarget }) => {
                  shownSize.value = { width: currentTarget.naturalWidth, height: currentTarget.naturalHeight };
                }}
                onError={() => isBroken.value = true}
              />
            )}
            {shownSize.value !== undefined && <FocusLayer {...shownSize.value} />}
          </div>
          <div class="about">
            <div class="title">
              <h2 ref={title} tabIndex={-1}>{shown.path.split("/").at(-1)}</h2>
              <div class="steps">
                <button type="button" class="icon" aria-label="Previous image" onClick={() => step(-1)}>‹</button>
                <button type="button" class="icon" aria-label="Next image" onClick={() => step(1)}>›</button>
                <button type="button" class="icon" aria-label="Close" onClick={() => dialog.current!.close()}>×</button>
              </div>
            </div>
            <Facts image={shown} />
            <div class="tag-list">
              {shown.tags.map((tag) => (
                <button
                  key={tag}
                  type="button"
                  class="chip"
                  aria-label={`Remove tag ${tag}`}
                  onClick={() => tagImages([shown.row], tag, false)}
                >
                  {tag} <span aria-hidden="true">×</span>
                </button>
              ))}
              <button type="button" class="chip plain" onClick={() => askForTag([shown.row])}>Add a tag</button>
            </div>
            <div class="actions">
              <button
                type="button"
                class="main"
                onClick={() => {
                  searchLike([shown.id]);
                  dialog.current!.close();
                }}
              >
                More like this
              </button>
              <button type="button" onClick={() => searchLike([shown.id], true)}>Also like this</button>
              <button type="button" disabled={!isSearching.value} onClick={() => searchUnlike([shown.id])}>
                Not like this
              </button>
            </div>
            {encoder.value !== undefined && (
              <>
                <FocusControls />
                <AugmentedViews id={shown.id} />
              </>
            )}
            <h3>Nearest images</h3>
            {encoder.value === undefined
              ? <p class="muted">This collection has no vectors yet.</p>
              : neighbours.value.error !== undefined
              ? <p class="wrong" role="status">{neighbours.value.error}</p>
              : neighbours.value.found === undefined
              ? <p class="muted">Searching …</p>
              : (
                <ul class="neighbours">
                  {neighbours.value.found.map(({ row, similarity }) => (
                    <li key={row}>
                      <button
                        type="button"
                        title={`Cosine similarity ${similarity.toFixed(4)}`}
                        onClick={() => open(row)}
                      >
                        <Thumbnail row={row} />
                        <span>{similarity.toFixed(3)}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              )}
          </div>
        </div>
      )}
      {shown !== undefined && <NoticeLine />} {/* the page's own one lies behind this dialog */}
    </dialog>
  );
}

/** What is known of an image. */
function Facts({ image }: { readonly image: ImageInfo }) {
  const facts: readonly (readonly [string, string])[] = [
    ["Path", image.path],
    ...image.label === undefined ? [] : [["Label", image.label] as const],
    ["Half", image.split],
    ["Size", `${image.width} × ${image.height} pixels, ${formatBytes(image.bytes)}`],
    ...image.modified > 0 ? [["Modified", formatTime(image.modified)] as const] : [],
    ...Object.entries(image.columns).map(([name, value]) =>
      [name, typeof value === "number" ? formatNumber(value) : value] as const
    ),
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

async function find(id: number): Promise<ImageInfo | undefined> {
  const row = await rowOfId(id);
  if (row === undefined) return undefined;
  const [image] = await loadDetails([row]);
  return image;
}

/** The images that are most similar to an image. */
async function nearest(image: ImageInfo, encoder: string): Promise<readonly Neighbour[]> {
  const path = `api/like/${encodeURIComponent(encoder)}?${version()}`;
  const { bytes } = await askFrame(path, sending("POST", { these: [image.id], those: [] }));
  const similarities = new Float32Array(bytes);
  const best: number[] = [];
  let least = -Infinity;
  similarities.forEach((similarity, row) => {
    if (row === image.row || !(similarity > least)) return;
    best.push(row);
    best.sort((a, b) => similarities[b] - similarities[a]);
    if (best.length > NEIGHBOURS) best.pop();
    if (best.length === NEIGHBOURS) least = similarities[best.at(-1)!];
  });
  return best.map((row) => ({ row, similarity: similarities[row] }));
}
