import { join, resolve } from "node:path";
import { listCheckpoints } from "../checkpoint/folder.ts";
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { PartialConfig } from "../config/types.ts";
import { counted, type MalformedFile } from "../data/errors.ts";
import { reading } from "../files/attempt.ts";
import type { UnreadableFile } from "../files/errors.ts";
import { knownImages, sourceFor } from "../search/collection/additions.ts";
import { putColumns } from "../search/collection/columns.ts";
import { attempt, attempting, type Database, openDatabase } from "../search/collection/database.ts";
import { encoderFor, encodersOf, type NumberedEncoder } from "../search/collection/encoders.ts";
import { countsOf } from "../search/collection/images.ts";
import { joinColumns, readTable, type Table } from "../search/collection/join_columns.ts";
import type { CollectionCounts, CollectionEncoder } from "../search/collection/types.ts";
import { silent } from "../train/progress.ts";
import { type OpenedEncoder, openEncoder } from "./encoder.ts";
import type { RunError } from "./errors.ts";
import { loadImages, type Note } from "./images.ts";
import { type Listing, listingOf, sourceIn } from "./listing.ts";
import type { Measurable } from "./measurable.ts";
import { neverAsked, type Watch } from "./training.ts";
import { updateCollection, type Updated } from "./update_collection.ts";

/** What {@linkcode embed} is asked for: an encoder, images, and the collection that they go into. */
export type EmbedRequest = Pick<PartialConfig, "data" | "augment" | "encoder"> & Measurable & Watch & {
  /** The collection's file, which is made where it is not there. */
  readonly to: string;
  /** A name for the vectors, under which they stand beside those of other encoders. Default: the run's name. */
  readonly as?: string;
  /** Whether vectors by the default name may stand beside those of other encoders. Default false. */
  readonly beside?: boolean;
  /** A CSV file whose columns are joined to the images. Its column `path` names them, from the images' folder on. */
  readonly columns?: string;
  /** Images of a batch. Two batches are embedded at a time. Default 128. */
  readonly batch?: number;
};

/** What {@linkcode embed} did. */
export type EmbedOutcome = Updated & {
  /** "Interrupted" where someone asked to stop: what was embedded is kept, and the same request goes on from there. */
  readonly _tag: "Finished" | "Interrupted";
  /** The collection's file. */
  readonly path: string;
  readonly encoder: CollectionEncoder;
  /** What the collection has now. */
  readonly counts: CollectionCounts;
};

/**
 * Embeds images into a collection: a vector of length 1 for each, by which alike images are found.
 *
 * Only images that the collection does not have yet, and those whose contents changed, are embedded. Those that are
 * gone are marked. A batch is saved whole or not at all, so that whatever stops the program costs at most the batches
 * in flight. Vectors of another encoder than that of the collection are refused unless they are named.
 *
 * @param request The encoder, the images, and the collection. Without images, those that the run was trained on.
 * @returns Right what was done; left why nothing more could be, which {@linkcode renderRunError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embed, renderRunError } from "@momentum-contrast/moco";
 *
 * const embedded = await embed({ run: "/no/such/run", data: { path: "photos" }, to: "photos.moco" })();
 * assertEquals(
 *   embedded._tag === "Left" && renderRunError(embedded.left),
 *   "Cannot read /no/such/run: no such file or folder",
 * );
 * ```
 */
export function embed(request: EmbedRequest): TaskEither<RunError, EmbedOutcome> {
  const { data, augment, encoder, reporter: { note } = silent } = request;
  const fields = Object.fromEntries(
    Object.entries({ data, augment, encoder }).filter(([, section]) => section !== undefined),
  );
  return pipe(
    openEncoder(request, fields, note),
    TaskEither.flatMap((opened) => async () => {
      try {
        return await embedWith(opened, request)();
      } finally {
        opened.close();
      }
    }),
  );
}

/**
 * Embeds images with every checkpoint that a run has kept, the first one first. Their vectors stand beside each other
 * by the names of the checkpoints.
 *
 * @param request The run, the images, and the collection.
 * @returns Right what was done, for each checkpoint up to one that was interrupted; left why nothing more could be.
 */
export function embedCheckpoints(
  request: Omit<EmbedRequest, "as" | "beside"> & { readonly run: string },
): TaskEither<RunError, readonly EmbedOutcome[]> {
  const folder = join(resolve(request.run), "checkpoints");
  return pipe(
    listCheckpoints(folder),
    TaskEither.flatMapEither((files): Either<RunError, readonly string[]> =>
      files.length > 0 ? Either.right(files.toReversed()) : Either.left({ _tag: "NoCheckpoint", folder, damaged: [] })
    ),
    TaskEither.flatMap((files) => async (): Promise<Either<RunError, readonly EmbedOutcome[]>> => {
      const outcomes: EmbedOutcome[] = [];
      for (const run of files) {
        const outcome = await embed({ ...request, run, beside: true })();
        if (Either.isLeft(outcome)) return outcome;
        outcomes.push(outcome.right);
        if (outcome.right._tag === "Interrupted") break;
      }
      return Either.right(outcomes);
    }),
  );
}

function embedWith(opened: OpenedEncoder, request: EmbedRequest): TaskEither<RunError, EmbedOutcome> {
  const { config } = opened;
  const { to, columns, reporter: { note } = silent } = request;
  const { path: folder } = sourceIn(config.data);
  const keyOf = (path: string) => config.data.name === "folder" ? resolve(folder, path).normalize("NFC") : path;
  return pipe(
    loadImages(config, note),
    TaskEither.map((split) => ({ listing: listingOf(split, folder, opened.about.channels) })),
    TaskEither.bindW("table", () => columns === undefined ? TaskEither.right(undefined) : tableOf(columns, keyOf)),
    TaskEither.bindW("database", () => TaskEither.fromEither(openDatabase(resolve(to), "create"))),
    TaskEither.flatMap(({ listing, table, database }) => async () => {
      try {
        return await fill(database, listing, opened, request, table && { ...table, keyOf })();
      } finally {
        database.close();
      }
    }),
  );
}

/** A table that is to be joined, and the key of a path in it. */
type KeyedTable = Table & { readonly keyOf: (path: string) => string };

function fill(
  database: Database,
  listing: Listing,
  { config, about, embed }: OpenedEncoder,
  { as: name, beside = false, batch = 128, reporter = silent, interrupt = neverAsked }: EmbedRequest,
  table: KeyedTable | undefined,
): TaskEither<RunError, EmbedOutcome> {
  const { path } = database;
  const named = name === undefined ? about : { ...about, name };
  return pipe(
    TaskEither.fromEither(Either.flatten(attempt(path, () => {
      const isThere = encodersOf(database).some(({ digest }) => digest === about.digest);
      return encoderFor(database, named, name !== undefined || (beside && !isThere));
    }))),
    TaskEither.flatMap((encoder) =>
      attempting(path, async () => {
        const { name, path: folder } = sourceIn(config.data);
        const source = sourceFor(database, name, folder);
        // The images of a second folder have paths from the first one on; that it was named too says it is the user's.
        if ("testPath" in config.data && config.data.testPath !== undefined) {
          sourceFor(database, name, resolve(config.data.testPath));
        }
        const { requested, close } = interrupt();
        const isWhole = config.data.limit === undefined;
        const update = { source, listing, isWhole, encoder, embed, batch, reporter, isRequested: requested };
        const updated = await updateCollection(database, update).finally(close);
        if (table !== undefined) joinTo(database, source, encoder, table, reporter.note);
        const { id: _, ...made } = encoder;
        const _tag = updated.left > 0 ? "Interrupted" : "Finished";
        return { _tag, path, encoder: made, ...updated, counts: countsOf(database) } as const;
      })
    ),
  );
}

function tableOf(file: string, keyOf: (path: string) => string): TaskEither<UnreadableFile | MalformedFile, Table> {
  return pipe(
    reading(file, () => Deno.readTextFile(file)),
    TaskEither.flatMapEither((text) => readTable(file, text, keyOf)),
  );
}

/** Joins the columns of a table to the images of a source. */
function joinTo(database: Database, source: number, encoder: NumberedEncoder, table: KeyedTable, note: Note): void {
  const known = [...knownImages(database, source, encoder).values()];
  const { columns, unused } = joinColumns(table, new Map(known.map(({ id, path }) => [table.keyOf(path), id])));
  putColumns(database, columns);
  if (unused > 0) note(`${counted(unused, "line")} of the columns ${unused === 1 ? "is" : "are"} about no image here`);
}
