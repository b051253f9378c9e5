/**
 * Images that are the same: recognised by a number for each, without comparing them.
 *
 * @module
 */

/** About how many bytes are looked at. */
const LOOKED_AT = 256;

const [offset, prime] = [0x811c9dc5, 0x01000193];

/**
 * A number that equal bytes share, and different images hardly ever. Bytes are looked at from the first to the last, at
 * equal distances where there are many.
 *
 * Source: G. Fowler, L. C. Noll, K.-P. Vo, FNV-1a with 32 bits.
 *
 * @param bytes The pixels of an image, or a part of its file.
 * @param about A whole number that tells apart what has the same bytes, such as the size of the file.
 */
export function fingerprint(bytes: Uint8Array, about = 0): number {
  const step = Math.max(1, Math.floor(bytes.length / LOOKED_AT));
  let hash = Math.imul(offset ^ about, prime);
  for (let at = 0; at < bytes.length; at += step) hash = Math.imul(hash ^ bytes[at], prime);
  return hash >>> 0;
}

/** The share of images that equal another one among them, given the fingerprint of each. */
export function identicalShare(fingerprints: readonly number[]): number {
  const times = new Map<number, number>();
  for (const each of fingerprints) times.set(each, (times.get(each) ?? 0) + 1);
  return fingerprints.filter((each) => times.get(each)! > 1).length / fingerprints.length;
}
