/**
 * Mixed precision: which ops of a function compute in bfloat16, and where tensors are cast.
 *
 * Products compute in bfloat16, since processors are faster in it. What is cheap beside them follows: it takes the
 * precision of what it is given, so that activations are held in half of the memory. Everything else computes in
 * float32: losses, norms, sums over an axis, optimizers. tfjs is told that a tensor in bfloat16 is a float32 one.
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

/** They move numbers, or compute each number of a result from few others. */
const followers: ReadonlySet<string> = new Set([
  "Add",
  "AddN",
  "AddV2",
  "BiasAdd",
  "BiasAddGrad",
  "BroadcastTo",
  "ConcatV2",
  "EnsureShape",
  "ExpandDims",
  "Identity",
  "MaxPool",
  "Mul",
  "Pack",
  "Pad",
  "PadV2",
  "Relu",
  "Reshape",
  "Slice",
  "Softmax",
  "Split",
  "SplitV",
  "StridedSlice",
  "Sub",
  "Transpose",
  "Unpack",
]);

/** Gradients of followers, which take the precision of the activations. */
const gradients: ReadonlySet<string> = new Set(["MaxPoolGrad", "ReluGrad"]);

/** Batch norm and its gradient, with the number of inputs that are activations. The others stay in float32. */
const normalizations: ReadonlyMap<string, number> = new Map([["FusedBatchNormV3", 1], ["FusedBatchNormGradV3", 2]]);

/**
 * The type that each input of an op is cast to; undefined for those that stay as they are.
 *
 * @param op The op as registered in TensorFlow.
 * @param operands Its inputs.
 */
export function castsOf(op: string, operands: readonly Spec[]): readonly (DType | undefined)[] {
  const all = (dtype: DType, count: number = operands.length) =>
    operands.map((operand, place) => isFloat(operand) && place < count && operand.dtype !== dtype ? dtype : undefined);
  const someInBfloat16 = (count: number = operands.length) =>
    operands.slice(0, count).some(({ dtype }) => dtype === "bfloat16");
  if (op === "Cast") return operands.map(() => undefined);
  if (products.has(op)) return all("bfloat16");
  if (gradients.has(op)) return all(someInBfloat16() ? "bfloat16" : "float32");
  if (followers.has(op)) return all(someInBfloat16() && !hasWide(operands) ? "bfloat16" : "float32");
  const activations = normalizations.get(op);
  return activations !== undefined && someInBfloat16(activations) && hasFastNormalization(operands[0])
    ? all("bfloat16", activations)
    : all("float32");
}

/** Whether one of the largest inputs is in float32. Smaller ones are broadcast, and take the precision of the others. */
function hasWide(operands: readonly Spec[]): boolean {
  const floats = operands.filter(isFloat);
  const largest = Math.max(...floats.map(sizeOf));
  return floats.some((operand) => operand.dtype === "float32" && sizeOf(operand) === largest);
}

/** Whether oneDNN has a fast batch norm in bfloat16: for channels that come in sixteens. */
function hasFastNormalization({ shape }: Spec): boolean {
  return shape[shape.length - 1] % 16 === 0;
}

function isFloat({ dtype }: Spec): boolean {
  return dtype === "float32" || dtype === "bfloat16";
}

function sizeOf({ shape }: Spec): number {
  return shape.reduce((product, length) => product * length, 1);
}
