/**
 * Tensors out of a PyTorch pickle: which storage holds a tensor's elements, and where in it they lie.
 *
 * @module
 */
import { type Dtype, dtypeBytes, type StoredTensor } from "../../files/safetensors.ts";
import { isTagged, kind, type Pickled, PickleError } from "./pickle.ts";

/** The elements of a file that tensors are views of. */
export type Storage = { readonly dtype: Dtype; readonly data: Uint8Array };

/** A storage as a pickle names it; `inline` where the pickle itself holds the elements, as numpy's arrays do. */
export type StorageName = {
  readonly key: string;
  readonly dtype: Dtype;
  readonly count: number;
  readonly inline?: Uint8Array;
};

/** A tensor as a pickle describes it: its element at (i, j, ...) is at offset + i strides[0] + j strides[1] + ... */
export type TensorView = {
  readonly storage: StorageName;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
};

const storages: Readonly<Record<string, Dtype>> = {
  "torch.BoolStorage": "BOOL",
  "torch.ByteStorage": "U8",
  "torch.CharStorage": "I8",
  "torch.ShortStorage": "I16",
  "torch.IntStorage": "I32",
  "torch.LongStorage": "I64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
};

const [tensorV1, tensorV2, parameter] = ["tensor", "tensor_v2", "parameter"].map((name) =>
  `torch._utils._rebuild_${name}`
);

/** numpy's arrays: made empty, and then given their shape, their dtype and their bytes. */
const arrays = ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"];

/** numpy's dtypes of floating point. */
const numpyDtypes: Readonly<Record<string, Dtype>> = { f2: "F16", f4: "F32", f8: "F64", i8: "I64" };

/** Names of Python that stand for plain data, and are not called. */
const plain = ["collections.OrderedDict", "torch.Size", "torch.device", "argparse.Namespace", "builtins.set"];

/** Whether a pickle of tensors may name a class or a function. */
export function isAllowed(name: string): boolean {
  const numpy = [...arrays, "numpy.ndarray", "numpy.dtype"];
  return [tensorV1, tensorV2, parameter, ...plain, ...numpy].includes(name) || Object.hasOwn(storages, name);
}

/**
 * The tensor that a value of a pickle describes, or undefined where it is something else.
 *
 * @throws {PickleError} where it should be one and cannot be.
 */
export function tensorView(value: Pickled): TensorView | undefined {
  if (!isTagged(value, "Object")) return undefined;
  if (arrays.includes(value.name)) return arrayView(value.state ?? null);
  if (value.name === parameter) return tensorView(value.args[0] ?? null);
  if (value.name !== tensorV1 && value.name !== tensorV2) return undefined;
  const [storage, offset, shape, strides] = value.args;
  return {
    storage: storageName(storage ?? null),
    offset: wholeNumber(offset, "a tensor's offset"),
    shape: wholeNumbers(shape, "a tensor's shape"),
    strides: wholeNumbers(strides, "a tensor's strides"),
  };
}

/** An array of numpy as a view of the bytes that stand in the pickle. */
function arrayView(state: Pickled): TensorView {
  const [, shape, type, isFortran, inline] = isTagged(state, "Tuple") ? state.items : [];
  const descriptor = isTagged(type ?? null, "Object")
    ? (type as Extract<Pickled, { readonly _tag: "Object" }>)
    : undefined;
  const order = isTagged(descriptor?.state ?? null, "Tuple")
    ? (descriptor!.state as Extract<Pickled, { readonly _tag: "Tuple" }>).items[1]
    : undefined;
  const code = String(descriptor?.args[0]);
  if (descriptor?.name !== "numpy.dtype" || !Object.hasOwn(numpyDtypes, code) || order !== "<" || isFortran !== false) {
    throw new PickleError(`an array of ${Object.keys(numpyDtypes).join(", ")}, little-endian, row by row`, code);
  }
  const sizes = wholeNumbers(shape, "an array's shape");
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  if (!(inline instanceof Uint8Array)) throw new PickleError("an array's bytes", kind(inline ?? null));
  const dtype = numpyDtypes[code];
  const storage = { key: "array", dtype, count: inline.length / dtypeBytes[dtype], inline };
  return { storage, offset: 0, shape: sizes, strides };
}

function storageName(value: Pickled): StorageName {
  const id = isTagged(value, "Persistent") ? value.id : null;
  if (!isTagged(id, "Tuple") || id.items[0] !== "storage") throw new PickleError("a storage", kind(value));
  const [, type, key, , count] = id.items;
  const dtype = isTagged(type, "Name") && Object.hasOwn(storages, type.name) ? storages[type.name] : undefined;
  if (dtype === undefined) {
    throw new PickleError(
      `a storage of ${Object.values(storages).join(", ")}`,
      isTagged(type, "Name") ? type.name : kind(type ?? null),
    );
  }
  if (typeof key !== "string" || !/^\w{1,40}$/.test(key)) throw new PickleError("the name of a storage", `${key}`);
  return { key, dtype, count: wholeNumber(count, "a storage's length") };
}

function wholeNumbers(value: Pickled | undefined, what: string): readonly number[] {
  const items = isTagged(value ?? null, "Object") ? (value as { readonly args: readonly Pickled[] }).args[0] : value;
  if (!isTagged(items ?? null, "Tuple")) throw new PickleError(what, kind(value ?? null));
  const { items: numbers } = items as { readonly items: readonly Pickled[] };
  if (numbers.length > 16) throw new PickleError(`${what} of at most 16 axes`, `${numbers.length}`);
  return numbers.map((number) => wholeNumber(number, what));
}

function wholeNumber(value: Pickled | undefined, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new PickleError(what, typeof value === "number" ? `${value}` : kind(value ?? null));
  }
  return value;
}

/**
 * A tensor's elements in row-major order.
 *
 * @param name The tensor's name.
 * @param view Where its elements lie.
 * @param storage The storage that it is a view of.
 * @throws {PickleError} if the view reaches out of the storage.
 */
export function contiguous(name: string, view: TensorView, { dtype, data }: Storage): StoredTensor {
  const { offset, shape, strides } = view;
  const width = dtypeBytes[dtype];
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((place, size, axis) => place + Math.max(0, size - 1) * strides[axis], offset);
  const has = Math.floor(data.length / width);
  if (strides.length !== shape.length || count > has || (count > 0 && last >= has)) {
    throw new PickleError(
      `${name} [${shape}] within its storage of ${has} elements`,
      `an offset of ${offset} and strides of [${strides}]`,
    );
  }
  if (isRowMajor(shape, strides)) {
    return { name, dtype, shape, data: data.subarray(offset * width, (offset + count) * width) };
  }
  const gathered = new Uint8Array(count * width);
  const index = shape.map(() => 0);
  for (let to = 0, from = offset; to < count; to++) {
    gathered.set(data.subarray(from * width, (from + 1) * width), to * width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return { name, dtype, shape, data: gathered };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
