/**
 * The image that is in focus, those that are chosen, and what is done to them.
 *
 * @module
 */
import { batch, signal } from "@preact/signals";
import type { Counted } from "../../messages.ts";
import { counted } from "../format.ts";
import { askJson, sending } from "../server.ts";
import { numberInAddress } from "./address.ts";
import { changeDetails, detailsVersion, loadDetails, refused, selections, tags, version } from "./collection.ts";
import { changes, rows } from "./filters.ts";
import { say } from "./notice.ts";
import { noteDone } from "./undo.ts";

/** The row in focus; -1 for none. */
export const active = signal(-1);

/** The image that is shown large, by its number; -1 for none. */
export const opened = numberInAddress("image", -1);

/** The rows that are chosen. */
export const chosen = signal<ReadonlySet<number>>(new Set());

/** The row that is under the pointer, on the map or in the grid; -1 for none. */
export const pointed = signal(-1);

/** The rows that the reader goes through while an image is shown large; undefined for those of the images' view. */
export const around = signal<Int32Array | undefined>(undefined);

let lastOpened = -1;

/**
 * Shows an image large.
 *
 * @param row The image.
 * @param rows The rows that it stands among, if they are not those of the images' view.
 */
export function open(row: number, rows?: Int32Array): void {
  active.value = lastOpened = row;
  loadDetails([row]).then(([image]) => {
    if (lastOpened !== row) return; // another one was opened meanwhile
    around.value = rows;
    opened.value = image?.id ?? -1;
  }, refused);
}

/** The image in focus in a list of its own, in which those that are chosen elsewhere are not seen; -1 for none. */
let byItself = -1;

/** What a button that stands for an image follows: the keys are about that image while it is in focus. */
export function inFocus(row: number): { readonly onFocus: () => void; readonly onBlur: () => void } {
  return {
    onFocus: () => {
      active.value = row;
      byItself = row;
    },
    onBlur: () => byItself = -1,
  };
}

/** The rows that an action is about: those that are chosen, or the one in focus. */
export function meant(): readonly number[] {
  if (byItself >= 0) return [byItself];
  if (chosen.value.size > 0) return [...chosen.value];
  return active.value >= 0 ? [active.value] : [];
}

/** Chooses a row, or no longer. */
export function toggle(row: number): void {
  const next = new Set(chosen.value);
  if (!next.delete(row)) next.add(row);
  chosen.value = next;
}

/** Chooses every image that is shown. */
export function chooseAll(): void {
  chosen.value = new Set(rows.value);
}

type TagsAndSelections = { readonly tags: readonly Counted[]; readonly selections: readonly Counted[] };

function take(found: TagsAndSelections): void {
  batch(() => {
    tags.value = found.tags;
    selections.value = found.selections;
    changes.value++;
  });
}

async function setTag(images: readonly { readonly row: number; readonly id: number }[], tag: string, on: boolean) {
  const ids = images.map(({ id }) => id);
  take(await askJson(`api/tag/${encodeURIComponent(tag)}?${version()}`, sending("POST", { ids, on })));
  for (const { row } of images) {
    changeDetails(row, (image) => {
      const others = image.tags.filter((one) => one !== tag);
      return { ...image, tags: on ? [...others, tag].sort() : others };
    });
  }
  detailsVersion.value++;
}

let tagging = Promise.resolve(true);

/**
 * Gives images a tag, or takes it away if all of them bear it. One press is over before the next one begins, so that two
 * quick ones give the tag and take it away.
 *
 * @returns Whether it was done; what went wrong is said.
 */
export function tagImages(which: readonly number[], tag: string, isOn?: boolean): Promise<boolean> {
  return tagging = tagging.then(() => tagNow(which, tag.trim(), isOn));
}

/** Waits until every press before now is over. */
export async function whenTagged(): Promise<void> {
  await tagging;
}

async function tagNow(which: readonly number[], name: string, isOn: boolean | undefined): Promise<boolean> {
  if (name === "" || which.length === 0) return true;
  try {
    const images = await loadDetails(which);
    const on = isOn ?? !images.every(({ tags }) => tags.includes(name));
    const changed = images.filter(({ tags }) => tags.includes(name) !== on);
    if (changed.length === 0) {
      say(on ? `All of them are tagged “${name}” already` : `None is tagged “${name}”`);
      return true;
    }
    await setTag(changed, name, on);
    const many = counted(changed.length);
    noteDone(on ? `${many} tagged “${name}”` : `“${name}” removed from ${many}`, () => setTag(changed, name, !on));
    return true;
  } catch (thrown) {
    refused(thrown);
    return false;
  }
}

/** Saves images as a selection by name. */
export async function saveSelection(which: readonly number[], name: string): Promise<void> {
  try {
    const path = `api/selection/${encodeURIComponent(name)}?${version()}`;
    const isNew = !selections.value.some((one) => one.name === name);
    const ids = (await loadDetails(which)).map(({ id }) => id);
    take(await askJson(path, sending("PUT", { ids })));
    const text = `${counted(ids.length)} saved as “${name}”`;
    if (!isNew) return say(text);
    noteDone(text, async () => take(await askJson(path, { method: "DELETE" })));
  } catch (thrown) {
    refused(thrown);
  }
}
