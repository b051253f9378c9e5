/**
 * The engine: tfjs's kernels on a current TensorFlow, reached through Deno FFI. Everything above this folder knows
 * tensors and ops, and nothing of FFI.
 *
 * @module
 */
export { type Tensor, tf } from "./native/backend.ts";
export type { Attributes } from "./native/attributes.ts";
export type { DType } from "./native/dtype.ts";
export { EngineError, type EngineErrorKind } from "./install/errors.ts";
export type { Device } from "./native/runtime.ts";
export { type EngineInfo, engineInfo } from "./native/info.ts";
export { jit, type JitOptions, type Tree } from "./compile/jit.ts";
export { defineOp, dtypeOf, fromBytes, op, type OpDefinition, readBytes, type Saved, toFloat } from "./compile/op.ts";
