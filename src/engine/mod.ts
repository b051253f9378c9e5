/**
 * The engine: tfjs's kernels on a current TensorFlow, reached through Deno FFI. Everything above this folder deals with
 * tensors and ops, and never with FFI.
 *
 * It has six floors: `install`, `native`, `compile`, `collective`, `data`, `ops`. Each imports only those below it,
 * through their `mod.ts`.
 *
 * @module
 */
export { EngineError, type EngineErrorKind } from "./install/mod.ts";
export {
  ahead,
  type Attributes,
  defineOp,
  type Device,
  type DType,
  dtypeOf,
  type EngineInfo,
  engineInfo,
  fromBytes,
  giveBackMemory,
  hasFastBfloat16,
  ignoresHangUp,
  type Membership,
  type Memory,
  memory,
  op,
  type OpDefinition,
  readBytes,
  type Saved,
  type Tensor,
  tf,
  toFloat,
  type Wire,
} from "./native/mod.ts";
export { type Cluster, joinCluster } from "./collective/mod.ts";
export {
  besideLastGradient,
  type Foreseen,
  foreseen,
  inFloat32,
  jit,
  type JitOptions,
  releaseWhileItFlowsBack,
  type Tree,
} from "./compile/mod.ts";
