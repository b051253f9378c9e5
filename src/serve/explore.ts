import { join } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { cacheFolder } from "../engine/install/mod.ts";
import { openCollection } from "../search/collection/collection.ts";
import type { CollectionError } from "../search/collection/errors.ts";
import { serve, type Served } from "./serve.ts";

/** What {@linkcode explore} is asked for. */
export type ExploreRequest = {
  /** The collection's file. */
  readonly path: string;
  /** The port on loopback. Default 7411, or any that is free. */
  readonly port?: number;
};

/** The port at which bookmarks find the page again. */
const USUAL = 7411;

/**
 * Serves the page of a collection until the program ends.
 *
 * The address stays the same from one start to the next as far as the port is free, so that bookmarks of views hold.
 *
 * @param request The collection and the port.
 * @returns Right the served page; left why the collection cannot be opened.
 */
export function explore({ path, port }: ExploreRequest): TaskEither<CollectionError, Served> {
  return pipe(
    openCollection(path, { write: true }),
    TaskEither.map((collection) => {
      const token = lastingToken();
      const options = token === undefined ? {} : { token };
      const usual = Either.tryCatch(
        () => serve(collection, { ...options, port: port ?? USUAL }),
        (thrown) => thrown,
      );
      if (Either.isRight(usual)) return usual.right;
      if (port !== undefined || !(usual.left instanceof Deno.errors.AddrInUse)) throw usual.left;
      return serve(collection, options);
    }),
  );
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
