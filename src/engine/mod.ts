/**
 * The engine: tfjs's kernels on a current TensorFlow, reached through Deno FFI. Everything above this folder knows
 * tensors and ops, and nothing of FFI.
 *
 * @module
 */
export { type Tensor, tf } from "./backend.ts";
export type { Attributes } from "./attributes.ts";
export type { DType } from "./dtype.ts";
export { EngineError, type EngineErrorKind } from "./errors.ts";
export type { Device } from "./runtime.ts";
export { type EngineInfo, engineInfo } from "./info.ts";
export { jit, type JitOptions, type Tree } from "./jit.ts";
export { defineOp, dtypeOf, fromBytes, op, type OpDefinition, readBytes, type Saved, toFloat } from "./op.ts";
