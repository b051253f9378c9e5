/**
 * A SQLite file that is known to be a collection, with its failures as data.
 *
 * @module
 */
import { dirname } from "node:path";
import { Either, pipe, type TaskEither } from "../../core/either.ts";
import { reasonOf } from "../../core/reason.ts";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "../../dependencies/sqlite.ts";
import type { CollectionError } from "./errors.ts";
import { APPLICATION, TABLES, VERSION } from "./schema.ts";

/** An open collection's file. Its functions throw what SQLite throws; {@linkcode attempt} makes data of that. */
export type Database = {
  /** The file. */
  readonly path: string;
  /** Every row of a query. `R` says what a row is: the values in the order in which the query names them. */
  readonly rows: <R extends readonly unknown[]>(sql: string, ...values: readonly SQLInputValue[]) => readonly R[];
  /** Runs a statement; gives the number of the last row that was inserted. */
  readonly run: (sql: string, ...values: readonly SQLInputValue[]) => number;
  /** Runs statements that are kept wholly or not at all. */
  readonly transaction: <A>(body: () => A) => A;
  /** Runs queries that all see the collection as it is at the first of them, whatever another program writes. */
  readonly snapshot: <A>(body: () => A) => A;
  /** Closes the file. */
  readonly close: () => void;
};

/** What a collection is opened for. "create" makes it if there is no file, or an empty one. */
export type Purpose = "read" | "write" | "create";

/** What helps where a collection is only read, and yet cannot be opened. */
const BESIDE = "It makes files beside a collection to read it: copy the collection to where it can";

/** How long a writer waits for another one, milliseconds. */
const PATIENCE = 10_000;

/**
 * Opens the file of a collection.
 *
 * Readers see the last whole transaction, and neither wait for a writer nor make it wait (SQLite's write-ahead log).
 */
export function openDatabase(path: string, purpose: Purpose): Either<CollectionError, Database> {
  const there = Either.tryCatch(() => Deno.statSync(path), reasonOf);
  if (Either.isLeft(there) && purpose !== "create") {
    return Either.left({ _tag: "UnreadableFile", path, reason: there.left });
  }
  const folder = Either.tryCatch(() => Deno.statSync(dirname(path)), reasonOf);
  if (Either.isLeft(folder)) return Either.left({ _tag: "UnwritableFile", path, reason: folder.left });
  if (Either.isRight(there) && !there.right.isFile) {
    return Either.left({ _tag: "NotACollection", path, found: there.right.isDirectory ? "a folder" : "no file" });
  }
  return pipe(
    attempt(path, () => new DatabaseSync(path, { readOnly: purpose === "read", timeout: PATIENCE })),
    Either.flatMap((file) => {
      const fault = Either.flatten(attempt(path, () => prepared(path, file, purpose)));
      if (Either.isRight(fault)) return Either.right(databaseOf(path, file));
      file.close();
      return fault;
    }),
    Either.mapLeft((error): CollectionError =>
      purpose === "read" && error._tag === "UnwritableFile"
        ? { _tag: "UnreadableFile", path, reason: `${error.reason}. ${BESIDE}` }
        : error
    ),
  );
}

/** Checks that a file is a collection of this version; makes its tables where it is to be made and is empty. */
function prepared(path: string, file: DatabaseSync, purpose: Purpose): Either<CollectionError, void> {
  const number = (sql: string): number => Number(Object.values(file.prepare(sql).get() ?? {})[0]);
  const isEmpty = () => number("SELECT count(*) FROM sqlite_schema") === 0;
  if (purpose === "create" && isEmpty()) {
    writeAhead(file);
    file.exec("BEGIN IMMEDIATE");
    // Another program may have made the tables while this one waited for its turn.
    if (isEmpty()) file.exec(`${TABLES} PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION}`);
    file.exec("COMMIT");
  }
  if (number("PRAGMA application_id") !== APPLICATION) {
    return Either.left({
      _tag: "NotACollection",
      path,
      found: isEmpty() ? "an empty file" : "another program's SQLite file",
    });
  }
  const version = number("PRAGMA user_version");
  if (version > VERSION) return Either.left({ _tag: "NewerCollection", path, version, expected: VERSION });
  file.exec("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL");
  return Either.right(undefined);
}

/** Gives a file its write-ahead log. SQLite itself waits for nobody here, even for one who does the same. */
function writeAhead(file: DatabaseSync): void {
  const latest = performance.now() + PATIENCE;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return file.exec("PRAGMA journal_mode = WAL");
    } catch (thrown) {
      if (!isLocked(thrown) || performance.now() > latest) throw thrown;
      Atomics.wait(pause, 0, 0, 5); // milliseconds
    }
  }
}

function isLocked(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.includes("is locked");
}

function databaseOf(path: string, file: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = file.prepare(sql);
    made.setReturnArrays(true); // faster than records, where rows are many
    statements.set(sql, made);
    return made;
  };
  return {
    path,
    rows: <R extends readonly unknown[]>(sql: string, ...values: readonly SQLInputValue[]) =>
      prepare(sql).all(...values) as unknown as readonly R[],
    run: (sql, ...values) => Number(prepare(sql).run(...values).lastInsertRowid),
    transaction: (body) => {
      file.exec("BEGIN IMMEDIATE");
      try {
        const result = body();
        file.exec("COMMIT");
        return result;
      } catch (thrown) {
        if (file.isTransaction) file.exec("ROLLBACK"); // SQLite itself may have rolled back
        throw thrown;
      }
    },
    snapshot: (body) => {
      if (file.isTransaction) return body();
      file.exec("BEGIN");
      try {
        return body();
      } finally {
        if (file.isTransaction) file.exec("COMMIT"); // SQLite itself may have ended it
      }
    },
    close: () => file.close(),
  };
}

/** What a function that uses SQLite gives, or why it cannot. What is no failure of the file is thrown on. */
export function attempt<A>(path: string, body: () => A): Either<CollectionError, A> {
  try {
    return Either.right(body());
  } catch (thrown) {
    return Either.left(failureOf(path, thrown));
  }
}

/** As {@linkcode attempt}, of a function that takes its time. */
export function attempting<A>(path: string, body: () => Promise<A>): TaskEither<CollectionError, A> {
  return async () => {
    try {
      return Either.right(await body());
    } catch (thrown) {
      return Either.left(failureOf(path, thrown));
    }
  };
}

/**
 * What SQLite's own words stand for. It gives numbers for some of its failures only, but words for all.
 *
 * @throws What is thrown is thrown on where it is no failure of the file.
 */
function failureOf(path: string, thrown: unknown): CollectionError {
  if (!(thrown instanceof Error) || (thrown as { readonly code?: unknown }).code !== "ERR_SQLITE_ERROR") throw thrown;
  const { message } = thrown;
  const says = (...texts: readonly string[]) => texts.some((text) => message.includes(text));
  const unwritable = (reason: string): CollectionError => ({ _tag: "UnwritableFile", path, reason });
  if (says("not a database")) return { _tag: "NotACollection", path, found: "a file of another kind" };
  if (says("malformed", "no such table", "no such column")) return { _tag: "DamagedCollection", path, reason: message };
  if (isLocked(thrown)) return { _tag: "BusyCollection", path };
  if (says("is full")) return unwritable("no space left on the device");
  if (says("readonly")) return unwritable("it was opened for reading only");
  if (says("unable to open")) return unwritable("SQLite cannot open it");
  if (says("disk I/O error")) return unwritable("the disk does not read or write (disk I/O error)");
  throw thrown;
}
