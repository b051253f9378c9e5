import { halves, words } from "../../data/philox.ts";

/**
 * Whole numbers in [0, limit), one after another: Marsaglia's xorshift, started by Philox. A map takes hundreds of
 * millions of them, for which Philox itself is too slow.
 *
 * Source: G. Marsaglia, "Xorshift RNGs", 2003.
 *
 * @param seed A whole number in [0, 2^53).
 * @param limit At most 2^31.
 */
export function draws(seed: number, limit: number): () => number {
  let state = words(halves(seed), [0, 0, 0])() | 1; // never 0, which would stay 0
  const share = limit / 2 ** 32;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor((state >>> 0) * share); // a remainder would take five times as long
  };
}
