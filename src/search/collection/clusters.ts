/**
 * The clusters of a collection's images: one division for each encoder.
 *
 * @module
 */
import type { Json } from "../../files/json.ts";
import type { Database } from "./database.ts";
import type { NumberedEncoder } from "./encoders.ts";
import type { CollectionClusters } from "./types.ts";

/** The clusters of the images that are there; undefined where none were made. */
export function clustersOf({ rows }: Database, { id }: NumberedEncoder): CollectionClusters | undefined {
  const [made] = rows<readonly [string]>("SELECT settings FROM clusterings WHERE encoder = ?", id);
  if (made === undefined) return undefined;
  const members = rows<readonly [number, number]>(
    `SELECT image, cluster FROM clusters JOIN images ON images.id = image
    WHERE encoder = ? AND removed IS NULL ORDER BY image`,
    id,
  );
  return {
    ids: Int32Array.from(members, ([image]) => image),
    clusters: Int32Array.from(members, ([, cluster]) => cluster),
    settings: JSON.parse(made[0]) as Json,
  };
}

/** Puts clusters in place of those that may be there. */
export function putClusters(
  database: Database,
  { id }: NumberedEncoder,
  { ids, clusters, settings }: CollectionClusters,
): void {
  database.transaction(() => {
    database.run("DELETE FROM clusters WHERE encoder = ?", id);
    database.run("INSERT OR REPLACE INTO clusterings (encoder, settings) VALUES (?, ?)", id, JSON.stringify(settings));
    ids.forEach((image, row) => {
      database.run("INSERT INTO clusters (encoder, image, cluster) VALUES (?, ?, ?)", id, image, clusters[row]);
    });
  });
}
