import { counted } from "../core/counted.ts";
import type { Cluster } from "../engine/mod.ts";
import { type Embedded, knownImages, markRemoved, putEmbedded, refresh } from "../search/collection/additions.ts";
import { compare } from "../search/collection/compare.ts";
import { findMoved, lostImages, move } from "../search/collection/moved.ts";
import type { Database } from "../search/collection/database.ts";
import type { NumberedEncoder } from "../search/collection/encoders.ts";
import type { CollectionEncoder } from "../search/collection/types.ts";
import { renderPace, type Reporter } from "../train/progress.ts";
import { batchesOfAll, batchesOfPart } from "./cluster/batches_of_all.ts";
import { wordsOfFirst } from "./cluster/words_of_all.ts";
import { embeddedBatches, type Embedding } from "./embedded_batches.ts";

/** What each process embeds that takes part, and how. */
export type Shared = Embedding & {
  readonly encoder: Pick<CollectionEncoder, "dim">;
  readonly reporter: Reporter;
  /** Whether to stop after this batch. If several processes embed, all of them get the same answer. */
  readonly isRequested: () => boolean;
};

/** What is to be embedded, and how. */
export type Update = Shared & {
  /** The number of the source that the images are of. */
  readonly source: number;
  /** Whether the listing has every image of the source, so that others are gone. */
  readonly isWhole: boolean;
  readonly encoder: NumberedEncoder;
  /** The processes that embed together, of which this is the first one. Default: it embeds alone. */
  readonly cluster?: Cluster;
};

/** What {@linkcode embed} did to a collection. */
export type Updated = {
  /** Images that were embedded. */
  readonly embedded: number;
  /** Images that are still to be embedded. */
  readonly left: number;
  /** Images that the collection has under another path or in another folder, where they no longer are. */
  readonly moved: number;
  /** Images that the collection had and that are no longer there. */
  readonly gone: number;
  /** Images that cannot be read. */
  readonly unusable: number;
};

/** How many images that cannot be read are named before the rest is only counted. */
const NAMED = 5;

/** Brings a collection to what its source has: embeds what is new or changed, and marks what is gone. */
export async function updateCollection(database: Database, update: Update): Promise<Updated> {
  const { source, listing, isWhole, encoder, reporter, cluster } = update;
  const known = knownImages(database, source, encoder);
  const { toEmbed, toRefresh, gone } = await compare(listing.images, known, listing.digestOf);
  refresh(database, toRefresh);
  const lost = lostImages(database, source, encoder, isWhole ? gone : []);
  const fresh = toEmbed.filter((place) => !known.has(listing.images[place].path));
  const moved = await findMoved(fresh, listing.images, lost, listing.digestOf);
  const now = Date.now();
  const leftBehind = move(database, source, moved.map(({ place, id }) => ({ ...listing.images[place], id })), now);
  const [places, ids] = [new Set(moved.map(({ place }) => place)), new Set(moved.map(({ id }) => id))];
  const rest = toEmbed.filter((place) => !places.has(place));
  if (cluster !== undefined) wordsOfFirst(cluster, rest);
  const { embedded, unusable } = await embedAll(
    update,
    rest,
    (images) => putEmbedded(database, source, encoder, images),
  );
  const unusablePaths = unusable.map((place) => listing.images[place].path);
  const spoilt = unusablePaths.flatMap((path) => known.get(path)?.isRemoved === false ? [known.get(path)!.id] : []);
  const missing = [...isWhole ? gone.filter((id) => !ids.has(id)) : [], ...spoilt];
  markRemoved(database, missing, now);
  if (unusable.length > NAMED) reporter.note(`Left out ${counted(unusable.length, "image")} that cannot be used`);
  const left = rest.length - embedded - unusable.length;
  return { embedded, left, moved: moved.length, gone: missing.length + leftBehind, unusable: unusable.length };
}

/** Embeds for the first process of a cluster, which knows what is to be embedded, and saves it. */
export async function helpToUpdate(cluster: Cluster, update: Shared): Promise<void> {
  await embedAll({ ...update, cluster }, wordsOfFirst<readonly number[]>(cluster), () => {});
}

/**
 * Embeds the images at some places of the listing, until all are or a stop is asked for.
 *
 * @param update What is embedded, and how.
 * @param places The places.
 * @param put Keeps the images of a batch.
 */
async function embedAll(
  { listing, encoder: { dim }, embed, cluster, reporter, isRequested, ...update }: Shared & Pick<Update, "cluster">,
  places: readonly number[],
  put: (images: readonly Embedded[]) => void,
): Promise<{ readonly embedded: number; readonly unusable: readonly number[] }> {
  const unusable: number[] = [];
  if (places.length === 0) return { embedded: 0, unusable };
  const batch = Math.min(update.batch, places.length);
  const { rank: index = 0, size: count = 1 } = cluster ?? {};
  const own = embeddedBatches({ listing, embed, batch }, batchesOfPart(places, batch, { index, count }));
  const batches = cluster === undefined ? own : batchesOfAll(cluster, own, { images: places.length, batch, dim });
  const started = performance.now();
  let embedded = 0;
  for await (const { rows, ...left } of batches) {
    for (const { index, path, reason } of left.unusable) {
      if (unusable.push(places[index]) <= NAMED) reporter.note(`Left out ${path}: ${reason}`);
    }
    put(rows.map(({ index, ...row }) => ({ ...listing.images[places[index]], ...row })));
    embedded += rows.length;
    const rate = 1000 * embedded / (performance.now() - started);
    const pace = rate === 0 ? "" : `  ${renderPace(rate, places.length - embedded)}`; // none was usable so far
    reporter.progress(`embedded ${embedded}/${places.length}${pace}`);
    if (isRequested()) break;
  }
  reporter.end();
  return { embedded, unusable };
}
