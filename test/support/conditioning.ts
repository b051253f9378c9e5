/**
 * Conditioning: how far rounding alone may take the values of a computation.
 *
 * @module
 */
import { type Closeness, flatten, type Numbers, type Tolerance, tolerances } from "./close.ts";

/**
 * How far an input is moved, as a share of its size: 32 roundings of float32, which are of 2^-24 and less. (With 8, one
 * value in some 100 000 of the longest computation here, a step of MoCo v3, is out.)
 */
const distance = 2 ** -19;

/** How many times the inputs are moved, each time by other shares. */
const moves = 4;

/**
 * The tolerance of `f(input)` computed in float32: that of its class, and how far the values move where every number of
 * the input moves by a few roundings. What divides by a length that nearly cancels moves far, what is well conditioned
 * hardly: no constant covers both.
 *
 * The numbers of one record, such as a layer's weight and bias, share the furthest move among them: where a sum is 0
 * whatever its terms (a bias before a batch norm has no gradient), only its neighbours show how large those are.
 *
 * @param closeness the class of the well conditioned.
 * @param f the reference, in float64.
 * @param input numbers in any nesting: all that `f` computes with, and nothing that may not move, such as a size.
 */
export function conditioned<Input extends Numbers>(
  closeness: Closeness,
  f: (input: Input) => Numbers,
  input: Input,
): Tolerance {
  const values = flatten(f(input), "");
  const furthest = new Map<string, number>();
  const recordOf = (path: string) => path.replace(/(\.[^.[]+)?(\[\d+\])*$/, "");
  for (let seed = 1; seed <= moves; seed++) {
    flatten(f(moved(input, shares(seed)) as Input), "").forEach(([path, value], index) => {
      const record = recordOf(path);
      furthest.set(record, Math.max(furthest.get(record) ?? 0, Math.abs(value - values[index][1])));
    });
  }
  return { ...tolerances[closeness], rounding: values.map(([path]) => furthest.get(recordOf(path))!) };
}

/** Every number moved by a share of the largest in its array; so a zero moves too, but not an array of zeros. */
function moved(value: Numbers, share: () => number, size?: number): Numbers {
  if (typeof value === "number") return value + share() * (size ?? Math.abs(value));
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, moved(child, share)]));
  }
  return value.map((child) => moved(child, share, size ?? largest(value)));
}

/** The largest magnitude in nested arrays of numbers; undefined where they hold records. */
function largest(value: readonly Numbers[]): number | undefined {
  const numbers = (value as readonly unknown[]).flat(Infinity);
  return numbers.every((x) => typeof x === "number") ? Math.max(...numbers.map(Math.abs)) : undefined;
}

/** Shares from -distance to distance, the same ones for the same seed. */
function shares(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return distance * state / 2 ** 31;
  };
}
