/**
 * What TensorFlow's op registry says about an op: which inputs are lists, and the type of every attribute. The registry
 * is asked at run time, so no op needs a table of its own here.
 *
 * @module
 */
import { type Bytes, cString, nativeBytes } from "./c_api.ts";
import { asText, type Field, fields } from "./protobuf.ts";
import { runtime } from "./runtime.ts";

/** One declared input: a tensor, or a list whose length or dtypes an attribute gives. */
export type InputDef = {
  readonly name: string;
  /** The integer attribute that counts a homogeneous list. */
  readonly countedBy?: string;
  /** The list attribute that holds the dtypes of a heterogeneous list. */
  readonly typedBy?: string;
};

/** An op as registered. */
export type OpDef = {
  readonly inputs: readonly InputDef[];
  /** Attribute name to its registered type: "int", "float", "bool", "string", "type", "shape", "list(int)", ... */
  readonly attributes: ReadonlyMap<string, string>;
  /** Attributes that TensorFlow infers from the inputs: dtypes and list lengths. */
  readonly inferred: ReadonlySet<string>;
};

const known = new Map<string, OpDef | undefined>();

/** The registered definition of an op; `undefined` for the name of a traced function. */
export function opDef(name: string): OpDef | undefined {
  if (!known.has(name)) known.set(name, readOpDef(name));
  return known.get(name);
}

function readOpDef(name: string): OpDef | undefined {
  const { C, status, emptyGraph } = runtime();
  // TF_Buffer is { void* data; size_t length; void (*deallocator)(void*, size_t) }.
  const buffer = new BigUint64Array(3);
  C.TF_GraphGetOpDef(emptyGraph, cString(name), new Uint8Array(buffer.buffer) as Bytes, status);
  if (C.TF_GetCode(status) !== 0) return undefined;
  const message = nativeBytes(Deno.UnsafePointer.create(buffer[0]), Number(buffer[1])).slice();
  return parseOpDef(fields(message));
}

// Field numbers of OpDef, OpDef.ArgDef and OpDef.AttrDef in tensorflow/core/framework/op_def.proto.
function parseOpDef(message: readonly Field[]): OpDef {
  const inferred = new Set<string>();
  const inputs = message.filter((field) => field.number === 2).map((field): InputDef => {
    const parts = fields(field.bytes);
    const text = (number: number) => {
      const part = parts.find((part) => part.number === number);
      return part === undefined ? undefined : asText(part);
    };
    const [typeAttribute, countedBy, typedBy] = [text(4), text(5), text(6)];
    for (const attribute of [typeAttribute, countedBy, typedBy]) if (attribute !== undefined) inferred.add(attribute);
    return { name: text(1) ?? "", countedBy, typedBy };
  });
  const attributes = new Map(
    message.filter((field) => field.number === 4).map((field) => {
      const parts = fields(field.bytes);
      const text = (number: number) => asText(parts.find((part) => part.number === number)!);
      return [text(1), text(2)] as const;
    }),
  );
  return { inputs, attributes, inferred };
}

/** Splits a flat list of inputs into the op's declared ones: single tensors stay single, lists become arrays. */
export function groupInputs<T>(
  definition: OpDef,
  flat: readonly T[],
  attributes: Readonly<Record<string, unknown>>,
): (T | readonly T[])[] {
  const singles = definition.inputs.filter((input) => !isList(input)).length;
  let at = 0;
  return definition.inputs.map((input) => {
    if (!isList(input)) return flat[at++];
    const types = input.typedBy === undefined ? undefined : attributes[input.typedBy];
    const length = Array.isArray(types)
      ? types.length
      : Number(attributes[input.countedBy ?? ""] ?? flat.length - singles);
    at += length;
    return flat.slice(at - length, at);
  });
}

function isList(input: InputDef): boolean {
  return input.countedBy !== undefined || input.typedBy !== undefined;
}
