/**
 * A graph of ONNX in the making: nodes one after another, and the constants that they read.
 *
 * @module
 */
import {
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  onnx,
  type TensorProto,
  type ValueInfoProto,
} from "../../dependencies/onnx_proto.ts";
import type { StoredTensor } from "../../files/safetensors.ts";
import type { Value } from "../network/operations.ts";

/**
 * How a graph holds its weights: as they are, rounded to float16, or to 8 bits with a scale for each output channel.
 */
export type Precision = "float32" | "float16" | "int8";

/** Attributes of a node: whole numbers, lists of them, and, through {@linkcode real}, other numbers. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly real: number }>>;

/** A graph in the making. */
export type Graph = {
  /** Adds a node and returns its one output. */
  readonly node: (operator: string, inputs: readonly Value[], attributes?: Attributes) => Value;
  /** Adds a node with several outputs. */
  readonly nodes: (operator: string, inputs: readonly Value[], outputs: number, attributes?: Attributes) => Value[];
  /**
   * A float32 tensor as a constant of the graph's precision.
   *
   * @param outputs The axis of the output channels of a convolution or a matrix, each of which has a scale of its own
   *   with "int8". Absent for what is small: it stays as it is.
   */
  readonly weight: (tensor: StoredTensor, outputs?: number) => Value;
  /** Whole numbers, int64 [count]. */
  readonly integers: (...numbers: readonly number[]) => Value;
  /** A number of the graph's precision. */
  readonly scalar: (number: number) => Value;
  /** Numbers of the graph's precision, as a tensor. */
  readonly floats: (numbers: readonly number[], shape: readonly number[]) => Value;
  /** Images [N, C, height, width] resized to `sizes` [4]: bilinear, antialiased where it shrinks, as by Pillow. */
  readonly resized: (images: Value, sizes: Value) => Value;
  /** Gives a value a name of its own, as an output needs it. */
  readonly named: (name: string, value: Value) => void;
  /** The message of the graph, once its nodes are there. */
  readonly finish: (name: string, inputs: readonly Port[], outputs: readonly Port[]) => GraphProto;
};

/** An input or an output: a number is a size, a text names one that is not fixed. */
export type Port = {
  readonly name: Value;
  readonly dtype: "float32" | "uint8";
  readonly shape: readonly (number | string)[];
};

const { FLOAT, FLOAT16, INT8, INT64, UINT8 } = onnx.TensorProto.DataType;

/** The data type of what is computed. */
export function computed(precision: Precision): number {
  return precision === "float16" ? FLOAT16 : FLOAT;
}

/** A graph without nodes. */
export function emptyGraph(precision: Precision): Graph {
  const made: NodeProto[] = [];
  const initializer: TensorProto[] = [];
  const known = new Set<string>();
  let count = 0;

  const constant = (name: string, dataType: number, dims: readonly number[], data: ArrayBufferView): Value => {
    if (!known.has(name)) {
      const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      initializer.push({ name, dataType, dims: [...dims], rawData });
      known.add(name);
    }
    return name;
  };
  const nodes: Graph["nodes"] = (opType, input, outputs, attributes = {}) => {
    const output = Array.from({ length: outputs }, () => `v${count++}`);
    made.push({ opType, input: [...input], output, attribute: Object.entries(attributes).map(attribute) });
    return output;
  };
  const node: Graph["node"] = (operator, inputs, attributes) => nodes(operator, inputs, 1, attributes)[0];
  const floats: Graph["floats"] = (numbers, shape) => {
    const name = `floats ${numbers} [${shape}]`;
    return precision === "float16"
      ? constant(name, FLOAT16, shape, Float16Array.from(numbers))
      : constant(name, FLOAT, shape, Float32Array.from(numbers));
  };
  return {
    node,
    nodes,
    floats,
    scalar: (number) => floats([number], []),
    integers: (...numbers) =>
      constant(`integers ${numbers}`, INT64, [numbers.length], BigInt64Array.from(numbers.map(BigInt))),
    weight: (tensor, outputs) => {
      const { name, shape } = tensor;
      const values = new Float32Array(tensor.data.slice().buffer);
      if (precision === "float16") return constant(name, FLOAT16, shape, Float16Array.from(values));
      if (precision === "float32" || outputs === undefined) return constant(name, FLOAT, shape, values);
      const { rounded, scales } = inEightBits(values, shape, outputs);
      return node("DequantizeLinear", [
        constant(name, INT8, shape, rounded),
        constant(`${name} scale`, FLOAT, [scales.length], scales),
      ], { axis: outputs });
    },
    resized: (images, sizes) => {
      const output = `v${count++}`;
      const text = (name: string, value: string): AttributeProto => ({
        ...{ name, type: onnx.AttributeProto.AttributeType.STRING, s: new TextEncoder().encode(value) },
      });
      const how = [text("mode", "linear"), text("coordinate_transformation_mode", "half_pixel")];
      const antialias = attribute(["antialias", 1]);
      made.push({ opType: "Resize", input: [images, "", "", sizes], output: [output], attribute: [...how, antialias] });
      return output;
    },
    named: (name, value) => {
      made.push({ opType: "Identity", input: [value], output: [name], attribute: [] });
    },
    finish: (name, inputs, outputs) => ({
      name,
      node: made,
      initializer,
      input: inputs.map(port),
      output: outputs.map(port),
    }),
  };
}

/** A number that is not whole, as an attribute. */
export function real(number: number): { readonly real: number } {
  return { real: number };
}

function attribute([name, value]: readonly [string, Attributes[string]]): AttributeProto {
  const { FLOAT, INT, INTS } = onnx.AttributeProto.AttributeType;
  if (typeof value === "number") return { name, type: INT, i: value };
  return "real" in value ? { name, type: FLOAT, f: value.real } : { name, type: INTS, ints: [...value] };
}

function port({ name, dtype, shape }: Port): ValueInfoProto {
  const dim = shape.map((size) => typeof size === "number" ? { dimValue: size } : { dimParam: size });
  return { name, type: { tensorType: { elemType: dtype === "uint8" ? UINT8 : FLOAT, shape: { dim } } } };
}

/** Whole numbers in [-127, 127] that approximate values, times a scale for each index of an axis. */
function inEightBits(values: Float32Array, shape: readonly number[], axis: number) {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const channelOf = (place: number) => Math.floor(place / inner) % shape[axis];
  const greatest = new Float32Array(shape[axis]);
  values.forEach((value, place) => {
    greatest[channelOf(place)] = Math.max(greatest[channelOf(place)], Math.abs(value));
  });
  const scales = greatest.map((most) => most === 0 ? 1 : most / 127);
  return { rounded: Int8Array.from(values, (value, place) => Math.round(value / scales[channelOf(place)])), scales };
}
