/**
 * What the server answers with.
 *
 * @module
 */
import type { Refusal } from "./messages.ts";

/**
 * What the browser is told with every answer: nothing is loaded from elsewhere, nothing is run but the page's own
 * script, no other page may frame or read this one, and the address with its token is told to nobody.
 */
const headers: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Bytes of a type. What is `kept` may be taken from the browser's memory for an hour. */
export function bytesOf(bytes: BodyInit, type: string, { kept = false }: { readonly kept?: boolean } = {}): Response {
  const caching = kept ? "private, max-age=3600" : "no-store";
  return new Response(bytes, { headers: { ...headers, "content-type": type, "cache-control": caching } });
}

/** A value as JSON. */
export function json(value: unknown, status: number = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { ...headers, "content-type": "application/json", "cache-control": "no-store" },
  });
}

/** Why a request is refused, in a sentence. */
export function refusal(status: 400 | 403 | 404 | 405 | 409 | 413 | 415 | 500 | 503, error: string): Response {
  return json({ error } satisfies Refusal, status);
}

/**
 * Arrays of numbers with a head: the head's length as uint32, the head as JSON, spaces up to 8 bytes, the numbers. Of
 * several arrays, those with numbers of 8 bytes come first, so that all can be read where they lie.
 */
export function frame(head: unknown, ...arrays: readonly (Float32Array | Float64Array | Int32Array)[]): Response {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const length = Math.ceil((4 + text.length) / 8) * 8 - 4;
  const size = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = new Uint8Array(4 + length + size).fill(0x20, 4, 4 + length);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.set(text, 4);
  let at = 4 + length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytesOf(bytes, "application/octet-stream");
}
