/**
 * A graph model of TensorFlow.js in the making: its nodes as JSON, and the constants that they read as bytes.
 *
 * @module
 */
import type { StoredTensor } from "../../files/safetensors.ts";
import type { Json } from "../../files/json.ts";
import type { Value } from "../network/operations.ts";

/** An attribute of a node, as TensorFlow's graphs have them in JSON. */
export type Attribute = { readonly [kind: string]: Json };

/** A graph in the making. */
export type Graph = {
  /** Adds a node and returns its first output. */
  readonly node: (op: string, inputs: readonly Value[], attributes?: Readonly<Record<string, Attribute>>) => Value;
  /** A float32 tensor as a constant. */
  readonly weight: (tensor: StoredTensor) => Value;
  /** Whole numbers as an int32 constant of a shape; by default a list. */
  readonly integers: (numbers: readonly number[], shape?: readonly number[]) => Value;
  /** A number as a float32 constant. */
  readonly scalar: (number: number) => Value;
  /** All nodes, and the constants' entries and bytes in the same order. */
  readonly finish: () => {
    readonly nodes: readonly Json[];
    readonly entries: readonly Json[];
    readonly bytes: readonly Uint8Array[];
  };
};

/** A graph that begins with its input. */
export function emptyGraph(input: string): Graph {
  const nodes: Json[] = [{ name: input, op: "Placeholder", attr: { dtype: type("DT_FLOAT") } }];
  const entries: Json[] = [];
  const bytes: Uint8Array[] = [];
  let count = 0;
  const constant = (name: string, dtype: "float32" | "int32", shape: readonly number[], data: Uint8Array): Value => {
    const dataType = dtype === "float32" ? "DT_FLOAT" : "DT_INT32";
    const tensorShape = { dim: shape.map((size) => ({ size: `${size}` })) };
    nodes.push({
      ...{ name, op: "Const" },
      attr: { dtype: type(dataType), value: { tensor: { dtype: dataType, tensorShape } } },
    });
    entries.push({ name, shape, dtype });
    bytes.push(data);
    return name;
  };
  return {
    node: (op, inputs, attributes = {}) => {
      const name = `n${count++}`;
      nodes.push({ name, op, input: inputs, attr: { T: type("DT_FLOAT"), ...attributes } });
      return name;
    },
    weight: ({ name, shape, data }) => constant(name, "float32", shape, data),
    integers: (numbers, shape = [numbers.length]) =>
      constant(`c${count++}`, "int32", shape, new Uint8Array(Int32Array.from(numbers).buffer)),
    scalar: (number) => constant(`c${count++}`, "float32", [], new Uint8Array(Float32Array.of(number).buffer)),
    finish: () => ({ nodes, entries, bytes }),
  };
}

/** The type of an element. */
export function type(name: "DT_FLOAT" | "DT_INT32"): Attribute {
  return { type: name };
}

/** A text, such as the name of a padding. */
export function text(value: string): Attribute {
  return { s: btoa(value) };
}

/** A whole number. */
export function integer(value: number): Attribute {
  return { i: `${value}` };
}

/** Whole numbers. */
export function integers(...values: readonly number[]): Attribute {
  return { list: { i: values.map(String) } };
}
