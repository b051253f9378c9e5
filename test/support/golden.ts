/**
 * Golden cases: safetensors files that the scripts in test/golden wrote. Read by a reader of its own, so that a fault
 * of src/checkpoint and a fault of the step are told apart.
 *
 * @module
 */
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { dispose, release } from "../../src/core/scope.ts";
import { leaves, type Tree, zip } from "../../src/core/tree.ts";
import type { Method } from "../../src/methods/types.ts";
import { assertClose, type Numbers, type Tolerance } from "./close.ts";

/** The arrays of a file by name. */
export type Golden = ReadonlyMap<string, GoldenArray>;

/** One array: float32 or int32, row-major; uint8 is read as int32. */
export type GoldenArray = { readonly shape: number[]; readonly values: Float32Array | Int32Array };

const valuesOf = {
  F32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  I32: (bytes: ArrayBuffer) => new Int32Array(bytes),
  U8: (bytes: ArrayBuffer) => Int32Array.from(new Uint8Array(bytes)),
};

/** Reads a file of test/golden. */
export async function readGolden(name: string): Promise<Golden> {
  const { buffer } = await Deno.readFile(new URL(`../golden/${name}.safetensors`, import.meta.url));
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header: Record<string, { dtype: "F32" | "I32" | "U8"; shape: number[]; data_offsets: [number, number] }> = JSON
    .parse(
      new TextDecoder().decode(new Uint8Array(buffer, 8, length)),
    );
  return new Map(
    Object.entries(header).map(([name, { dtype, shape, data_offsets: [begin, end] }]) => {
      const bytes = buffer.slice(8 + length + begin, 8 + length + end);
      return [name, { shape, values: valuesOf[dtype](bytes) }];
    }),
  );
}

/** One array as a tensor. */
export function goldenTensor(golden: Golden, name: string): Tensor {
  const array = golden.get(name);
  if (array === undefined) throw new RangeError(`Cannot find a golden array: expected "${name}"`);
  return tf.tensor(array.values, array.shape, array.values instanceof Int32Array ? "int32" : "float32");
}

/** A tree of the structure of `like`, its leaves read by their paths below `prefix`. */
export function goldenTree<T extends Tree>(golden: Golden, prefix: string, like: T): T {
  const at = (node: Tree, path: string): Tree =>
    node instanceof tf.Tensor
      ? goldenTensor(golden, path)
      : Object.fromEntries(Object.entries(node).map(([name, child]) => [name, at(child, `${path}.${name}`)]));
  return at(like, prefix) as T;
}

/**
 * Asserts that every leaf is close to the golden array of its path, and that the golden file has no other array below
 * `prefix`.
 *
 * @param share The allowed difference, as a share of a tensor's largest element.
 * @param floor What an element may be off in any case: tensors that are zero by mathematics hold nothing but rounding.
 */
export function assertGolden(
  actual: Tree,
  golden: Golden,
  prefix: string,
  share: number = 1e-4,
  floor: number = 0,
): void {
  const expected = goldenTree(golden, prefix, actual);
  const names = [...golden.keys()].filter((name) => name.startsWith(`${prefix}.`));
  if (names.length !== leaves(actual).length) {
    throw new Error(`Expected ${names.length} tensors below ${prefix}, found ${leaves(actual).length}`);
  }
  assertTreeClose(actual, expected, { share, floor }, prefix);
}

/**
 * Asserts that every leaf is close to that of another tree of the same structure.
 *
 * @param allowed `share` and `floor` as of {@linkcode assertGolden}.
 */
export function assertTreeClose(
  actual: Tree,
  expected: Tree,
  { share = 1e-4, floor = 0 }: { readonly share?: number; readonly floor?: number },
  path: string = "",
): void {
  zip(
    (below, a, e) => {
      const { relative, absolute } = ofTensor(e, share);
      const where = [path, below].filter((part) => part !== "").join(".");
      assertClose(a as Numbers, e as Numbers, { relative, absolute: Math.max(absolute, floor) }, where);
      return a;
    },
    actual,
    expected,
  );
}

/**
 * The tolerance of a tensor that came out of many steps. Its elements are sums of positive and negative terms over the
 * batch, so that a small element carries the rounding of large terms: the allowed difference is a share of the largest
 * element, and not of each.
 */
export function ofTensor(expected: Tensor, share: number): Tolerance {
  const largest = Array.from<number>(expected.dataSync()).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { relative: share, absolute: share * largest };
}

/** The losses of a golden case: 1e-4 relative at every step. */
const lossTolerance: Tolerance = { relative: 1e-4, absolute: 0 };

/**
 * Takes a state through the steps of a golden case, each loss held to PyTorch's.
 *
 * @param step The step.
 * @param start The state to begin with; it is freed.
 * @param views The views of each step, "0.query" and so on, with what else they carry.
 * @param expected What PyTorch found: "loss", one for each step.
 * @returns The last state; the caller frees it.
 */
export function replay<S extends Tree>(step: Method<S>["step"], start: S, views: Golden, expected: Golden): S {
  let state = start;
  for (const [index, loss] of expected.get("loss")!.values.entries()) {
    const [query, key] = ["query", "key"].map((part) => goldenTensor(views, `${index}.${part}`));
    const carried = ["shuffle", "index", "sample"].filter((part) => views.has(`${index}.${part}`));
    const others = Object.fromEntries(carried.map((part) => [part, goldenTensor(views, `${index}.${part}`)]));
    const next = step(state, { query, key, ...others });
    assertClose(next.metrics.loss, loss, lossTolerance, `loss of step ${index}`);
    release(state, next.state);
    dispose({ query, key, ...others });
    dispose(next.metrics);
    state = next.state;
  }
  return state;
}
