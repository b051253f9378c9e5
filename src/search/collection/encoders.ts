/**
 * The encoders of a collection: each has made one set of vectors.
 *
 * @module
 */
import { Either } from "../../core/either.ts";
import type { Json } from "../../files/json.ts";
import type { Database } from "./database.ts";
import type { NoSuchVectors, OtherEncoder } from "./errors.ts";
import { createVectorTable } from "./schema.ts";
import type { CollectionEncoder } from "./types.ts";

/** An encoder with the number that the tables know it by. */
export type NumberedEncoder = CollectionEncoder & { readonly id: number };

type EncoderRow = readonly [
  id: number,
  name: string,
  digest: string,
  dim: number,
  size: number,
  channels: number,
  mean: string,
  std: string,
  madeBy: string,
];

/** Every encoder, the first one first. */
export function encodersOf({ rows }: Database): readonly NumberedEncoder[] {
  return rows<EncoderRow>(
    "SELECT id, name, digest, dim, size, channels, mean, std, made_by FROM encoders ORDER BY id",
  ).map(([id, name, digest, dim, size, channels, mean, std, madeBy]) => ({
    ...{ id, name, digest, dim, size, channels },
    mean: JSON.parse(mean) as readonly number[],
    std: JSON.parse(std) as readonly number[],
    madeBy: JSON.parse(madeBy) as Json,
  }));
}

/**
 * The encoder of a name; without a name, the only one that there is.
 *
 * @param database The collection.
 * @param name The name of its vectors.
 */
export function encoderNamed(database: Database, name?: string): Either<NoSuchVectors, NumberedEncoder> {
  const encoders = encodersOf(database);
  const meant = name === undefined ? encoders : encoders.filter((encoder) => encoder.name === name);
  if (meant.length === 1) return Either.right(meant[0]);
  return Either.left({
    _tag: "NoSuchVectors",
    path: database.path,
    ...name === undefined ? {} : { name },
    expected: encoders.map((encoder) => encoder.name),
  });
}

/**
 * The encoder whose vectors are to be added to, which is the same as the given one; a new one where the collection has
 * none yet, or where the new vectors are named.
 *
 * @param database The collection.
 * @param encoder The encoder that makes the vectors.
 * @param isNamed Whether the user chose the name, so that vectors of another encoder may stand beside those.
 */
export function encoderFor(
  database: Database,
  encoder: CollectionEncoder,
  isNamed: boolean,
): Either<OtherEncoder, NumberedEncoder> {
  // Another program may add the same encoder at this moment, so what is there is read where nobody else writes.
  return database.transaction(() => foundOrAdded(database, encoder, isNamed));
}

function foundOrAdded(
  database: Database,
  encoder: CollectionEncoder,
  isNamed: boolean,
): Either<OtherEncoder, NumberedEncoder> {
  const encoders = encodersOf(database);
  const same = encoders.find(({ digest }) => digest === encoder.digest);
  if (same !== undefined && (!isNamed || same.name === encoder.name)) return Either.right(same);
  const others = encoders.filter(({ name }) => !isNamed || name === encoder.name);
  if (same !== undefined || others.length > 0) {
    const expected = (same === undefined ? others : [same]).map(inWords);
    return Either.left({ _tag: "OtherEncoder", path: database.path, expected, found: inWords(encoder) });
  }
  const { name, digest, dim, size, channels, mean, std, madeBy } = encoder;
  const id = database.run(
    "INSERT INTO encoders (name, digest, dim, size, channels, mean, std, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ...[name, digest, dim, size, channels],
    ...[mean, std, madeBy].map((value) => JSON.stringify(value)),
  );
  database.run(createVectorTable(id));
  return Either.right({ ...encoder, id });
}

/** The name of an encoder, and enough of its digest to tell it from others. */
function inWords({ name, digest }: CollectionEncoder): string {
  return `${name} (${digest.slice(0, 8)})`;
}
