/**
 * Tensors out of a PyTorch pickle: which storage holds a tensor's elements, and where in it they lie.
 *
 * @module
 */
import { type Dtype, dtypeBytes, type StoredTensor } from "../../files/safetensors.ts";
import { isTagged, kind, type Pickled, type PickledTuple, PickleError } from "./pickle.ts";

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

const [tensorV1, tensorV2, parameter, parameterWithState] = [
  "tensor",
  "tensor_v2",
  "parameter",
  "parameter_with_state",
].map((name) => `torch._utils._rebuild_${name}`);

/** Both names of a part of numpy: that of numpy 1 and that of numpy 2. */
const ofNumpy = (part: string) => [`numpy.core.${part}`, `numpy._core.${part}`];

/** numpy's arrays: made empty, and then given their shape, their dtype and their bytes. */
const arrays = ofNumpy("multiarray._reconstruct");

/** The same, made of their bytes, which protocol 5 has. */
const buffers = ofNumpy("numeric._frombuffer");

/** numpy's dtypes. */
const numpyDtypes: Readonly<Record<string, Dtype>> = {
  ...{ b1: "BOOL", u1: "U8", i1: "I8", i2: "I16", u2: "U16", i4: "I32", u4: "U32", i8: "I64", u8: "U64" },
  ...{ f2: "F16", f4: "F32", f8: "F64" },
};

/** Names of Python that stand for plain data, and are not called. */
const plain = [
  ...["OrderedDict", "defaultdict", "Counter"].map((name) => `collections.${name}`),
  ...["torch.Size", "torch.device", "argparse.Namespace", "_codecs.encode", "numpy.ndarray", "numpy.dtype"],
  ...ofNumpy("multiarray.scalar"),
];

/** The same: Python's own classes of data, paths, and the dtypes of PyTorch. */
const plainKinds = [
  /^(__builtin__|builtins)\.(bool|bytes|bytearray|complex|dict|float|frozenset|int|list|set|str|tuple)$/,
  /^pathlib\.(_local\.)?(Pure)?(Posix|Windows)?Path$/,
  /^torch\.(bool|bfloat16|float(16|32|64)|u?int(8|16|32|64))$/,
];

/** Whether a pickle of tensors may name a class or a function. */
export function isAllowed(name: string): boolean {
  const tensors = [tensorV1, tensorV2, parameter, parameterWithState, ...arrays, ...buffers];
  return tensors.includes(name) || Object.hasOwn(storages, name) || plain.includes(name) ||
    plainKinds.some((kind) => kind.test(name));
}

/** Whether a value of a pickle is an array of numpy. */
export function isArray(value: Pickled): boolean {
  return isTagged(value, "Object") && (arrays.includes(value.name) || buffers.includes(value.name));
}

/**
 * The tensor that a value of a pickle describes, or undefined where it is something else.
 *
 * @throws {PickleError} where it should be one and cannot be.
 */
export function tensorView(value: Pickled): TensorView | undefined {
  if (!isTagged(value, "Object")) return undefined;
  if (arrays.includes(value.name)) {
    const [, shape, type, isFortran, inline] = isTagged(value.state ?? null, "Tuple")
      ? (value.state as PickledTuple).items
      : [];
    return arrayView({ shape, type, isFortran: isFortran === true, inline });
  }
  if (buffers.includes(value.name)) {
    const [inline, type, shape, order] = value.args;
    return arrayView({ shape, type, isFortran: order === "F", inline });
  }
  if (value.name === parameter || value.name === parameterWithState) return tensorView(value.args[0] ?? null);
  if (value.name !== tensorV1 && value.name !== tensorV2) return undefined;
  const [storage, offset, shape, strides] = value.args;
  return {
    storage: storageName(storage ?? null),
    offset: wholeNumber(offset, "a tensor's offset"),
    shape: wholeNumbers(shape, "a tensor's shape"),
    strides: wholeNumbers(strides, "a tensor's strides"),
  };
}

/** What a pickle says of an array of numpy. */
type PickledArray = {
  readonly shape: Pickled | undefined;
  readonly type: Pickled | undefined;
  /** Whether its columns lie one after another, and not its rows. */
  readonly isFortran: boolean;
  readonly inline: Pickled | undefined;
};

/** An array of numpy as a view of the bytes that stand in the pickle. */
function arrayView({ shape, type, isFortran, inline }: PickledArray): TensorView {
  const dtype = numpyDtype(type ?? null);
  const sizes = wholeNumbers(shape, "an array's shape");
  const product = (some: readonly number[]) => some.reduce((product, size) => product * size, 1);
  const strides = sizes.map((_, axis) => product(isFortran ? sizes.slice(0, axis) : sizes.slice(axis + 1)));
  if (!(inline instanceof Uint8Array)) throw new PickleError("an array's bytes", kind(inline ?? null));
  const storage = { key: "array", dtype, count: inline.length / dtypeBytes[dtype], inline };
  return { storage, offset: 0, shape: sizes, strides };
}

/** The dtype of an array, whose elements are little-endian or single bytes. */
function numpyDtype(type: Pickled): Dtype {
  const [code, state] = isTagged(type, "Object") && type.name === "numpy.dtype"
    ? [type.args[0], type.state ?? null]
    : [];
  const order = isTagged(state ?? null, "Tuple") ? (state as PickledTuple).items[1] : undefined;
  if (typeof code !== "string" || !Object.hasOwn(numpyDtypes, code) || (order !== "<" && order !== "|")) {
    const found = typeof code === "string" ? `${typeof order === "string" ? order : ""}${code}` : kind(type);
    throw new PickleError(`a little-endian array of ${Object.keys(numpyDtypes).join(", ")}`, found);
  }
  return numpyDtypes[code];
}

function storageName(value: Pickled): StorageName {
  const id = isTagged(value, "Persistent") ? value.id : null;
  if (!isTagged(id, "Tuple") || id.items[0] !== "storage") throw new PickleError("a storage", kind(value));
  const [, type, key, , count, part = null] = id.items;
  if (part !== null) throw new PickleError("a whole storage", "a part of another one"); // as before PyTorch 0.4
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
