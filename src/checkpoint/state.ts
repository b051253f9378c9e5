/**
 * Converts trees of tensors to the tensors of a file, and back.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { type DType, dtypeOf, fromBytes, readBytes, type Tensor, tf } from "../engine/mod.ts";
import { entries, map, type Tree } from "../core/tree.ts";
import type { Difference, DifferentState } from "./errors.ts";
import type { Dtype, StoredTensor } from "../files/safetensors.ts";
import type { LazyTensor } from "../files/tensor_file.ts";
import { renamed } from "./renamed.ts";

/** The file dtypes of the engine's tensors. */
const stored: Partial<Record<DType, Dtype>> = { float32: "F32", int32: "I32", uint8: "U8", bool: "BOOL" };

/**
 * The leaves of a tree as tensors of a file, named by their dot-joined paths. The tree must live until they are read.
 *
 * @param tree The tree; its leaves are borrowed.
 * @throws {TypeError} if a leaf has a dtype that a state cannot hold (it holds float32, int32, uint8, bool).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tensorsOf, tf } from "@momentum-contrast/moco";
 *
 * const [{ name, dtype, shape }] = tensorsOf({ query: { w: tf.zeros([2, 3]) } });
 * assertEquals({ name, dtype, shape }, { name: "query.w", dtype: "F32", shape: [2, 3] });
 * ```
 */
export function tensorsOf(tree: Tree): readonly LazyTensor[] {
  return entries(tree).map(([name, leaf]) => ({
    name,
    dtype: dtypeInFile(name, leaf),
    shape: leaf.shape,
    read: () => readBytes(leaf),
  }));
}

/**
 * A tensor with the values of a stored one.
 *
 * @throws {TypeError} if it has a dtype that a state cannot hold (it holds F32, I32, U8, BOOL).
 */
export function toTensor({ name, dtype, shape, data }: StoredTensor): Tensor {
  const bytes = data.slice(); // aligned, and does not hold the whole file
  switch (dtype) {
    case "F32":
      return tf.tensor(new Float32Array(bytes.buffer), [...shape], "float32");
    case "I32":
      return tf.tensor(new Int32Array(bytes.buffer), [...shape], "int32");
    case "BOOL":
      return tf.tensor(bytes, [...shape], "bool");
    case "U8":
      return fromBytes(bytes, shape);
    default:
      throw new TypeError(`Cannot make a tensor of "${name}": expected F32, I32, U8 or BOOL, found ${dtype}`);
  }
}

/**
 * A tree of the shape of `template` with the values of a file's tensors. The tensors are new, and the caller owns them.
 * Nothing is created unless every name, dtype and shape fits; otherwise every difference is returned at once. Names
 * that older versions wrote are understood.
 *
 * @param template Says which tensors are wanted; borrowed.
 * @param file The tensors, and their source for messages.
 * @returns Right the tree, or left every difference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { restore, tf } from "@momentum-contrast/moco";
 *
 * const data = new Uint8Array(Float32Array.of(1, 2).buffer);
 * const file = { path: "w.safetensors", tensors: [{ name: "w", dtype: "F32", shape: [2], data }] } as const;
 * const restored = restore({ w: tf.zeros([2]) }, file);
 * assertEquals(restored._tag === "Right" && [...restored.right.w.dataSync()], [1, 2]);
 * const refused = restore({ w: tf.zeros([3]) }, file);
 * assertEquals(refused._tag === "Left" && refused.left.differences, [
 *   { path: "w", expected: "F32 [3]", found: "F32 [2]" },
 * ]);
 * ```
 */
export function restore<T extends Tree>(
  template: T,
  file: { readonly path: string; readonly tensors: readonly StoredTensor[] },
): Either<DifferentState, T> {
  const wanted = new Map(entries(template));
  const nameNow = ({ name }: StoredTensor) => wanted.has(name) ? name : renamed(name);
  const found = new Map(file.tensors.map((tensor) => [nameNow(tensor), tensor]));
  const differences: Difference[] = [];
  for (const [path, leaf] of wanted) {
    const tensor = found.get(path);
    const expected = `${dtypeInFile(path, leaf)} [${leaf.shape}]`;
    const there = tensor === undefined ? "nothing" : `${tensor.dtype} [${tensor.shape}]`;
    if (there !== expected) differences.push({ path, expected, found: there });
  }
  for (const [name, { dtype, shape }] of found) {
    if (!wanted.has(name)) differences.push({ path: name, expected: "nothing", found: `${dtype} [${shape}]` });
  }
  if (differences.length > 0) return Either.left({ _tag: "DifferentState", path: file.path, differences });
  return Either.right(map((_, path) => toTensor(found.get(path)!), template));
}

function dtypeInFile(name: string, leaf: Tensor): Dtype {
  const dtype = stored[dtypeOf(leaf)];
  if (dtype === undefined) {
    throw new TypeError(`Cannot store "${name}": expected float32, int32, uint8 or bool, found ${dtypeOf(leaf)}`);
  }
  return dtype;
}
