/**
 * The collection, as far as the page has it: what there is, and the columns that were asked for.
 *
 * @module
 */
import { computed, signal } from "@preact/signals";
import type { CollectionInfo, ColumnHead, ColumnInfo, Counted, EncoderInfo, ImageInfo } from "../../messages.ts";
import { askFrame, askJson, ServerError } from "../server.ts";
import { textInAddress } from "./address.ts";
import { sayError } from "./notice.ts";

/** A column's values by row: numbers, or places in `texts` (-1 for none). */
export type Column = ColumnInfo & {
  readonly numbers: Float64Array | Float32Array | Int32Array;
  readonly texts?: readonly string[];
};

/** What the collection is; undefined until it is loaded. */
export const info = signal<CollectionInfo | undefined>(undefined);

/** Why it cannot be loaded. */
export const failure = signal<string | undefined>(undefined);

/** Tags and saved selections, which change while one looks. */
export const tags = signal<readonly Counted[]>([]);
export const selections = signal<readonly Counted[]>([]);

/** The name of the encoder that is looked through; empty for the first one. */
export const encoderName = textInAddress("encoder");

/** The encoder that is looked through. */
export const encoder = computed((): EncoderInfo | undefined => {
  const encoders = info.value?.encoders ?? [];
  return encoders.find(({ name }) => name === encoderName.value) ?? encoders[0];
});

/** How many images there are. */
export const count = computed(() => info.value?.count ?? 0);

/** Loads what the collection is. */
export async function loadCollection(): Promise<void> {
  try {
    const found = await askJson<CollectionInfo>("api/collection");
    info.value = found;
    tags.value = found.tags;
    selections.value = found.selections;
    failure.value = undefined;
  } catch (thrown) {
    failure.value = (thrown as Error).message;
  }
}

/** The columns that can be coloured by, sorted by and filtered: the server's, and those that the page adds. */
export const columns = computed((): readonly ColumnInfo[] => {
  const clusters: readonly ColumnInfo[] = encoder.value?.hasClusters
    ? [{ id: "cluster", name: "Cluster", kind: "text" }]
    : [];
  return [...info.value?.columns ?? [], ...clusters, ...added.value.values()];
});

/** Columns that the page itself has made, such as the similarity to a search. */
export const added = signal<ReadonlyMap<string, Column>>(new Map());

/** Puts a column of the page's own in place of the one of its name. */
export function addColumn(column: Column): void {
  added.value = new Map([...added.peek(), [column.id, column]]);
}

/** Takes a column of the page's own away. */
export function removeColumn(id: string): void {
  const others = [...added.peek()].filter(([name]) => name !== id);
  if (others.length < added.peek().size) added.value = new Map(others);
}

const loaded = signal<ReadonlyMap<string, Column>>(new Map());
const asked = new Set<string>();

/** A column's values. They are asked for when they are first wanted; until then undefined. */
export function columnOf(id: string): Column | undefined {
  const own = added.value.get(id);
  if (own !== undefined) return own;
  const about = columns.value.find((column) => column.id === id);
  if (about === undefined) return undefined;
  const path = id === "cluster"
    ? `api/clusters/${encodeURIComponent(encoder.value!.name)}`
    : `api/column/${encodeURIComponent(id)}`;
  const known = loaded.value.get(path);
  if (known === undefined) load(path, about);
  return known;
}

async function load(path: string, about: ColumnInfo): Promise<void> {
  if (asked.has(path)) return;
  asked.add(path);
  try {
    const { head, bytes } = await askFrame<ColumnHead>(`${path}?${version()}`);
    const numbers = head.dtype === "float64" ? new Float64Array(bytes) : new Int32Array(bytes);
    const column = { ...about, numbers, ...head.kind === "text" ? { texts: head.values } : {} };
    loaded.value = new Map([...loaded.peek(), [path, column]]);
  } catch (thrown) {
    asked.delete(path);
    refused(thrown);
  }
}

/** The version of the images that the page has, as a part of a request. */
export function version(): string {
  return `version=${info.value?.version ?? 0}`;
}

/** The address of an image's picture, by the image's number. Other images never have the same. */
export function pictureAddress(kind: "thumbnail" | "picture", id: number): string {
  return `api/${kind}/${id}?${version()}`;
}

/** Whether a request was refused because the images are others by now: then the page begins anew. */
export function isOfOtherImages(thrown: unknown): boolean {
  return thrown instanceof ServerError && thrown.status === 409;
}

/** Says what went wrong; where the images are others by now, the page begins anew. */
export function refused(thrown: unknown): void {
  if (isOfOtherImages(thrown)) return location.reload();
  sayError(thrown);
}

const details = new Map<number, ImageInfo>();
let wanted = new Set<number>();
let timer: number | undefined;

/** Changes whenever details of images came or changed. */
export const detailsVersion = signal(0);

/** What is known of an image; undefined until it has come. Many that are wanted at once are asked for together. */
export function detailsOf(row: number): ImageInfo | undefined {
  detailsVersion.value; // whoever asked is told when it has come
  const known = details.get(row);
  if (known === undefined && !wanted.has(row)) {
    wanted.add(row);
    timer ??= setTimeout(askForDetails, 30);
  }
  return known;
}

/** What is known of some images, once it has come. */
export async function loadDetails(rows: readonly number[]): Promise<readonly ImageInfo[]> {
  const missing = rows.filter((row) => !details.has(row));
  for (let from = 0; from < missing.length; from += 500) {
    const part = missing.slice(from, from + 500);
    const found = await askJson<readonly ImageInfo[]>(`api/images?${version()}&rows=${part.join()}`);
    // What came meanwhile may be newer: a tag may have been given since this was asked for.
    for (const image of found) if (!details.has(image.row)) details.set(image.row, image);
  }
  return rows.flatMap((row) => details.get(row) ?? []);
}

async function askForDetails(): Promise<void> {
  timer = undefined;
  const rows = [...wanted];
  wanted = new Set();
  try {
    await loadDetails(rows);
    detailsVersion.value++;
  } catch (thrown) {
    refused(thrown);
  }
}

/** The row of an image by its number; undefined if it is not there. */
export async function rowOfId(id: number): Promise<number | undefined> {
  for (const image of details.values()) if (image.id === id) return image.row;
  const found = await askJson<{ readonly row: number | null }>(`api/row/${id}?${version()}`);
  return found.row ?? undefined;
}

/** Changes what is known of an image, where it is known. */
export function changeDetails(row: number, change: (image: ImageInfo) => ImageInfo): void {
  const known = details.get(row);
  if (known !== undefined) details.set(row, change(known));
}
