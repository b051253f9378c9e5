/**
 * tfjs-node's binding, implemented over our engine. tfjs's kernels find here what the prebuilt addon offers in C++.
 *
 * @module
 */
import type { TFJSBinding } from "../../dependencies/tfjs_node_gpu.ts";
import { type DType, dtypeName, dtypes } from "./dtype.ts";
import { createTensor, dtypeOfId, liveHandles, readTensorStrings, releaseTensor } from "./eager.ts";
import { bytesOf, execute, isSymbol } from "./execute.ts";
import { hasGpu, runtime } from "./runtime.ts";

/** Values as tfjs passes them, converted to bytes of `dtype` (or byte strings). */
function encode(dtype: DType, values: unknown): Uint8Array | readonly Uint8Array[] {
  const utf8 = new TextEncoder();
  switch (dtype) {
    case "string":
      return (values as (Uint8Array | string)[]).map((value) => typeof value === "string" ? utf8.encode(value) : value);
    case "float32":
    case "complex64":
      return viewBytes(values instanceof Float32Array ? values : Float32Array.from(values as number[]));
    case "int32":
      return viewBytes(values instanceof Int32Array ? values : Int32Array.from(values as number[]));
    case "int64":
      return viewBytes(values as Int32Array | BigInt64Array);
    default:
      return viewBytes(values instanceof Uint8Array ? values : Uint8Array.from(values as number[]));
  }
}

function viewBytes(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function decode(id: number): Float32Array | Int32Array | Uint8Array {
  if (!isSymbol(id) && dtypeOfId(id) === "string") {
    return readTensorStrings(id) as unknown as Uint8Array; // tfjs reads strings as an array of byte strings
  }
  const bytes = bytesOf(id);
  const dtype = dtypeOfId(id);
  switch (dtype) {
    case "float32":
    case "complex64":
      return new Float32Array(bytes.buffer);
    case "int32":
      return new Int32Array(bytes.buffer);
    case "int64":
      return new BigInt64Array(bytes.buffer) as unknown as Int32Array;
    case "bool":
    case "uint8":
    case "resource":
      return bytes;
    default:
      throw new TypeError(`Cannot read a tensor of dtype ${dtype}: cast it to float32 first`);
  }
}

/**
 * An attribute in the form that its op accepts. tfjs gives `Multinomial` seeds with a fraction, which the addon
 * truncates.
 */
function attributeValue({ type, value }: TFEOpAttr): unknown {
  return type === intAttribute && typeof value === "number" ? Math.trunc(value) : value;
}

const intAttribute = 1;

class TensorMetadata {
  declare id: number;
  declare shape: number[];
  declare dtype: number;
}

class TFEOpAttr {
  declare name: string;
  declare type: number;
  declare value: boolean | number | object | string | number[];
}

function refuseSavedModel(): never {
  throw new TypeError("Cannot run a SavedModel: this engine does not support SavedModels");
}

/** The interface of tfjs-node's addon. */
export const binding: TFJSBinding = {
  TensorMetadata,
  TFEOpAttr,
  createTensor: (shape, dtype, values) => {
    const name = dtypeName(dtype);
    return createTensor(shape, name, encode(name, values));
  },
  // A symbol lives as long as its trace.
  deleteTensor: (id) => isSymbol(id) ? undefined : releaseTensor(id),
  tensorDataSync: decode,
  executeOp: (name, attributes, inputs, outputs) =>
    execute(
      name,
      Object.fromEntries(attributes.map((given) => [given.name, attributeValue(given)])),
      inputs,
      outputs,
      false,
    ),
  loadSavedModel: refuseSavedModel,
  deleteSavedModel: refuseSavedModel,
  runSavedModel: refuseSavedModel,
  getNumOfSavedModels: () => 0,
  getNumOfTensors: liveHandles,
  isUsingGpuDevice: hasGpu,
  TF_FLOAT: dtypes.float32,
  TF_INT32: dtypes.int32,
  TF_INT64: dtypes.int64,
  TF_BOOL: dtypes.bool,
  TF_COMPLEX64: dtypes.complex64,
  TF_STRING: dtypes.string,
  TF_RESOURCE: dtypes.resource,
  TF_UINT8: dtypes.uint8,
  // The numbers are our own choice, because an attribute's type is read from the op's registered definition.
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: intAttribute,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
  TF_ATTR_RESOURCE: 6,
  get TF_Version() {
    return runtime().version;
  },
};
