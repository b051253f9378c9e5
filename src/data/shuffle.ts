/**
 * The order of an epoch.
 *
 * @module
 */
import { below, halves, words } from "./philox.ts";

/**
 * A random permutation of 0 ... count - 1: a pure function of seed and epoch, the same on every machine.
 *
 * It is Fisher-Yates, from the last place down. The draws are the words of Philox4x32-10, with the seed as key and
 * (block, 0, epoch) as counter. Lemire's multiplication with rejection brings them into [0, n), so that every order is
 * equally likely.
 *
 * @param seed An integer in [0, 2^53).
 * @param epoch An integer in [0, 2^53).
 * @param count The number of elements, below 2^32.
 * @throws {RangeError} if one of them is out of its range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { epochOrder } from "./shuffle.ts";
 *
 * assertEquals(epochOrder(7, 0, 5), epochOrder(7, 0, 5));
 * assertEquals([...epochOrder(7, 1, 5)].sort(), [0, 1, 2, 3, 4]);
 * ```
 */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  for (const [name, value, end] of [["seed", seed, 2 ** 53], ["epoch", epoch, 2 ** 53], ["count", count, 2 ** 32]]) {
    if (!Number.isSafeInteger(value) || Number(value) < 0 || value >= end) {
      throw new RangeError(`Cannot order an epoch: expected a whole ${name} in [0, ${end}), found ${value}`);
    }
  }
  const draw = words(halves(seed), [0, ...halves(epoch)]);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const chosen = below(last + 1, draw);
    [order[last], order[chosen]] = [order[chosen], order[last]];
  }
  return order;
}
