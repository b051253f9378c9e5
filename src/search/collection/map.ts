/**
 * The map of a collection's images: one for each encoder.
 *
 * @module
 */
import type { Json } from "../../files/json.ts";
import type { Database } from "./database.ts";
import type { NumberedEncoder } from "./encoders.ts";
import type { CollectionMap } from "./types.ts";

/** The map of the images that are there; undefined where none was made. */
export function mapOf({ rows }: Database, { id }: NumberedEncoder): CollectionMap | undefined {
  const [made] = rows<readonly [string]>("SELECT settings FROM maps WHERE encoder = ?", id);
  if (made === undefined) return undefined;
  const places = rows<readonly [number, number, number]>(
    `SELECT image, x, y FROM map_points JOIN images ON images.id = image
    WHERE encoder = ? AND removed IS NULL ORDER BY image`,
    id,
  );
  return {
    ids: Int32Array.from(places, ([image]) => image),
    points: Float32Array.from(places.flatMap(([, x, y]) => [x, y])),
    settings: JSON.parse(made[0]) as Json,
  };
}

/** Puts a map in place of the one that may be there. */
export function putMap(database: Database, { id }: NumberedEncoder, { ids, points, settings }: CollectionMap): void {
  database.transaction(() => {
    database.run("DELETE FROM map_points WHERE encoder = ?", id);
    database.run("INSERT OR REPLACE INTO maps (encoder, settings) VALUES (?, ?)", id, JSON.stringify(settings));
    ids.forEach((image, row) => {
      const insert = "INSERT INTO map_points (encoder, image, x, y) VALUES (?, ?, ?, ?)";
      database.run(insert, id, image, points[2 * row], points[2 * row + 1]);
    });
  });
}
