/**
 * Eager execution: tensors are native handles behind integer ids, and an op runs when it is called.
 *
 * @module
 */
import { type Attributes, eagerSetters, setAttributes } from "./attributes.ts";
import { type Bytes, cString, dimensions, nativeBytes, type Pointer } from "./c_api.ts";
import { contextOf, type Threads } from "./contexts.ts";
import { type DType, dtypeName, dtypes, dtypeWidth } from "./dtype.ts";
import { groupInputs, opDef } from "./op_def.ts";
import { check, runtime } from "./runtime.ts";

/** TensorFlow's description of an op's output. `dtype` is a `TF_DataType`. */
export type TensorMetadata = { readonly id: number; readonly shape: number[]; readonly dtype: number };

const handles = new Map<number, Pointer>();

/**
 * The tensors that were made here for handles of strings. Only who deletes the `TF_Tensor` as its last owner frees the
 * texts; a handle frees the room that points to them. So it is deleted after the handle. Where an op has passed the
 * tensor on as its result (`Identity`, say), its texts are not freed.
 */
const strings = new Map<number, Pointer>();
let nextId = 0;

/**
 * Takes ownership of a native tensor handle.
 *
 * @param handle The handle.
 * @param known Its shape, if that is known. Asking for it waits for a tensor that is still being computed.
 */
export function adopt(handle: Pointer, known?: readonly number[]): TensorMetadata {
  const shape = known?.slice() ?? knownShape(handle);
  const id = nextId++;
  handles.set(id, handle);
  return { id, shape, dtype: runtime().C.TFE_TensorHandleDataType(handle) };
}

/** The shape of a result, once it is computed. */
function knownShape(handle: Pointer): number[] {
  const shape = shapeOf(handle);
  check(() => "read the shape of a result");
  return shape;
}

function shapeOf(handle: Pointer): number[] {
  const { C, status } = runtime();
  return Array.from(
    { length: C.TFE_TensorHandleNumDims(handle, status) },
    (_, axis) => Number(C.TFE_TensorHandleDim(handle, axis, status)),
  );
}

/** The native handle of an id. */
export function handleOf(id: number): Pointer {
  const handle = handles.get(id);
  if (handle === undefined) {
    throw new TypeError(`Cannot use tensor ${id}: expected a live tensor, found a released one`);
  }
  return handle;
}

/** Live native tensors. */
export function liveHandles(): number {
  return handles.size;
}

/** Releases a tensor. Releasing one twice does nothing. */
export function releaseTensor(id: number): void {
  const handle = handles.get(id);
  if (handle === undefined) return;
  handles.delete(id);
  const { C } = runtime();
  C.TFE_DeleteTensorHandle(handle);
  const texts = strings.get(id);
  if (texts === undefined) return;
  strings.delete(id);
  C.TF_DeleteTensor(texts);
}

/** The greatest number of axes that TensorFlow takes. */
const MOST_AXES = 254;

/** Refuses a shape with which TensorFlow would end the process. */
function checkShape(shape: readonly number[], dtype: DType): void {
  const fail = (expected: string, found: unknown): never => {
    throw new RangeError(`Cannot create tensor [${shape}] of ${dtype}: expected ${expected}, found ${found}`);
  };
  const bad = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (bad !== undefined) fail("whole numbers of at least 0", bad);
  if (shape.length > MOST_AXES) fail(`at most ${MOST_AXES} axes`, shape.length);
  // A size of 0 leaves no values, but the sizes beside it are multiplied all the same.
  const product = shape.reduce((product, size) => product * Math.max(1, size), 1);
  if (!Number.isSafeInteger(product)) fail("sizes whose product is below 2^53", product);
}

/** A tensor of `shape` that holds a copy of `values`: bytes in its dtype, or the byte strings of a string tensor. */
export function createTensor(
  shape: readonly number[],
  dtype: DType,
  values: Uint8Array | readonly Uint8Array[],
): number {
  const { C, status } = runtime();
  checkShape(shape, dtype);
  const count = shape.reduce((product, size) => product * size, 1);
  const byteLength = count * dtypeWidth(dtype);
  const tensor = C.TF_AllocateTensor(dtypes[dtype], dimensions(shape), shape.length, BigInt(byteLength));
  if (tensor === null) throw new RangeError(`Cannot create tensor [${shape}] of ${dtype}: out of memory`);
  let isKept = false;
  try {
    if (values instanceof Uint8Array) {
      if (values.length !== byteLength) {
        throw new RangeError(
          `Cannot create tensor [${shape}] of ${dtype}: expected ${byteLength} bytes, found ${values.length}`,
        );
      }
      nativeBytes(C.TF_TensorData(tensor), byteLength).set(values);
    } else {
      if (values.length !== count) {
        throw new RangeError(`Cannot create tensor [${shape}] of strings: expected ${count}, found ${values.length}`);
      }
      const base = Deno.UnsafePointer.value(C.TF_TensorData(tensor));
      values.forEach((bytes, index) => {
        const string = Deno.UnsafePointer.create(base + BigInt(index * dtypeWidth("string")));
        C.TF_StringInit(string);
        C.TF_StringCopy(string, bytes as Bytes, BigInt(bytes.length));
      });
    }
    const handle = C.TFE_NewTensorHandle(tensor, status);
    check(() => `create tensor [${shape}] of ${dtype}`);
    const { id } = adopt(handle);
    if (dtype === "string") {
      strings.set(id, tensor);
      isKept = true;
    }
    return id;
  } finally {
    if (!isKept) C.TF_DeleteTensor(tensor);
  }
}

/** Calls `use` with the native tensor behind a handle. It waits if a device is still computing it. */
export function withTensor<T>(id: number, use: (tensor: Pointer) => T): T {
  const { C, status } = runtime();
  const tensor = C.TFE_TensorHandleResolve(handleOf(id), status);
  check(() => `read tensor ${describe(id)}`);
  try {
    return use(tensor);
  } finally {
    C.TF_DeleteTensor(tensor);
  }
}

/** A copy of a tensor's bytes. */
export function readTensorBytes(id: number): Bytes {
  const { C } = runtime();
  return withTensor(
    id,
    (tensor) => nativeBytes(C.TF_TensorData(tensor), Number(C.TF_TensorByteSize(tensor))).slice() as Bytes,
  );
}

/** The byte strings of a string tensor. */
export function readTensorStrings(id: number): Bytes[] {
  const { C } = runtime();
  return withTensor(id, (tensor) => {
    const base = Deno.UnsafePointer.value(C.TF_TensorData(tensor));
    const width = dtypeWidth("string");
    return Array.from({ length: Number(C.TF_TensorByteSize(tensor)) / width }, (_, index) => {
      const string = Deno.UnsafePointer.create(base + BigInt(index * width));
      const length = Number(C.TF_StringGetSize(string));
      return nativeBytes(C.TF_StringGetDataPointer(string), length).slice() as Bytes;
    });
  });
}

/** The dtype of a tensor. */
export function dtypeOfId(id: number): DType {
  return dtypeName(runtime().C.TFE_TensorHandleDataType(handleOf(id)));
}

/** The shape of a tensor. */
export function shapeOfId(id: number): number[] {
  return shapeOf(handleOf(id));
}

/** "float32 [2, 3]", for messages. */
export function describe(id: number): string {
  return `${dtypeOfId(id)} [${shapeOfId(id).join(", ")}]`;
}

// Room for the results of one op. Traced functions that return more ask for more.
let results = new BigUint64Array(256);
const resultCount = new Int32Array(1);

/**
 * Runs an op, or a traced function by its name.
 *
 * @param name The op or the function.
 * @param attributes The op's attributes.
 * @param inputs The tensors, by their ids, in the op's order.
 * @param outputs How many results there are at most.
 * @param threads How many threads the op takes, or each op of the function.
 * @param shapes The shape of each, where they are known.
 */
export function executeEager(
  name: string,
  attributes: Attributes,
  inputs: readonly number[],
  outputs: number,
  threads: Threads = "all",
  shapes?: readonly (readonly number[] | undefined)[],
): TensorMetadata[] {
  const { C, status } = runtime();
  const doing = () => `run ${name} on (${inputs.map(describe).join(", ")})`;
  const op = C.TFE_NewOp(contextOf(threads), cString(name), status);
  check(doing);
  try {
    const definition = opDef(name);
    const grouped = definition === undefined ? inputs : groupInputs(definition, inputs, attributes);
    for (const input of grouped) {
      if (typeof input === "number") {
        C.TFE_OpAddInput(op, handleOf(input), status);
      } else {
        const addresses = BigUint64Array.from(input, (id) => Deno.UnsafePointer.value(handleOf(id)));
        C.TFE_OpAddInputList(op, new Uint8Array(addresses.buffer), input.length, status);
      }
      check(doing);
    }
    setAttributes(eagerSetters(C), op, name, attributes);
    if (outputs > results.length) results = new BigUint64Array(outputs);
    resultCount[0] = results.length;
    C.TFE_Execute(op, results, resultCount, status);
    check(doing);
  } finally {
    C.TFE_DeleteOp(op);
  }
  const made = Array.from({ length: resultCount[0] }, (_, index) => Deno.UnsafePointer.create(results[index]));
  try {
    const known = made.map((handle, index) => shapes?.[index] ?? knownShape(handle));
    return made.map((handle, index) => adopt(handle, known[index]));
  } catch (error) {
    made.forEach((handle) => C.TFE_DeleteTensorHandle(handle)); // one of them failed while it was computed
    throw error;
  }
}
