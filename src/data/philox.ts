/**
 * Philox4x32-10, a counter-based generator: a bijection of 128-bit counters, keyed by 64 bits. It needs no engine,
 * unlike the engine's random ops, and gives the same numbers on every device.
 *
 * Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * @module
 */

/** Four unsigned 32-bit words. */
export type Block = readonly [number, number, number, number];

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** The high word of the product of two unsigned 32-bit words. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16;
  const bLow = b & 0xffff, bHigh = b >>> 16;
  const middle = aHigh * bLow + (aLow * bLow >>> 16); // below 2^32
  const carried = aLow * bHigh + (middle & 0xffff); // likewise
  return (aHigh * bHigh + (middle >>> 16) + (carried >>> 16)) >>> 0;
}

/**
 * Four random words: a pure function of counter and key.
 *
 * @param counter Four unsigned 32-bit words.
 * @param key Two unsigned 32-bit words.
 */
export function philox(counter: Block, key: readonly [number, number]): Block {
  let [a, b, c, d] = counter;
  let [first, second] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const highA = multiplyHigh(MULTIPLIERS[0], a), lowA = Math.imul(MULTIPLIERS[0], a) >>> 0;
    const highC = multiplyHigh(MULTIPLIERS[1], c), lowC = Math.imul(MULTIPLIERS[1], c) >>> 0;
    [a, b, c, d] = [(highC ^ b ^ first) >>> 0, lowC, (highA ^ d ^ second) >>> 0, lowA];
    first = (first + WEYL[0]) >>> 0;
    second = (second + WEYL[1]) >>> 0;
  }
  return [a, b, c, d];
}

/**
 * A stream of random words: those of the blocks (0, ...stream), (1, ...stream), ... one after another.
 *
 * @param key Two unsigned 32-bit words.
 * @param stream Three unsigned 32-bit words, which tell streams of one key apart.
 */
export function words(
  key: readonly [number, number],
  [first, second, third]: readonly [number, number, number],
): () => number {
  let block = 0;
  let left: readonly number[] = [];
  let taken = 0;
  return () => {
    if (taken === left.length) {
      left = philox([block++ >>> 0, first, second, third], key);
      taken = 0;
    }
    return left[taken++];
  };
}

/** The low and the high word of a whole number in [0, 2^53). */
export function halves(value: number): [low: number, high: number] {
  return [value >>> 0, Math.floor(value / 2 ** 32)];
}

/** A uniform integer in [0, n), by Lemire's multiplication with rejection. */
export function below(n: number, draw: () => number): number {
  const uneven = (2 ** 32) % n; // this many products would make some results likelier than others
  for (;;) {
    const word = draw();
    if (Math.imul(word, n) >>> 0 >= uneven) return multiplyHigh(word, n);
  }
}
