/**
 * The part of TensorFlow's C API that the engine uses, typed for Deno FFI.
 *
 * @module
 */
import { EngineError } from "../install/mod.ts";

/** A `TF_Output`: an operation's address and the index of one of its outputs, 16 bytes, passed by value. */
const output = { struct: ["pointer", "i32"] } as const;

const symbols = {
  // Status
  TF_Version: { parameters: [], result: "pointer" },
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },
  // Tensors
  TF_AllocateTensor: { parameters: ["i32", "buffer", "i32", "usize"], result: "pointer" },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },
  TF_StringInit: { parameters: ["pointer"], result: "void" },
  TF_StringCopy: { parameters: ["pointer", "buffer", "usize"], result: "void" },
  TF_StringGetDataPointer: { parameters: ["pointer"], result: "pointer" },
  TF_StringGetSize: { parameters: ["pointer"], result: "usize" },
  // Eager context
  TFE_NewContextOptions: { parameters: [], result: "pointer" },
  TFE_DeleteContextOptions: { parameters: ["pointer"], result: "void" },
  TFE_ContextOptionsSetConfig: { parameters: ["pointer", "buffer", "usize", "pointer"], result: "void" },
  TFE_NewContext: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_ContextListDevices: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_ContextAddFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListName: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeviceListType: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeleteDeviceList: { parameters: ["pointer"], result: "void" },
  // Clusters
  TF_NewBuffer: { parameters: [], result: "pointer" },
  TF_DeleteBuffer: { parameters: ["pointer"], result: "void" },
  // Returns when all members are there, so the program goes on meanwhile.
  TFE_EnableCollectiveOps: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
    nonblocking: true,
  },
  TFE_CollectiveOpsCheckPeerHealth: { parameters: ["pointer", "buffer", "i64", "pointer"], result: "void" },
  // Returns when the first member has answered: never, if that is frozen.
  TFE_InsertConfigKeyValue: {
    parameters: ["pointer", "buffer", "buffer", "pointer"],
    result: "void",
    nonblocking: true,
  },
  TFE_GetConfigKeyValue: { parameters: ["pointer", "buffer", "i64", "pointer", "pointer"], result: "void" },
  // Eager tensors
  TFE_NewTensorHandle: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteTensorHandle: { parameters: ["pointer"], result: "void" },
  TFE_TensorHandleCopySharingTensor: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_TensorHandleDataType: { parameters: ["pointer"], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: ["pointer", "pointer"], result: "i32" },
  TFE_TensorHandleDim: { parameters: ["pointer", "i32", "pointer"], result: "i64" },
  TFE_TensorHandleResolve: { parameters: ["pointer", "pointer"], result: "pointer" },
  // Eager operations
  TFE_NewOp: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  TFE_DeleteOp: { parameters: ["pointer"], result: "void" },
  TFE_OpAddInput: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_OpAddInputList: { parameters: ["pointer", "buffer", "i32", "pointer"], result: "void" },
  TFE_OpSetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrTypeList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TFE_OpSetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TFE_OpSetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TFE_OpSetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TFE_OpSetAttrShape: { parameters: ["pointer", "buffer", "buffer", "i32", "pointer"], result: "void" },
  TFE_OpSetAttrValueProto: { parameters: ["pointer", "buffer", "buffer", "usize", "pointer"], result: "void" },
  TFE_Execute: { parameters: ["pointer", "buffer", "buffer", "pointer"], result: "void" },
  TFE_NewExecutor: { parameters: ["u8", "u8", "i32"], result: "pointer" },
  TFE_DeleteExecutor: { parameters: ["pointer"], result: "void" },
  TFE_ExecutorClearError: { parameters: ["pointer"], result: "void" },
  TFE_ContextGetExecutorForThread: { parameters: ["pointer"], result: "pointer" },
  TFE_ContextSetExecutorForThread: { parameters: ["pointer", "pointer"], result: "void" },
  // Graphs
  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_GraphGetOpDef: { parameters: ["pointer", "buffer", "buffer", "pointer"], result: "void" },
  TF_NewOperation: { parameters: ["pointer", "buffer", "buffer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", output], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_AddControlInput: { parameters: ["pointer", "pointer"], result: "void" },
  TF_SetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrTypeList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TF_SetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TF_SetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrFuncName: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_SetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TF_SetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_SetAttrShape: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrValueProto: { parameters: ["pointer", "buffer", "buffer", "usize", "pointer"], result: "void" },
  TF_SetAttrTensor: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_OperationNumOutputs: { parameters: ["pointer"], result: "i32" },
  TF_OperationOutputType: { parameters: [output], result: "i32" },
  TF_GraphGetTensorNumDims: { parameters: ["pointer", output, "pointer"], result: "i32" },
  TF_GraphSetTensorShape: { parameters: ["pointer", output, "buffer", "i32", "pointer"], result: "void" },
  TF_GraphGetTensorShape: { parameters: ["pointer", output, "buffer", "i32", "pointer"], result: "void" },
  TF_GraphToFunction: {
    parameters: [
      "pointer",
      "buffer",
      "u8",
      "i32",
      "pointer",
      "i32",
      "buffer",
      "i32",
      "buffer",
      "pointer",
      "pointer",
      "pointer",
      "pointer",
    ],
    result: "pointer",
  },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C functions, callable. */
export type CApi = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** A C pointer. */
export type Pointer = Deno.PointerValue;

/** Bytes on a buffer that FFI accepts. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Opens the two libraries of a TensorFlow installation. Both stay open for the life of the process. */
export function openLibrary(framework: string, library: string): CApi {
  try {
    // The framework library first: the other one links against it by name.
    withoutStderr(() => pin(framework, framework, library));
    return Deno.dlopen(library, symbols).symbols;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const reason = error instanceof Error ? error.message.replaceAll(/Could not open library: /g, "") : String(error);
    throw new EngineError("library", `Cannot load TensorFlow from ${library}: ${reason}`);
  }
}

/**
 * Opens libraries once more through the loader itself. Deno closes the libraries that it opened when the process ends,
 * and unloading TensorFlow crashes (a segmentation fault after the program's last line).
 */
function pin(host: string, ...libraries: readonly string[]): void {
  const { dlopen } = Deno.dlopen(host, { dlopen: { parameters: ["buffer", "i32"], result: "pointer" } }).symbols;
  const lazily = 1;
  for (const library of libraries) dlopen(encodeText(library + "\0"), lazily);
}

/**
 * Runs `f` with the process's standard error closed to native code. The framework library logs a line about oneDNN in a
 * static initializer, before it reads any log level that one could set. Only Linux builds do this.
 */
function withoutStderr(f: () => void): void {
  if (Deno.build.os !== "linux") return f();
  const C = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  }).symbols;
  const [stderr, writeOnly] = [2, 1];
  const saved = C.dup(stderr);
  const nowhere = C.open(encodeText("/dev/null\0"), writeOnly);
  C.dup2(nowhere, stderr);
  try {
    f();
  } finally {
    C.dup2(saved, stderr);
    C.close(saved);
    C.close(nowhere);
  }
}

const utf8 = new TextEncoder();
const cStrings = new Map<string, Bytes>();

/** A NUL-terminated string, cached because the names of ops and attributes recur on every call. */
export function cString(text: string): Bytes {
  let bytes = cStrings.get(text);
  if (bytes === undefined) {
    bytes = encodeText(text + "\0");
    cStrings.set(text, bytes);
  }
  return bytes;
}

/** UTF-8 bytes without a terminator. */
export function encodeText(text: string): Bytes {
  return utf8.encode(text) as Bytes;
}

/** The text at a `const char*`, "" at NULL. */
export function readCString(pointer: Pointer): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** A view of `length` bytes of native memory, valid while its owner lives. */
export function nativeBytes(pointer: Pointer, length: number): Uint8Array {
  return pointer === null || length === 0
    ? new Uint8Array()
    : new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, length));
}

/** The dimensions of a shape as the C API expects them. */
export function dimensions(shape: readonly number[]): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from(shape, BigInt);
}
