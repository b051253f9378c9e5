/**
 * TensorFlow's C API and eager execution on it: tensors, ops by name, and tfjs's kernels. Tracing and compiling
 * functions is the business of the floor above.
 *
 * @module
 */
export { ahead } from "./ahead.ts";
export { type Attributes, graphSetters, setAttributes } from "./attributes.ts";
export { backend, type Tensor, tf } from "./backend.ts";
export { forcesBfloat16, hasFastBfloat16 } from "./bfloat16.ts";
export { type Bytes, type CApi, cString, dimensions, encodeText, type Pointer } from "./c_api.ts";
export { type Membership, taskName, type Wire } from "./cluster.ts";
export { addFunction, type Threads, threadsOfAll } from "./contexts.ts";
export { type DType, dtypeName, dtypes, dtypeWidth } from "./dtype.ts";
export {
  adopt,
  createTensor,
  dtypeOfId,
  executeEager,
  handleOf,
  readTensorBytes,
  readTensorStrings,
  releaseTensor,
  shapeOfId,
  type TensorMetadata,
  withTensor,
} from "./eager.ts";
export { isSymbol, newSymbol, type Tracer, withTracer } from "./execute.ts";
export { ignoresHangUp } from "./ignored.ts";
export { type EngineInfo, engineInfo } from "./info.ts";
export { type Memory, memory } from "./memory.ts";
export { defineOp, op, type OpDefinition, type Saved } from "./op.ts";
export { groupInputs, opDef } from "./op_def.ts";
export { hasMatrixUnit, multipliesSixteenFloats } from "./processor.ts";
export { bytesField, doubleField, floatField, integerField } from "./protobuf.ts";
export { quietNativeCode } from "./quiet.ts";
export { giveBackMemory } from "./resident.ts";
export { check, type Device, hasGpu, inCluster, runtime, startInCluster } from "./runtime.ts";
export { dtypeOf, fromBytes, idOf, readBytes, toFloat } from "./tensor.ts";
