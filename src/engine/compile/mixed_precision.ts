/**
 * Mixed precision: which ops of a function compute in bfloat16, and where tensors are cast.
 *
 * Products compute in bfloat16, since processors are faster in it. Layers keep their activations in bfloat16, in half of
 * the memory: what moves numbers keeps their precision, and so does the arithmetic of a layer. Whatever else is written
 * with tfjs's own ops computes in float32: losses, norms, optimizers. It is given products in float32, rounded once.
 *
 * tfjs is told that a tensor in bfloat16 is a float32 one.
 *
 * Source: arXiv:1710.03740, section 3; arXiv:1905.12322, section 3, for bfloat16.
 *
 * @module
 */
import type { DType } from "../native/mod.ts";
import type { Spec } from "./trace.ts";

/** Matrix products and convolutions. */
const products: ReadonlySet<string> = new Set([
  "BatchMatMulV2",
  "Conv2D",
  "Conv2DBackpropFilter",
  "Conv2DBackpropInput",
  "MatMul",
]);

/** Ops that move or choose numbers, and round none. */
const moves: ReadonlySet<string> = new Set([
  "BroadcastTo",
  "EnsureShape",
  "ExpandDims",
  "Identity",
  "MaxPool",
  "Pad",
  "PadV2",
  "Relu",
  "Reshape",
  "Slice",
  "Split",
  "SplitV",
  "StridedSlice",
  "Transpose",
  "Unpack",
]);

/** Ops that join tensors of one kind. Sums are among them: tfjs adds the gradients of a tensor that is used twice. */
const joins: ReadonlySet<string> = new Set(["Add", "AddN", "AddV2", "ConcatV2", "Pack"]);

/** The arithmetic of layers. Sums over many numbers are collected in float32 by TensorFlow's kernels. */
const arithmetic: ReadonlySet<string> = new Set(["Add", "AddV2", "BiasAdd", "BiasAddGrad", "Mul", "Softmax", "Sub"]);

/** Gradients that read an activation: its place among their inputs. */
const gradients: ReadonlyMap<string, number> = new Map([["MaxPoolGrad", 0], ["ReluGrad", 1]]);

/** Batch norm and its gradient: how many of their inputs are activations. The others are float32. */
const normalizations: ReadonlyMap<string, number> = new Map([["FusedBatchNormV3", 1], ["FusedBatchNormGradV3", 2]]);

/**
 * The type that each input of an op is cast to; undefined for those that stay as they are.
 *
 * @param op The op as registered in TensorFlow.
 * @param inputs Its inputs.
 * @param ofLayer Whether a layer of this library asks for it, and not tfjs.
 */
export function castsOf(op: string, inputs: readonly Spec[], ofLayer: boolean): readonly (DType | undefined)[] {
  if (op === "Cast" || op.startsWith("Collective")) return inputs.map(() => undefined); // what is sent has its own type
  const activations = normalizations.get(op) ?? inputs.length;
  const precision = isInBfloat16(op, inputs, ofLayer) ? "bfloat16" : "float32";
  return inputs.map((input, place) => {
    const wanted = place < activations ? precision : "float32";
    return isFloat(input) && input.dtype !== wanted ? wanted : undefined;
  });
}

/** Whether the results of an op are cast to float32: those of products that no layer asks for. */
export function givesFloat32(op: string, ofLayer: boolean): boolean {
  return products.has(op) && !ofLayer;
}

function isInBfloat16(op: string, inputs: readonly Spec[], ofLayer: boolean): boolean {
  const floats = inputs.filter(isFloat);
  const isHalf = ({ dtype }: Spec) => dtype === "bfloat16";
  if (products.has(op)) return true;
  if (moves.has(op)) return floats.slice(0, 1).some(isHalf);
  if (gradients.has(op)) return isHalf(inputs[gradients.get(op)!]);
  if (normalizations.has(op)) {
    return floats.slice(0, normalizations.get(op)).some(isHalf) && isFastNormalized(inputs[0]);
  }
  // What is smaller, such as a bias, is broadcast.
  if (ofLayer && arithmetic.has(op)) return floats.filter(isLargestOf(floats)).every(isHalf);
  return joins.has(op) && floats.every(isHalf);
}

/** Whether oneDNN has a fast batch norm in bfloat16: for channels that come in sixteens. */
function isFastNormalized({ shape }: Spec): boolean {
  return shape[shape.length - 1] % 16 === 0;
}

function isLargestOf(specs: readonly Spec[]): (spec: Spec) => boolean {
  const largest = Math.max(...specs.map(sizeOf));
  return (spec) => sizeOf(spec) === largest;
}

function isFloat({ dtype }: Spec): boolean {
  return dtype === "float32" || dtype === "bfloat16";
}

function sizeOf({ shape }: Spec): number {
  return shape.reduce((product, length) => product * length, 1);
}
