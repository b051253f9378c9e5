/**
 * Who may talk to the server: the page that it served itself, and nobody else.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { refusal } from "./answers.ts";

/** What the guard knows of the server. */
export type Guarded = {
  /** The secret that is the first part of every path. */
  readonly token: string;
  readonly port: number;
};

/**
 * Checks a request before anything is done for it.
 *
 * The address holds a secret, so that no other page of the browser and no other user of the machine can guess it. A
 * page elsewhere could still make its own name lead to this machine, and reach the server under that name: so the host
 * must be loopback's. Requests that another page makes are refused by their origin.
 *
 * @param request The request.
 * @param server What the guard knows of the server.
 * @returns The path behind the token, or the refusal.
 */
export function guarded(request: Request, { token, port }: Guarded): string | Response {
  const { pathname } = new URL(request.url);
  const host = request.headers.get("host");
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (host === null || !hosts.includes(host)) return refusal(403, "Cannot answer: the request names another host");
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) {
    return refusal(403, "Cannot answer: the request comes from another page");
  }
  const site = request.headers.get("sec-fetch-site");
  const isVisit = request.method === "GET" && request.headers.get("sec-fetch-mode") === "navigate";
  if ((site === "cross-site" || site === "same-site") && !isVisit) {
    return refusal(403, "Cannot answer: the request comes from another page");
  }
  const [, given = "", ...rest] = pathname.split("/");
  if (!isSame(given, token)) {
    return refusal(403, "Cannot answer: the address lacks the token. Open the address that moco explore prints.");
  }
  // The page's own addresses count from the slash behind the token.
  return rest.length === 0 ? Response.redirect(new URL(`${pathname}/`, request.url)) : `/${rest.join("/")}`;
}

/** Compares two texts in a time that does not depend on where they differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => new TextEncoder().encode(text));
  return a.length === b.length && timingSafeEqual(a, b);
}
