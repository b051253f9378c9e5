/**
 * Closeness: the one way in which tests compare numbers, and the one table of tolerances.
 *
 * @module
 */

/** The part of a tensor that is read here, so that tests of pure code need no engine. */
export type TensorLike = {
  readonly shape: readonly number[];
  readonly dataSync: () => ArrayLike<number>;
};

/** Numbers in any nesting: a number, a typed array, arrays of arrays, a tensor, or a record of those (a tree). */
export type Numbers = number | TensorLike | ArrayLike<number> | readonly Numbers[] | {
  readonly [name: string]: Numbers;
};

/** What kind of computation produced the values, which says how far they may be from the expected ones. */
export type Closeness = "exact" | "elementwise" | "reduction" | "gradient";

/** `|actual - expected| <= absolute + relative |expected| + rounding`. */
export type Tolerance = {
  readonly relative: number;
  readonly absolute: number;
  /** A part for each number by itself, in their order (conditioning.ts). Default 0. */
  readonly rounding?: readonly number[];
};

/** True where the tests run on a GPU, whose convolutions sum in another order at every launch. */
const onGpu = Deno.permissions.querySync({ name: "env", variable: "MOCO_TEST_DEVICE" }).state === "granted" &&
  Deno.env.get("MOCO_TEST_DEVICE") === "gpu";

/** The table. Loosening one takes a comment with the cause. */
export const tolerances: Readonly<Record<Closeness, Tolerance>> = {
  exact: { relative: 0, absolute: 0 },
  elementwise: { relative: 1e-6, absolute: 1e-7 },
  reduction: { relative: 1e-5, absolute: 1e-6 },
  gradient: onGpu ? { relative: 2e-3, absolute: 1e-5 } : { relative: 1e-4, absolute: 1e-6 },
};

/**
 * Asserts that two nestings of numbers have one shape and close values. The message names the worst element, both
 * values and the allowed difference, and says how many others are out of tolerance.
 *
 * A NaN is close to nothing, except that "exact" takes NaN to equal NaN.
 *
 * @param actual what the code under test gave.
 * @param expected what it should have given: from `reference/`, from PyTorch, or worked out by hand.
 * @param closeness a row of {@linkcode tolerances}, or a tolerance of its own with a comment that says why.
 * @param what names the value in the message.
 * @throws {Error} if a shape or a value differs.
 */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  closeness: Closeness | Tolerance,
  what: string = "value",
): void {
  const left = flatten(actual, what);
  const right = flatten(expected, what);
  compareShapes(left, right, what);
  const tolerance = typeof closeness === "string" ? tolerances[closeness] : closeness;
  const misses = left.flatMap(([path, a], index) => {
    const e = right[index][1];
    if (a === e || (tolerance === tolerances.exact && Number.isNaN(a) && Number.isNaN(e))) return [];
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(e) + (tolerance.rounding?.[index] ?? 0);
    const difference = Math.abs(a - e);
    // A NaN or an infinity compares false, and so is a miss.
    return difference <= allowed && Number.isFinite(e) ? [] : [{ path, a, e, allowed, excess: difference / allowed }];
  });
  if (misses.length === 0) return;
  const worst = misses.reduce((x, y) => y.excess > x.excess || Number.isNaN(y.excess) ? y : x);
  throw new Error(
    `Expected ${worst.path} to be close: actual ${worst.a}, expected ${worst.e}, ` +
      `difference ${Math.abs(worst.a - worst.e)}, allowed ${worst.allowed} ` +
      `(${typeof closeness === "string" ? closeness : "own tolerance"}; ${misses.length} of ${left.length} are out)`,
  );
}

/** Every number with the path at which it stands. A tensor and the nested array of the same shape give equal lists. */
export function flatten(value: Numbers, path: string): [path: string, value: number][] {
  if (typeof value === "number") return [[path, value]];
  if (value === null || typeof value !== "object") {
    throw new TypeError(`Cannot compare ${path}: expected numbers, found ${typeof value}`);
  }
  if (isTensor(value)) {
    const data = value.dataSync();
    return Array.from(data, (number, index) => [`${path}${subscript(index, value.shape)}`, Number(number)]);
  }
  if (Array.isArray(value)) return value.flatMap((child, index) => flatten(child, `${path}[${index}]`));
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as unknown as ArrayLike<number>, (x, index) => [`${path}[${index}]`, x]);
  }
  return Object.entries(value).flatMap(([name, child]) => flatten(child as Numbers, `${path}.${name}`));
}

function isTensor(value: object): value is TensorLike {
  return "dataSync" in value && typeof value.dataSync === "function" && "shape" in value;
}

/** The subscript of a flat index in a tensor: `[1][0][3]`. */
function subscript(index: number, shape: readonly number[]): string {
  let text = "";
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    text = `[${rest % shape[axis]}]${text}`;
    rest = Math.floor(rest / shape[axis]);
  }
  return text;
}

function compareShapes(left: [string, number][], right: [string, number][], what: string): void {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [a, e] = [left[index]?.[0], right[index]?.[0]];
    if (a === e) continue;
    throw new Error(
      `Expected ${what} to have ${right.length} elements, found ${left.length}; ` +
        `the first difference is ${a ?? "nothing"} where ${e ?? "nothing"} was expected`,
    );
  }
}
