/**
 * Images that are at another place than before: files that were renamed, and folders that were moved.
 *
 * @module
 */
import { meantBy } from "../../data/file_names.ts";
import type { Listed } from "./additions.ts";
import type { Database } from "./database.ts";
import type { NumberedEncoder } from "./encoders.ts";
import { sourcesOf } from "./images.ts";
import { vectorTable } from "./schema.ts";

/** An image that a collection has, with a vector, and that is no longer where it was. */
export type Lost = {
  readonly id: number;
  /** The path below the source that it was in. */
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
};

/** An image of a listing that the collection has under another path. */
export type Moved = {
  /** Its place in the listing. */
  readonly place: number;
  /** Its number in the collection. */
  readonly id: number;
};

/**
 * The images that a collection has lost: those that were found missing, and all of other folders that are no longer
 * there.
 *
 * @param database The collection.
 * @param source The source that is looked through.
 * @param encoder The encoder whose vectors they have.
 * @param gone The numbers of images that are missing from the source by now.
 */
export function lostImages(
  database: Database,
  source: number,
  { id: encoder }: NumberedEncoder,
  gone: readonly number[],
): readonly Lost[] {
  const rows = database.rows<readonly [number, string, string, number]>(
    `SELECT id, path, digest, bytes FROM images
    WHERE (removed IS NOT NULL OR id IN (SELECT value FROM json_each(?)) OR source IN (SELECT value FROM json_each(?)))
      AND EXISTS (SELECT 1 FROM ${vectorTable(encoder)} WHERE image = id)
    ORDER BY removed IS NOT NULL, id`,
    ...[gone, vanishedSources(database, source)].map((numbers) => JSON.stringify(numbers)),
  );
  return rows.map(([id, path, digest, bytes]) => ({ id, path, digest, bytes }));
}

/** The numbers of other sources whose folders or files are no longer there. */
function vanishedSources(database: Database, source: number): readonly number[] {
  return sourcesOf(database)
    .filter(({ id, path }) => id !== source && path !== "" && isMissing(path))
    .map(({ id }) => id);
}

/** Whether there is nothing at a path, nor at any of those that its braces stand for. */
function isMissing(path: string): boolean {
  return meantBy(path).every(isNothingAt);
}

function isNothingAt(path: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch (thrown) {
    return thrown instanceof Deno.errors.NotFound;
  }
}

/**
 * Finds lost images among new ones by their digests. Of several with the same contents, those that have kept their path
 * are found first. Only files that are as large as a lost one are read.
 *
 * @param places The places of new images in the listing.
 * @param found The images of the listing.
 * @param lost The lost images.
 * @param digestOf The digest of an image of the listing; undefined where its file cannot be read.
 */
export async function findMoved(
  places: readonly number[],
  found: readonly Listed[],
  lost: readonly Lost[],
  digestOf: (place: number) => Promise<string | undefined>,
): Promise<readonly Moved[]> {
  const sizes = new Set(lost.map(({ bytes }) => bytes));
  const byDigest = Map.groupBy(lost, ({ digest }) => digest);
  const moved: Moved[] = [];
  /** Takes a lost image for that of a place, if there is one: it cannot be at two places. */
  const take = (place: number, same: Lost[], at: number): boolean => {
    const [image] = at < 0 ? [] : same.splice(at, 1);
    if (image !== undefined) moved.push({ place, id: image.id });
    return image !== undefined;
  };
  const renamed: { readonly place: number; readonly same: Lost[] }[] = [];
  for (const place of places) {
    const { path, bytes } = found[place];
    if (!sizes.has(bytes)) continue;
    const same = byDigest.get(await digestOf(place) ?? "") ?? [];
    if (!take(place, same, same.findIndex((image) => image.path === path))) renamed.push({ place, same });
  }
  for (const { place, same } of renamed) take(place, same, 0);
  return moved.toSorted((a, b) => a.place - b.place);
}

/**
 * Notes where lost images are now. They keep their numbers, and all that is known of them. What is left of the folders
 * that they came from, where those are no longer there, is marked as gone.
 *
 * @param database The collection.
 * @param source The source that they were found in.
 * @param images The images as they are now, with their numbers.
 * @param now The time, milliseconds since 1970.
 * @returns How many images were marked.
 */
export function move(
  database: Database,
  source: number,
  images: readonly (Listed & { readonly id: number })[],
  now: number,
): number {
  if (images.length === 0) return 0;
  const left = new Set(vanishedSources(database, source));
  const put = `UPDATE images SET source = ?, path = ?, bytes = ?, modified = ?, label = ?, split = ?, removed = NULL
    WHERE id = ?`;
  return database.transaction(() => {
    const from = new Set<number>();
    for (const { id, path, bytes, modified, label = null, split } of images) {
      const [[before]] = database.rows<readonly [number]>("SELECT source FROM images WHERE id = ?", id);
      if (left.has(before)) from.add(before);
      database.run(put, source, path, bytes, modified, label, split, id);
    }
    const numbers = JSON.stringify([...from]);
    const rest = "source IN (SELECT value FROM json_each(?)) AND removed IS NULL";
    const [[marked]] = database.rows<readonly [number]>(`SELECT count(*) FROM images WHERE ${rest}`, numbers);
    database.run(`UPDATE images SET removed = ? WHERE ${rest}`, now, numbers);
    database.run(
      `DELETE FROM sources WHERE id IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT source FROM images)`,
      numbers,
    );
    return marked;
  });
}
