/**
 * Op attributes, set in the same way on an eager op and on a graph node. The two halves of the C API differ only in the
 * names of their setters.
 *
 * @module
 */
import { type Bytes, type CApi, cString, dimensions, encodeText, type Pointer } from "./c_api.ts";
import { type DType, dtypes } from "./dtype.ts";
import { opDef } from "./op_def.ts";
import { bytesField, integerField } from "./protobuf.ts";
import { runtime } from "./runtime.ts";

/**
 * Attribute values by name. A dtype is given by name or number, a string as text or bytes, a function by its name in
 * the eager context, a shape as its sizes with -1 for a size that is not known.
 */
export type Attributes = Readonly<Record<string, unknown>>;

type Setters = {
  readonly type: CApi["TF_SetAttrType"];
  readonly typeList: CApi["TF_SetAttrTypeList"];
  readonly int: CApi["TF_SetAttrInt"];
  readonly intList: CApi["TF_SetAttrIntList"];
  readonly float: CApi["TF_SetAttrFloat"];
  readonly floatList: CApi["TF_SetAttrFloatList"];
  readonly bool: CApi["TF_SetAttrBool"];
  readonly string: CApi["TF_SetAttrString"];
  readonly shape: (target: Pointer, name: Bytes, dims: BigInt64Array<ArrayBuffer>, rank: number) => void;
  /** Any attribute, as a serialized `AttrValue`. */
  readonly message: (target: Pointer, name: Bytes, message: Bytes) => void;
};

/** The setters of eager ops (`TFE_OpSetAttr*`). */
export function eagerSetters(C: CApi): Setters {
  return {
    type: C.TFE_OpSetAttrType,
    typeList: C.TFE_OpSetAttrTypeList,
    int: C.TFE_OpSetAttrInt,
    intList: C.TFE_OpSetAttrIntList,
    float: C.TFE_OpSetAttrFloat,
    floatList: C.TFE_OpSetAttrFloatList,
    bool: C.TFE_OpSetAttrBool,
    string: C.TFE_OpSetAttrString,
    shape: (target, name, dims, rank) => C.TFE_OpSetAttrShape(target, name, dims, rank, runtime().status),
    message: (target, name, message) =>
      C.TFE_OpSetAttrValueProto(target, name, message, BigInt(message.length), runtime().status),
  };
}

/** The setters of graph nodes (`TF_SetAttr*`). */
export function graphSetters(C: CApi): Setters {
  return {
    type: C.TF_SetAttrType,
    typeList: C.TF_SetAttrTypeList,
    int: C.TF_SetAttrInt,
    intList: C.TF_SetAttrIntList,
    float: C.TF_SetAttrFloat,
    floatList: C.TF_SetAttrFloatList,
    bool: C.TF_SetAttrBool,
    string: C.TF_SetAttrString,
    shape: C.TF_SetAttrShape,
    message: (target, name, message) =>
      C.TF_SetAttrValueProto(target, name, message, BigInt(message.length), runtime().status),
  };
}

/**
 * Sets the attributes of an op that TensorFlow cannot infer. Those that it infers from the inputs are left to it: tfjs
 * calls a uint8 tensor "int32", but the native tensor knows its real type.
 */
export function setAttributes(setters: Setters, target: Pointer, op: string, attributes: Attributes): void {
  const definition = opDef(op);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || definition?.inferred.has(name)) continue;
    const kind = definition === undefined ? kindOf(value) : definition.attributes.get(name);
    if (kind === undefined) {
      const expected = [...definition!.attributes.keys()].join(", ");
      throw new TypeError(`Cannot set attribute "${name}" of ${op}: expected one of ${expected}`);
    }
    setAttribute(setters, target, op, name, kind, value);
  }
}

/** The type of an attribute of a traced function, which has no registered definition. */
function kindOf(value: unknown): string {
  return typeof value === "boolean" ? "bool" : typeof value === "number" ? "int" : "string";
}

function setAttribute(setters: Setters, target: Pointer, op: string, name: string, kind: string, value: unknown) {
  const key = cString(name);
  const list = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  switch (kind) {
    case "type":
      return setters.type(target, key, dtypeNumber(value));
    case "list(type)":
      return setters.typeList(target, key, Int32Array.from(list, dtypeNumber), list.length);
    case "int":
      return setters.int(target, key, BigInt(value as number));
    case "list(int)":
      return setters.intList(target, key, dimensions(list as number[]), list.length);
    case "float":
      return setters.float(target, key, Number(value));
    case "list(float)":
      return setters.floatList(target, key, Float32Array.from(list as number[]), list.length);
    case "bool":
      return setters.bool(target, key, value ? 1 : 0);
    case "string": {
      const bytes = value instanceof Uint8Array ? value as Bytes : encodeText(String(value));
      return setters.string(target, key, bytes, BigInt(bytes.length));
    }
    case "shape":
      return setters.shape(target, key, dimensions(value as number[]), (value as number[]).length);
    case "func":
      return setters.message(target, key, Uint8Array.from(functionValue(value as string)));
    case "list(func)":
      return setters.message(target, key, listValue(9, (list as string[]).map(nameAttrList)));
    case "list(shape)":
      return setters.message(target, key, listValue(7, (list as number[][]).map(tensorShape)));
    default:
      throw new TypeError(`Cannot set attribute "${name}" of ${op}: attributes of type ${kind} are not supported`);
  }
}

// Field numbers of AttrValue, AttrValue.ListValue, NameAttrList and TensorShapeProto in tensorflow/core/framework.
function functionValue(name: string): number[] {
  return bytesField(10, nameAttrList(name));
}

function listValue(field: number, values: readonly (readonly number[])[]): Bytes {
  return Uint8Array.from(bytesField(1, values.flatMap((value) => bytesField(field, value))));
}

function nameAttrList(name: string): number[] {
  return bytesField(1, name);
}

function tensorShape(shape: readonly number[]): number[] {
  return shape.flatMap((size) => bytesField(2, integerField(1, size)));
}

function dtypeNumber(dtype: unknown): number {
  return typeof dtype === "number" ? dtype : dtypes[dtype as DType];
}
