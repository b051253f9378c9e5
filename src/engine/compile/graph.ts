/**
 * Tracing: while a trace is open, ops are appended to a graph instead of executed. Results are symbols: ids without a
 * value, whose shapes TensorFlow infers.
 *
 * @module
 */
import {
  addFunction,
  adopt,
  type Attributes,
  type Bytes,
  type CApi,
  check,
  cString,
  dimensions,
  type DType,
  dtypeName,
  dtypeOfId,
  dtypes,
  encodeText,
  graphSetters,
  groupInputs,
  handleOf,
  isSymbol,
  newSymbol,
  opDef,
  type Pointer,
  runtime,
  setAttributes,
  shapeOfId,
  type TensorMetadata,
  type Tracer,
  withTensor,
  withTracer,
} from "../native/mod.ts";
import { addsSum, keptSum, nodeName, overwritesDonated } from "./in_place.ts";
import { castsOf, givesFloat32 } from "./mixed_precision.ts";
import type { Compilation, Node, Spec, Symbol, Trace } from "./trace.ts";
import { workOf } from "./work.ts";

/**
 * A small eager tensor met in a trace becomes a constant of the graph; a larger one becomes an input of the function.
 */
const largestConstant = 4096; // bytes

let current: Trace | undefined;

/** The open trace, if any. */
export function currentTrace(): Trace | undefined {
  return current;
}

/** What is recorded about a symbol of a trace. */
export function metadataOf(trace: Trace, id: number): TensorMetadata {
  return described(id, trace.symbols.get(id)!);
}

/** The type of a symbol of a trace. */
export function dtypeIn(trace: Trace, id: number): DType {
  return dtypeName(trace.symbols.get(id)!.dtype);
}

/** The op that made a symbol; undefined for inputs of the function, constants, and calls of other functions. */
export function nodeOf(trace: Trace, id: number): Node | undefined {
  return trace.nodes.get(id);
}

/**
 * Runs `body` with ops going to a new graph. The trace is closed and its graph deleted whatever happens, and what it has
 * captured is freed unless {@linkcode takeCaptured} was called.
 */
export function withTrace<T>(name: string, compilation: Compilation, body: (trace: Trace) => T): T {
  const { C } = runtime();
  const trace: Trace = {
    name,
    compilation,
    graph: C.TF_NewGraph(),
    symbols: new Map(),
    captured: [],
    donated: new Set(),
    nodes: new Map(),
    casts: new Map(),
    kernels: new Map(),
    size: 0,
    work: 0,
    longestPath: 0,
  };
  const tracer: Tracer = {
    name,
    append: (op, attributes, inputs, ofLayer) => executeTraced(trace, op, attributes, inputs, [], ofLayer),
    dtypeOf: (symbol) => dtypeIn(trace, symbol),
  };
  const outer = current;
  current = trace;
  try {
    return withTracer(tracer, () => body(trace));
  } finally {
    current = outer;
    trace.captured.forEach(({ handle }) => C.TFE_DeleteTensorHandle(handle));
    C.TF_DeleteGraph(trace.graph);
  }
}

/** The tensors that a trace has captured, as ids that belong to the caller from now on. */
export function takeCaptured(trace: Trace): number[] {
  return trace.captured.splice(0).map(({ handle }) => adopt(handle).id);
}

/** An input of the traced function. */
export function placeholder(trace: Trace, dtype: DType, shape: readonly number[]): TensorMetadata {
  return register(trace, placeholderNode(trace, dtype, shape));
}

function placeholderNode(trace: Trace, dtype: DType, shape: readonly number[]): Symbol {
  const node = finish(trace, "Placeholder", (C, description) => {
    C.TF_SetAttrType(description, cString("dtype"), dtypes[dtype]);
    C.TF_SetAttrShape(description, cString("shape"), dimensions(shape), shape.length);
  });
  return symbolOf(trace, node, 0);
}

/**
 * Appends an op to the trace. It runs after the ops that make `awaited`, which need not be among its inputs. `ofLayer`
 * says whether a layer asks for it, which counts for its precision.
 */
export function executeTraced(
  trace: Trace,
  name: string,
  attributes: Attributes,
  inputs: readonly number[],
  awaited: readonly number[] = [],
  ofLayer = false,
): TensorMetadata[] {
  const given = inPrecision(trace, name, inputs, ofLayer);
  const symbols = given.map((id) => toSymbol(trace, id));
  const before = awaited.map((id) => toSymbol(trace, id));
  const overwrites = overwritesDonated(trace, name, given);
  const node = finish(
    trace,
    name,
    (C, description) => {
      for (const input of groupInputs(opDef(name)!, symbols, attributes)) {
        if ("output" in input) C.TF_AddInput(description, input.output);
        else C.TF_AddInputList(description, outputArray(input), input.length);
      }
      for (const symbol of before) C.TF_AddControlInput(description, operationOf(symbol));
      setAttributes(graphSetters(C), description, name, attributes);
      if (overwrites && addsSum(trace, name, given)) C.TF_SetAttrBool(description, cString(keptSum), 1);
    },
    symbols,
    overwrites,
  );
  const { C } = runtime();
  const made = Array.from({ length: C.TF_OperationNumOutputs(node) }, (_, index) => symbolOf(trace, node, index));
  const work = workOf(name, symbols.map(({ shape }) => shape), made.map(({ shape }) => shape), attributes);
  const ready = count(trace, [...symbols, ...before], work);
  const outputs = made.map((symbol) => register(trace, { ...symbol, ready }));
  for (const { id } of outputs) {
    if (overwrites) trace.donated.add(id);
    trace.nodes.set(id, { op: name, attributes, inputs: given });
  }
  if (!trace.compilation.mixed || !givesFloat32(name, ofLayer)) return outputs;
  return outputs.map(({ id }) => metadataOf(trace, castTo(trace, id, "float32")));
}

/** Counts the work of an op that follows others, in nanoseconds, and tells when it is done. */
function count(trace: Trace, after: readonly Symbol[], work: number): number {
  const done = work + Math.max(0, ...after.map(({ ready }) => ready));
  trace.work += work;
  trace.longestPath = Math.max(trace.longestPath, done);
  return done;
}

/** An op's inputs in the precision in which it computes. */
function inPrecision(trace: Trace, name: string, inputs: readonly number[], ofLayer: boolean): readonly number[] {
  if (!trace.compilation.mixed) return inputs;
  const casts = castsOf(name, inputs.map((id) => specOf(toSymbol(trace, id))), ofLayer);
  return inputs.map((id, place) => casts[place] === undefined ? id : castTo(trace, id, casts[place]));
}

/** A symbol in another type. It is cast once: a weight serves the forward and the backward pass. */
export function castTo(trace: Trace, id: number, dtype: DType): number {
  const known = trace.casts.get(id);
  if (known !== undefined) return known;
  const [{ id: cast }] = executeTraced(trace, "Cast", { DstT: dtype }, [id]);
  trace.casts.set(id, cast);
  return cast;
}

/** Appends a call of another function, which XLA compiles. `outputs` are the results that it was traced to return. */
export function callFunction(
  trace: Trace,
  functionName: string,
  inputs: readonly number[],
  outputs: readonly TensorMetadata[],
): TensorMetadata[] {
  const { C, status } = runtime();
  const symbols = inputs.map((id) => toSymbol(trace, id));
  const types = outputs.map((output) => output.dtype);
  trace.kernels.set(functionName, { inputs: symbols.map(specOf), outputs });
  const node = finish(trace, "PartitionedCall", (C, description) => {
    C.TF_AddInputList(description, outputArray(symbols), symbols.length);
    C.TF_SetAttrTypeList(description, cString("Tout"), Int32Array.from(types), types.length);
    C.TF_SetAttrFuncName(description, cString("f"), cString(functionName), BigInt(functionName.length));
    C.TF_SetAttrBool(description, cString("_XlaMustCompile"), 1);
  }, symbols);
  const ready = count(trace, symbols, workOf("PartitionedCall", [], outputs.map(({ shape }) => shape), {}));
  return outputs.map(({ shape }, index) => {
    C.TF_GraphSetTensorShape(trace.graph, outputOf(node, index), dimensions(shape), shape.length, status);
    check(() => `call "${functionName}" in "${trace.name}"`);
    return register(trace, { ...symbolOf(trace, node, index), ready });
  });
}

/** The `TF_Output`s of symbols side by side, as the C API takes arrays of them. */
export function outputArray(symbols: readonly Symbol[]): Bytes {
  const bytes = new Uint8Array(16 * symbols.length);
  symbols.forEach((symbol, index) => bytes.set(symbol.output, 16 * index));
  return bytes;
}

/** The symbol of an id. An eager tensor is brought into the graph first. */
export function toSymbol(trace: Trace, id: number): Symbol {
  const known = trace.symbols.get(id);
  if (known !== undefined) return known;
  if (isSymbol(id)) {
    throw new TypeError(
      `Cannot use a traced tensor in "${trace.name}": it belongs to a trace that has ended; ` +
        "return it from that function instead",
    );
  }
  const symbol = isOpaque(id) || bytesOf(id) > largestConstant ? capture(trace, id) : constant(trace, id);
  trace.symbols.set(id, symbol);
  return symbol;
}

/** Whether a tensor stands for something that a graph cannot hold, such as a queue or a data set. */
function isOpaque(id: number): boolean {
  const dtype = dtypeOfId(id);
  return dtype === "resource" || dtype === "variant";
}

function bytesOf(id: number): number {
  const { C } = runtime();
  return withTensor(id, (tensor) => Number(C.TF_TensorByteSize(tensor)));
}

function constant(trace: Trace, id: number): Symbol {
  const node = withTensor(id, (tensor) =>
    finish(trace, "Const", (C, description) => {
      C.TF_SetAttrType(description, cString("dtype"), dtypes[dtypeOfId(id)]);
      C.TF_SetAttrTensor(description, cString("value"), tensor, runtime().status);
    }));
  return symbolOf(trace, node, 0);
}

function capture(trace: Trace, id: number): Symbol {
  const { C, status } = runtime();
  const placeholder = placeholderNode(trace, dtypeOfId(id), shapeOfId(id));
  const handle = C.TFE_TensorHandleCopySharingTensor(handleOf(id), status);
  check(() => `capture a tensor in "${trace.name}"`);
  trace.captured.push({ placeholder, handle });
  return placeholder;
}

function finish(
  trace: Trace,
  name: string,
  describe: (C: CApi, description: Pointer) => void,
  inputs: readonly Symbol[] = [],
  overwrites = false,
): Pointer {
  const { C, status } = runtime();
  const called = encodeText(`${nodeName(name, trace.size++, overwrites)}\0`);
  const description = C.TF_NewOperation(trace.graph, cString(name), called);
  describe(C, description);
  const node = C.TF_FinishOperation(description, status);
  check(() => `trace ${name} on (${inputs.map((symbol) => `[${symbol.shape}]`).join(", ")}) in "${trace.name}"`);
  return node;
}

function symbolOf(trace: Trace, node: Pointer, index: number): Symbol {
  const { C, status } = runtime();
  const output = outputOf(node, index);
  const rank = C.TF_GraphGetTensorNumDims(trace.graph, output, status);
  check(() => `read the rank of a result in "${trace.name}"`);
  // A result of unknown rank (batch norm's reserve space) is only ever passed to the op that knows it.
  const dims = new BigInt64Array(Math.max(rank, 1));
  if (rank > 0) C.TF_GraphGetTensorShape(trace.graph, output, dims, rank, status);
  check(() => `read the shape of a result in "${trace.name}"`);
  const shape = Array.from(dims.subarray(0, Math.max(rank, 0)), Number);
  return { output, shape, dtype: C.TF_OperationOutputType(output), ready: 0 };
}

/** A `TF_Output`: an operation and the index of one of its results. */
function outputOf(node: Pointer, index: number): Bytes {
  const output = new Uint8Array(16);
  const view = new DataView(output.buffer);
  view.setBigUint64(0, Deno.UnsafePointer.value(node), true);
  view.setInt32(8, index, true);
  return output;
}

/** The operation that makes a symbol, the first half of a `TF_Output`. */
function operationOf({ output }: Symbol): Pointer {
  return Deno.UnsafePointer.create(new DataView(output.buffer).getBigUint64(0, true));
}

function register(trace: Trace, symbol: Symbol): TensorMetadata {
  const id = newSymbol();
  trace.symbols.set(id, symbol);
  return described(id, symbol);
}

function specOf({ shape, dtype }: Symbol): Spec {
  return { shape, dtype: dtypeName(dtype) };
}

/** What tfjs is told about a symbol: it knows no bfloat16. */
function described(id: number, { shape, dtype }: Symbol): TensorMetadata {
  return { id, shape, dtype: dtype === dtypes.bfloat16 ? dtypes.float32 : dtype };
}

/** Makes the trace a TensorFlow function. */
export function toFunction(
  trace: Trace,
  functionName: string,
  inputs: readonly number[],
  outputs: readonly number[],
): void {
  const { C, status } = runtime();
  const inputSymbols = [
    ...inputs.map((id) => trace.symbols.get(id)!),
    ...trace.captured.map((capture) => capture.placeholder),
  ];
  const outputSymbols = outputs.map((id) => trace.symbols.get(id)!);
  const made = C.TF_GraphToFunction(
    trace.graph,
    cString(functionName),
    0,
    -1, // all nodes
    null,
    inputSymbols.length,
    outputArray(inputSymbols),
    outputSymbols.length,
    outputArray(outputSymbols),
    null,
    null,
    null,
    status,
  );
  check(() => `make a function of "${trace.name}"`);
  addFunction(made);
}
