/**
 * Where an op goes: it runs at once, or it becomes part of the function that is being traced. This floor does not know
 * how functions are traced. It only lets the floor above register its open trace.
 *
 * @module
 */
import type { Attributes } from "./attributes.ts";
import type { Bytes } from "./c_api.ts";
import type { DType } from "./dtype.ts";
import { dtypeOfId, executeEager, readTensorBytes, type TensorMetadata } from "./eager.ts";

/** Receives ops while a function is traced. Its results are symbols: ids without a value. */
export type Tracer = {
  /** The traced function's name, for messages. */
  readonly name: string;
  /** Appends an op to the function. `ofLayer` says whether a layer of this library asks for it, and not tfjs. */
  readonly append: (
    op: string,
    attributes: Attributes,
    inputs: readonly number[],
    ofLayer: boolean,
  ) => TensorMetadata[];
  /** The dtype of a symbol. */
  readonly dtypeOf: (symbol: number) => DType;
};

let tracer: Tracer | undefined;

/** Symbols have their own ids, far above those of eager tensors. No id is used twice. */
const firstSymbol = 2 ** 40;
let symbols = firstSymbol;

/** Runs `body` while ops go to `next`. Afterwards they go where they went before. */
export function withTracer<T>(next: Tracer, body: () => T): T {
  const outer = tracer;
  tracer = next;
  try {
    return body();
  } finally {
    tracer = outer;
  }
}

/** An id for a new symbol. */
export function newSymbol(): number {
  return symbols++;
}

/** Whether an id is a symbol, of an open trace or of one that has ended. */
export function isSymbol(id: number): boolean {
  return id >= firstSymbol;
}

/** Runs an op now, or appends it to the open trace. */
export function execute(
  op: string,
  attributes: Attributes,
  inputs: readonly number[],
  outputs: number,
  ofLayer: boolean,
): TensorMetadata[] {
  if (tracer !== undefined) return tracer.append(op, attributes, inputs, ofLayer);
  inputs.forEach(refuseSymbol);
  return executeEager(op, attributes, inputs, outputs);
}

function refuseSymbol(id: number): void {
  if (isSymbol(id)) {
    throw new TypeError(
      "Cannot use a traced tensor: it was made inside a function given to jit and has no value outside of it; " +
        "return it from that function instead",
    );
  }
}

/**
 * A copy of a tensor's bytes.
 *
 * @throws {TypeError} if it is a symbol, which has no value.
 */
export function bytesOf(id: number): Bytes {
  if (isSymbol(id)) {
    throw new TypeError(
      `Cannot read a tensor's value while tracing${
        tracer === undefined ? "" : ` "${tracer.name}"`
      }: it has none yet; return it from the function and read the result`,
    );
  }
  return readTensorBytes(id);
}

/** TensorFlow's element type of a tensor, or of a symbol of the open trace. */
export function dtypeOfTensor(id: number): DType {
  return isSymbol(id) ? tracer!.dtypeOf(id) : dtypeOfId(id);
}
