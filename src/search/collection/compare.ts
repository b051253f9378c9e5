import type { Known, Listed } from "./additions.ts";

/** An image of a source as it is now. */
export type Found = Listed & {
  /** SHA-256, where it is known without reading a file. */
  readonly digest?: string;
};

/** What is to be done so that a collection has what its source has. */
export type Changes = {
  /** The places, in the listing, of images that are to be embedded: new ones, and those that changed. */
  readonly toEmbed: readonly number[];
  /** How many of those the collection has already. */
  readonly changed: number;
  /** Images with the same contents, of which something else is new: times, labels, or that they are there again. */
  readonly toRefresh: readonly (Listed & { readonly id: number })[];
  /** The numbers of images that are no longer there. */
  readonly gone: readonly number[];
};

/**
 * Compares the images of a source with those that a collection has of it.
 *
 * A file of the same size and time is taken for the same. Where one of them differs, its digest decides.
 *
 * @param found The images of the source.
 * @param known The images that the collection has.
 * @param digestOf The digest of an image of the source, which reads its file; undefined where it cannot be read.
 */
export async function compare(
  found: readonly Found[],
  known: ReadonlyMap<string, Known>,
  digestOf: (place: number) => Promise<string | undefined>,
): Promise<Changes> {
  const toEmbed: number[] = [];
  const toRefresh: (Listed & { readonly id: number })[] = [];
  let changed = 0;
  for (const [place, image] of found.entries()) {
    const before = known.get(image.path);
    if (before === undefined || !before.hasVector) {
      toEmbed.push(place);
      continue;
    }
    const isUntouched = image.digest === undefined && image.bytes === before.bytes &&
      image.modified === before.modified;
    if (!isUntouched && (image.digest ?? await digestOf(place)) !== before.digest) {
      toEmbed.push(place);
      changed++;
    } else if (!isSaid(image, before)) toRefresh.push({ ...image, id: before.id });
  }
  const there = new Set(found.map(({ path }) => path));
  const gone = [...known.values()].filter(({ path, isRemoved }) => !isRemoved && !there.has(path)).map(({ id }) => id);
  return { toEmbed, changed, toRefresh, gone };
}

/** Whether the collection says of an image what its source says. */
function isSaid(image: Listed, { isRemoved, ...before }: Known): boolean {
  return !isRemoved && image.bytes === before.bytes && image.modified === before.modified &&
    image.label === before.label && image.split === before.split;
}
