/**
 * What every address of the server is made of.
 *
 * @module
 */
import { Either } from "../../core/either.ts";
import { isRecord, parseJson } from "../../files/json.ts";
import type { WatchedRun } from "../../run/watched/watch_run.ts";
import type { Answer } from "../../search/collection/collection.ts";
import { type CollectionError, renderCollectionError } from "../../search/collection/errors.ts";
import { refusal } from "../answers.ts";
import type { Explorer } from "../explorer.ts";
import type { RunQuestion, RunResult } from "../run_work.ts";
import type { Table } from "../table.ts";
import type { Thread } from "../thread.ts";

/** What a request asks. */
export type Question = {
  /** What follows the route's path. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly request: Request;
};

/** What an address of the collection is given. */
export type Asked = Question & { readonly explorer: Explorer };

/** What an address of the runs is given. */
export type RunsAsked = Question & {
  readonly runs: readonly NamedRun[];
  /** Looks at what the runs are trained on. */
  readonly looker: Thread<RunQuestion, RunResult>;
};

/** A run that is watched, and what the reader knows it by. */
export type NamedRun = { readonly name: string; readonly run: WatchedRun };

/** An address of the server. */
export type RouteOf<A> = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path. One that ends with a slash stands for all that begin with it. */
  readonly path: string;
  readonly answer: (asked: A) => Response | Promise<Response>;
};

/** An address of the collection. */
export type Route = RouteOf<Asked>;

/** An address of the runs. */
export type RunRoute = RouteOf<RunsAsked>;

/** The most bytes of a request's body. */
const LONGEST = 2 ** 26;

/** The answer that stands for a value, or why there is none. */
export function answered<A, R extends Response | Promise<Response>>(
  answer: Answer<A>,
  then: (value: A) => R,
): R | Response {
  if (Either.isRight(answer)) return then(answer.right);
  return refusal(statusOf(answer.left), renderCollectionError(answer.left));
}

/** A busy collection has not changed, so the page stays as it is: only 409 makes it begin anew. */
function statusOf({ _tag }: CollectionError): 404 | 500 | 503 {
  return _tag === "NoSuchVectors" ? 404 : _tag === "BusyCollection" ? 503 : 500;
}

/** The answer about the images that the page has. The request names their version. */
export function withTable<R extends Response | Promise<Response>>(
  asked: Asked,
  then: (table: Table) => R,
): R | Response {
  return answered(asked.explorer.table(), (table): R | Response => changed(asked, table) ?? then(table));
}

/** The refusal of a request that means other images than there are by now. */
export function changed({ query }: Asked, { version }: Table): Response | undefined {
  if (query.get("version") === `${version}`) return undefined;
  return refusal(409, "The collection has changed. Load the page again.");
}

/** The rows of some images' numbers; those that are not there are left out. */
export function rowsOf({ rowOf }: Table, ids: Int32Array): Int32Array {
  return Int32Array.from(Array.from(ids).flatMap((id) => rowOf(id) ?? []));
}

/** The fields of a body in JSON; none if it is something else. */
export async function bodyOf(request: Request): Promise<{ readonly [name: string]: unknown }> {
  const bytes = await bytesOfBody(request);
  const body = parseJson(new TextDecoder().decode(bytes));
  return Either.isRight(body) && isRecord(body.right) ? body.right : {};
}

/** The bytes of a body; undefined if they are too many, which are not read on then. */
export async function bytesOfBody({ body }: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > LONGEST) return undefined;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Whether a value is a list of whole numbers. */
export function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(Number.isSafeInteger);
}
