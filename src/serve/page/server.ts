/**
 * The server, as the page asks it.
 *
 * @module
 */
import type { Refusal } from "../messages.ts";

/** Why the server did not do what it was asked for, in words for the reader. */
export class ServerError extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
    this.name = "ServerError";
  }
}

/** Numbers with the head that says what they are. */
export type Framed<Head> = { readonly head: Head; readonly bytes: ArrayBuffer };

/** Asks for JSON. */
export async function askJson<A>(path: string, options: RequestInit = {}): Promise<A> {
  return await (await ask(path, options)).json();
}

/** Sends a value as JSON. */
export function sending(method: "POST" | "PUT", body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** Asks for an array of numbers with its head. */
export async function askFrame<Head>(path: string, options: RequestInit = {}): Promise<Framed<Head>> {
  return framed(await (await ask(path, options)).arrayBuffer());
}

/** An array of numbers with its head, from the server's bytes. */
export function framed<Head>(buffer: ArrayBuffer): Framed<Head> {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { head, bytes: buffer.slice(4 + length) };
}

/** Asks; throws the server's own words where it refuses. */
export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch (thrown) {
    if (options.signal?.aborted) throw thrown;
    throw new ServerError("The server does not answer. Is moco explore still running?", 0);
  }
  if (response.ok) return response;
  const { error } = await response.json().catch((): Refusal => ({ error: response.statusText })) as Refusal;
  throw new ServerError(error, response.status);
}
