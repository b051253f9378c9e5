/**
 * A comparison of all images as the server tells it.
 *
 * @module
 */
import type { Compared, ComparedHead } from "../../messages.ts";
import type { Framed } from "../server.ts";

/** Reads a comparison where it lies; nothing is copied. */
export function comparedIn({ head: { pairs }, bytes }: Framed<ComparedHead>): Compared {
  const start = bytes.byteLength - 4 * 4 * pairs; // four lists of four bytes each
  const at = (list: number): number => start + 4 * list * pairs;
  return {
    distances: new Float64Array(bytes, 0, start / 8),
    first: new Int32Array(bytes, at(0), pairs),
    second: new Int32Array(bytes, at(1), pairs),
    similarities: new Float32Array(bytes, at(2), pairs),
    shares: new Float32Array(bytes, at(3), pairs),
  };
}
