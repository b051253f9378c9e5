import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import type { Collection } from "../search/collection/collection.ts";
import { bytesOf, json, refusal } from "./answers.ts";
import { explorer } from "./explorer.ts";
import { guarded } from "./guard.ts";
import type { Here } from "./messages.ts";
import type { NamedRun, Question, RouteOf } from "./routes/route.ts";
import { routes } from "./routes/routes.ts";
import { runRoutes } from "./routes/runs.ts";
import type { RunQuestion, RunResult } from "./run_work.ts";
import { thread } from "./thread.ts";

/** How the page of a collection is served. */
export type ServeOptions = {
  /** The port on loopback. Default 0: any that is free. */
  readonly port?: number;
  /** The secret in the address. Default: a new one of 128 random bits. */
  readonly token?: string;
  /** The trainings that are watched. Default: none. */
  readonly runs?: readonly NamedRun[];
};

/** A page that is served. */
export type Served = {
  /** The address to open, with the token. */
  readonly address: string;
  /** Resolves when the server has ended. */
  readonly finished: Promise<void>;
  /** Ends the server. */
  readonly close: () => Promise<void>;
};

/** The files of the page. `deno task page` builds its script. */
const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  "/": { name: "page.html", type: "text/html; charset=utf-8" },
  "/page.js": { name: "page.js", type: "text/javascript; charset=utf-8" },
  "/icon.svg": { name: "icon.svg", type: "image/svg+xml" },
  "/page.css": { name: "page.css", type: "text/css; charset=utf-8" },
};

/**
 * Serves the page of a collection, of trainings, or of both on loopback. No other machine can reach it, and no other
 * page of the browser.
 *
 * @param collection An open collection, which stays open; undefined for none.
 * @param options The port, the token, and the trainings.
 * @throws {Deno.errors.AddrInUse} if the port is taken.
 */
export function serve(
  collection: Collection | undefined,
  { port = 0, token = newToken(), runs = [] }: ServeOptions = {},
): Served {
  const looked = collection && explorer(collection);
  const looker = thread<RunQuestion, RunResult>(new URL("./run_work.ts", import.meta.url));
  const here: Here = { hasCollection: looked !== undefined, runs: runs.length };
  const addresses: readonly RouteOf<Question>[] = [
    { method: "GET", path: "/api/here", answer: () => json(here) },
    ...looked === undefined ? [] : withMore(routes, { explorer: looked }),
    ...withMore(runRoutes, { runs, looker }),
  ];
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, async (request) => {
    try {
      const path = guarded(request, { token, port: server.addr.port });
      return path instanceof Response ? path : await answer(path, request);
    } catch (thrown) {
      return refusal(500, `Cannot answer: ${reasonOf(thrown)}`);
    }
  });
  // A million images take some seconds to read. The address is printed before that, and they are there soon after.
  const reading = setTimeout(() => looked?.refresh(), 50);
  const answer = async (path: string, request: Request): Promise<Response> => {
    const file = Object.hasOwn(files, path) && request.method === "GET" ? files[path] : undefined;
    if (file !== undefined) {
      return bytesOf(await Deno.readFile(new URL(`static/${file.name}`, import.meta.url)), file.type);
    }
    const there = addresses.filter((route) =>
      route.path === path || (route.path.endsWith("/") && path.startsWith(route.path))
    );
    const route = there.find(({ method }) => method === request.method);
    if (route === undefined) {
      return there.length > 0
        ? refusal(405, "Cannot answer: another method is expected")
        : refusal(404, "Cannot find it");
    }
    const name = Either.tryCatch(() => decodeURIComponent(path.slice(route.path.length)), reasonOf);
    if (Either.isLeft(name)) return refusal(400, `Cannot answer: ${name.left}`);
    const query = new URL(request.url).searchParams;
    return await route.answer({ name: name.right, query, request });
  };
  return {
    address: `http://127.0.0.1:${server.addr.port}/${token}/`,
    finished: server.finished,
    close: async () => {
      clearTimeout(reading);
      looked?.close();
      looker.close();
      await server.shutdown();
    },
  };
}

/** Addresses that are given something beside the question. */
function withMore<A>(routes: readonly RouteOf<Question & A>[], more: A): readonly RouteOf<Question>[] {
  return routes.map((route) => ({ ...route, answer: (question) => route.answer({ ...question, ...more }) }));
}

function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
