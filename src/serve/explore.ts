import { basename, join, resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { cacheFolder } from "../engine/install/mod.ts";
import { hasFolder, namesIn } from "../files/read.ts";
import { watchRun } from "../run/watched/watch_run.ts";
import { openCollection } from "../search/collection/collection.ts";
import { runPaths } from "../train/run_folder.ts";
import type { RunError } from "../run/errors.ts";
import { badFieldOf } from "../run/question_fields.ts";
import { serve, type Served } from "./serve.ts";

/** What {@linkcode explore} is asked for. */
export type ExploreRequest = {
  /** Folders of runs, and at most one collection's file. */
  readonly paths: readonly string[];
  /** The port on loopback, 1 to 65535. Default 7411, or any that is free. */
  readonly port?: number;
};

/** The port at which bookmarks find the page again. */
const USUAL = 7411;

/**
 * Serves the page of a collection, of trainings, or of both until the program ends.
 *
 * The address stays the same from one start to the next as far as the port is free, so that bookmarks of views hold.
 *
 * @param request What is looked at, and the port.
 * @returns Right the served page; left why something cannot be looked at.
 */
export function explore({ paths, port }: ExploreRequest): TaskEither<RunError, Served> {
  const bad = badFieldOf({ port });
  if (bad !== undefined) return TaskEither.left(bad);
  return pipe(
    TaskEither.fromTask(() => sorted(paths)),
    TaskEither.flatMapEither(({ folders, files }): Either<RunError, { folders: readonly string[]; file?: string }> =>
      files.length > 1
        ? Either.left({ _tag: "SeveralCollections", paths: files })
        : Either.right({ folders, file: files[0] })
    ),
    TaskEither.tap(({ folders }) => TaskEither.traverseSeqArray(mayBeRun)(folders)),
    TaskEither.bindW(
      "collection",
      ({ file }) => file === undefined ? TaskEither.right(undefined) : openCollection(file, { write: true }),
    ),
    TaskEither.flatMapEither(({ folders, collection }): Either<RunError, Served> => {
      const token = lastingToken();
      const runs = named(folders).map(({ name, folder }) => ({ name, run: watchRun(folder) }));
      const options = { runs, ...token === undefined ? {} : { token } };
      const first = port ?? USUAL;
      const closing = (served: Served): Served => ({
        ...served,
        close: async () => {
          const closed = served.close();
          collection?.close(); // now: who asks twice does not wait for the last answers
          await closed;
        },
      });
      const served = Either.tryCatch(() => serve(collection, { ...options, port: first }), (thrown) => thrown);
      if (Either.isRight(served)) return Either.right(closing(served.right));
      if (!isTaken(served.left)) throw served.left;
      if (port === undefined) return Either.right(closing(serve(collection, options)));
      collection?.close();
      return Either.left({ _tag: "BadQuestion", field: "port", expected: "a port that is free", found: port });
    }),
  );
}

/** Whether a port is another program's, or may not be used by this user. */
function isTaken(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.AddrInUse || thrown instanceof Deno.errors.PermissionDenied;
}

/** Folders, and what is taken for a collection because it is none. */
async function sorted(paths: readonly string[]) {
  const kinds = await Promise.all(paths.map(async (path) => ({ path, isFolder: await hasFolder(path) })));
  const those = (isFolder: boolean) => kinds.filter((kind) => kind.isFolder === isFolder).map(({ path }) => path);
  return { folders: [...new Set(those(true))], files: [...new Set(those(false))] };
}

/** Refuses a folder of something else. One that is empty may become a run's. */
function mayBeRun(folder: string): TaskEither<RunError, void> {
  const own = Object.values(runPaths("")).map((path) => basename(path));
  return pipe(
    namesIn(folder),
    TaskEither.flatMapEither((names): Either<RunError, void> => {
      const isRun = names.length === 0 || names.includes("lock") || names.some((name) => own.includes(name));
      return isRun ? Either.right(undefined) : Either.left({ _tag: "NoRun", folder, found: names[0] });
    }),
  );
}

/** The names of folders: their own, or as they were given where two have the same. */
function named(folders: readonly string[]): readonly { readonly name: string; readonly folder: string }[] {
  const names = folders.map((folder) => basename(resolve(folder)));
  return folders.map((folder, place) => {
    const isOnly = names.filter((name) => name === names[place]).length === 1;
    return { name: isOnly ? names[place] : folder, folder };
  });
}

/** The secret of this user's addresses, which only this user can read; undefined if it cannot be kept. */
function lastingToken(): string | undefined {
  try {
    const folder = cacheFolder();
    const file = join(folder, "explore-token");
    const kept = Either.tryCatch(() => Deno.readTextFileSync(file), () => "");
    if (Either.isRight(kept) && /^[0-9a-f]{32}$/.test(kept.right)) return kept.right;
    const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(file, token, { mode: 0o600 });
    return token;
  } catch {
    return undefined;
  }
}
