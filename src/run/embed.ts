import { resolve } from "node:path";
import { listCheckpoints } from "../checkpoint/folder.ts";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { present } from "../core/present.ts";
import type { Config, PartialConfig } from "../config/types.ts";
import { digestOf } from "../data/data_digest.ts";
import type { Split } from "../data/types.ts";
import type { Cluster } from "../engine/mod.ts";
import { sourceFor } from "../search/collection/additions.ts";
import { attempt, attempting, type Database, openDatabase } from "../search/collection/database.ts";
import { encoderFor, encodersOf } from "../search/collection/encoders.ts";
import { countsOf } from "../search/collection/images.ts";
import type { CollectionCounts, CollectionEncoder } from "../search/collection/types.ts";
import { toJson } from "../train/beginning.ts";
import type { TrainingError } from "../train/errors.ts";
import { silent } from "../train/progress.ts";
import { runPaths } from "../train/run_folder.ts";
import { join } from "./cluster/join.ts";
import type { ClusterRequest } from "./cluster/members.ts";
import { type ClusterTeam, teamOf } from "./cluster/team.ts";
import { wordsOfFirst } from "./cluster/words_of_all.ts";
import { type OpenedEncoder, openEncoder } from "./encoder.ts";
import type { RunError } from "./errors.ts";
import { loadImages } from "./images.ts";
import { joinTable, type KeyedTable, readKeyedTable } from "./keyed_table.ts";
import { listingOf, sourceIn } from "./listing.ts";
import type { Measurable } from "./measurable.ts";
import { neverAsked, type Watch } from "./training.ts";
import { helpToUpdate, type Shared, type Update, updateCollection, type Updated } from "./update_collection.ts";

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
  /** The processes that share the images, if this one is one of several. Default: as `TF_CONFIG` says, or alone. */
  readonly cluster?: ClusterRequest;
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
  /** The processes that shared the images. Each has this outcome. Absent if this one embedded alone. */
  readonly cluster?: Cluster;
};

/**
 * Embeds images into a collection: a vector of length 1 for each, by which alike images are found.
 *
 * Only images that the collection does not have yet, and those whose contents changed, are embedded. Those that are
 * gone are marked. A batch is saved whole or not at all, so that whatever stops the program costs at most the batches
 * in flight. Vectors of another encoder than that of the collection are refused unless they are named.
 *
 * Several processes share the images batch by batch. The first one has the collection, which becomes that of one
 * process.
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
  return pipe(
    teamFor(request),
    TaskEither.flatMap((team) => embedIn(team, request)),
  );
}

/** The processes that share the images; undefined if this one is alone. */
function teamFor(
  { cluster = {}, reporter: { note } = silent }: Pick<EmbedRequest, "cluster" | "reporter">,
): TaskEither<RunError, ClusterTeam | undefined> {
  return pipe(join(cluster), TaskEither.map((joined) => joined && teamOf(joined, "the images", note)));
}

/** Embeds as one of several processes, if it is one: one that is missing is named. */
function embedIn(team: ClusterTeam | undefined, request: EmbedRequest): TaskEither<RunError, EmbedOutcome> {
  const { data, augment, encoder } = request;
  const reporter = isFirst(team) ? request.reporter ?? silent : silent;
  const fields = present({ data, augment, encoder });
  return pipe(
    openEncoder(request, fields, reporter.note),
    TaskEither.flatMap((opened) => async (): Promise<Either<RunError, EmbedOutcome>> => {
      try {
        return await embedWith(opened, { ...request, reporter }, team)();
      } catch (thrown) {
        if (team === undefined) throw thrown;
        return Either.left(await team.missing(thrown));
      } finally {
        opened.close();
      }
    }),
  );
}

/** Whether this process is the one that has the collection. */
function isFirst(team: ClusterTeam | undefined): boolean {
  return team === undefined || team.rank === 0;
}

/**
 * Embeds images with every checkpoint that a run has kept, the first one first. Their vectors stand beside each other
 * by the names of the checkpoints.
 *
 * @param request The run, the images, and the collection.
 * @returns Right what was done, for each checkpoint up to one that was interrupted; left why nothing more could be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embedCheckpoints } from "@momentum-contrast/moco";
 *
 * const run = await Deno.makeTempDir();
 * const embedded = await embedCheckpoints({ run, data: { name: "folder", path: "photos" }, to: "epochs.moco" })();
 * assertEquals(embedded._tag === "Left" && embedded.left._tag, "NoCheckpoint");
 * ```
 */
export function embedCheckpoints(
  request: Omit<EmbedRequest, "as" | "beside"> & { readonly run: string },
): TaskEither<RunError, readonly EmbedOutcome[]> {
  const { checkpoints: folder } = runPaths(resolve(request.run));
  return pipe(
    teamFor(request),
    TaskEither.map((team) => ({ team })),
    TaskEither.bindW("files", () => listCheckpoints(folder)),
    TaskEither.flatMap(({ team, files }) => async (): Promise<Either<RunError, readonly EmbedOutcome[]>> => {
      if (files.length === 0) return Either.left({ _tag: "NoCheckpoint", folder, damaged: [] });
      const outcomes: EmbedOutcome[] = [];
      for (const run of files.toReversed()) {
        const outcome = await embedIn(team, { ...request, run, beside: true })();
        if (Either.isLeft(outcome)) return outcome;
        outcomes.push(outcome.right);
        if (outcome.right._tag === "Interrupted") break;
      }
      return Either.right(outcomes);
    }),
  );
}

function embedWith(
  opened: OpenedEncoder,
  request: EmbedRequest,
  team: ClusterTeam | undefined,
): TaskEither<RunError, EmbedOutcome> {
  const { config, about, embed } = opened;
  const { columns, batch = 128, reporter = silent, interrupt = neverAsked } = request;
  const { path: folder } = sourceIn(config.data);
  const keyOf = (path: string) => config.data.name === "folder" ? resolve(folder, path).normalize("NFC") : path;
  return pipe(
    loadImages(config, reporter.note),
    TaskEither.map((split) => ({ split })),
    TaskEither.bindW(
      "table",
      () => columns === undefined ? TaskEither.right(undefined) : readKeyedTable(columns, keyOf),
    ),
    TaskEither.tap(({ split }) => meet(team, opened, split, batch)),
    TaskEither.flatMap(({ split, table }) => async (): Promise<Either<RunError, EmbedOutcome>> => {
      const { requested, close } = interrupt();
      const isRequested = () => team === undefined ? requested() : team.agree({ stop: requested(), save: false }).stop;
      const listing = listingOf(split, folder, about.channels);
      const shared = { listing, embed, encoder: about, batch, reporter, isRequested };
      try {
        if (team === undefined) return await filled(request, config, shared, table)();
        const { cluster } = team;
        if (!isFirst(team)) {
          await helpToUpdate(cluster, shared);
          return Either.right({ ...wordsOfFirst<EmbedOutcome>(cluster), cluster });
        }
        const outcome = await filled(request, config, { ...shared, cluster }, table)();
        if (Either.isRight(outcome)) wordsOfFirst(cluster, outcome.right);
        return pipe(outcome, Either.map((outcome) => ({ ...outcome, cluster })));
      } finally {
        close();
      }
    }),
  );
}

/** Compares what this process is about to embed with what the others are, if there are others. */
function meet(
  team: ClusterTeam | undefined,
  { config, about: { digest } }: OpenedEncoder,
  { train, test }: Split,
  batch: number,
): TaskEither<TrainingError, void> {
  if (team === undefined) return TaskEither.right(undefined);
  const images = { train: toJson(digestOf(train)), test: test === undefined ? null : toJson(digestOf(test)) };
  return team.meet({ config: toJson(config), images, encoder: digest, batch });
}

/** Fills the collection of a request. */
function filled(
  { to, as, beside = false }: EmbedRequest,
  { data }: Config,
  shared: Shared & Pick<Update, "cluster"> & { readonly encoder: CollectionEncoder },
  table: KeyedTable | undefined,
): TaskEither<RunError, EmbedOutcome> {
  const { encoder: about, reporter } = shared;
  const named = as === undefined ? about : { ...about, name: as };
  return inDatabase(resolve(to), (database) =>
    pipe(
      TaskEither.fromEither(Either.flatten(attempt(database.path, () => {
        const isThere = encodersOf(database).some(({ digest }) => digest === about.digest);
        return encoderFor(database, named, as !== undefined || (beside && !isThere));
      }))),
      TaskEither.flatMap((encoder) =>
        attempting(database.path, async () => {
          const { name, path: folder } = sourceIn(data);
          const source = sourceFor(database, name, folder);
          // The images of a second folder have paths from the first one on; that it was named too says it is the user's.
          if ("testPath" in data && data.testPath !== undefined) sourceFor(database, name, resolve(data.testPath));
          const isWhole = data.limit === undefined;
          const updated = await updateCollection(database, { ...shared, source, isWhole, encoder });
          if (table !== undefined) joinTable(database, source, encoder, table, reporter.note);
          const { id: _, ...made } = encoder;
          const _tag = updated.left > 0 ? "Interrupted" : "Finished";
          return { _tag, path: database.path, encoder: made, ...updated, counts: countsOf(database) } as const;
        })
      ),
    ));
}

/** Opens the file of a collection, which is made where it is not there, and closes it at the end. */
function inDatabase<A>(
  path: string,
  body: (database: Database) => TaskEither<RunError, A>,
): TaskEither<RunError, A> {
  return pipe(
    TaskEither.fromEither(openDatabase(path, "create")),
    TaskEither.flatMap((database) => async () => {
      try {
        return await body(database)();
      } finally {
        database.close();
      }
    }),
  );
}
