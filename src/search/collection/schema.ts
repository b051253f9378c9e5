/**
 * The tables of a collection.
 *
 * @module
 */

/** "MoCo", which tells a collection from other SQLite files. */
export const APPLICATION = 0x4d6f436f;

/** The version of the tables. */
export const VERSION = 1;

/**
 * The tables of a new collection.
 *
 * Each encoder has a table of vectors of its own (see {@linkcode vectorTable}), so that one set of vectors lies
 * together and is read in one pass. Names that a user chooses (columns, tags, encoders) are values and never names of
 * tables, so any text can be one.
 */
export const TABLES = `
CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  UNIQUE (name, path)
) STRICT;
CREATE TABLE images (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES sources,
  path TEXT NOT NULL,
  digest TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  modified REAL NOT NULL,
  label TEXT,
  split TEXT NOT NULL CHECK (split IN ('train', 'test')),
  removed REAL,
  UNIQUE (source, path)
) STRICT;
CREATE TABLE columns (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('number', 'text'))
) STRICT;
CREATE TABLE column_values (
  image INTEGER NOT NULL REFERENCES images,
  "column" INTEGER NOT NULL REFERENCES columns,
  value ANY NOT NULL,
  PRIMARY KEY (image, "column")
) WITHOUT ROWID, STRICT;
CREATE TABLE encoders (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL UNIQUE,
  dim INTEGER NOT NULL,
  size INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  mean TEXT NOT NULL,
  std TEXT NOT NULL,
  made_by TEXT NOT NULL
) STRICT;
CREATE TABLE maps (
  encoder INTEGER PRIMARY KEY REFERENCES encoders,
  settings TEXT NOT NULL
) STRICT;
CREATE TABLE map_points (
  encoder INTEGER NOT NULL REFERENCES encoders,
  image INTEGER NOT NULL REFERENCES images,
  x REAL NOT NULL,
  y REAL NOT NULL,
  PRIMARY KEY (encoder, image)
) WITHOUT ROWID, STRICT;
CREATE TABLE clusterings (
  encoder INTEGER PRIMARY KEY REFERENCES encoders,
  settings TEXT NOT NULL
) STRICT;
CREATE TABLE clusters (
  encoder INTEGER NOT NULL REFERENCES encoders,
  image INTEGER NOT NULL REFERENCES images,
  cluster INTEGER NOT NULL,
  PRIMARY KEY (encoder, image)
) WITHOUT ROWID, STRICT;
CREATE TABLE tags (
  image INTEGER NOT NULL REFERENCES images,
  tag TEXT NOT NULL,
  PRIMARY KEY (image, tag)
) WITHOUT ROWID, STRICT;
CREATE TABLE selections (
  name TEXT PRIMARY KEY,
  images TEXT NOT NULL
) WITHOUT ROWID, STRICT;
`;

/** The table with the vectors of an encoder, by the encoder's number. */
export function vectorTable(encoder: number): string {
  return `vectors_${encoder}`;
}

/** Makes the table with the vectors of an encoder: float32, little-endian, D numbers each. */
export function createVectorTable(encoder: number): string {
  return `CREATE TABLE ${vectorTable(encoder)} (
  image INTEGER PRIMARY KEY REFERENCES images,
  vector BLOB NOT NULL
) STRICT`;
}
