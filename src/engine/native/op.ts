/**
 * TensorFlow ops by name, as plain calls and as differentiable ones.
 *
 * @module
 */
import type { Attributes } from "./attributes.ts";
import { backend, type Tensor, tf } from "./backend.ts";
import { type DType, dtypeName, dtypes } from "./dtype.ts";
import { execute } from "./execute.ts";

/**
 * Runs a TensorFlow op, or appends it to the open trace. Not differentiable by itself: see {@linkcode defineOp}.
 *
 * @param name The op as registered in TensorFlow, such as "Relu".
 * @param inputs Its inputs in order; one that is declared as a list is given as an array.
 * @param attributes Those that do not follow from the inputs; dtypes are given by name.
 * @returns Every output.
 * @throws {EngineError} with the op's name and input shapes, if TensorFlow refuses.
 */
export function op(
  name: string,
  inputs: readonly (Tensor | readonly Tensor[])[],
  attributes: Attributes = {},
): Tensor[] {
  return execute(name, attributes, backend().getInputTensorIds(inputs.flat() as Tensor[]), 64, true)
    .map((metadata) => backend().createOutputTensor({ ...metadata, dtype: toTfjs(metadata.dtype) }));
}

/**
 * The element type to report to tfjs, as a `TF_DataType`. uint8 is reported as "int32", and tfjs takes other unknown
 * integer types for it too. A variant, such as a data set, is reported as a resource, and bfloat16 as float32.
 * `dtypeOf` gives the real type.
 */
function toTfjs(dtype: number): number {
  if (dtype === dtypes.bfloat16) return dtypes.float32;
  if (dtype === dtypes.variant) return dtypes.resource;
  return unknownIntegers.has(dtypeName(dtype)) ? dtypes.uint8 : dtype;
}

const unknownIntegers = new Set<DType>(["int8", "int16", "uint16", "uint32", "int64", "uint64"]);

/** What a gradient function can use. */
export type Saved<Name extends string> = {
  readonly inputs: Readonly<Record<Name, Tensor>>;
  readonly outputs: Readonly<Record<number, Tensor>>;
};

/** A differentiable op: what it computes and how a change of its outputs flows back. */
export type OpDefinition<Name extends string> = {
  readonly name: string;
  readonly inputs: readonly Name[];
  readonly forward: (inputs: Readonly<Record<Name, Tensor>>, attributes: Attributes) => Tensor[];
  /** The gradient for each input that has one, given those of the outputs. */
  readonly gradient: (
    gradients: readonly Tensor[],
    saved: Saved<Name>,
    attributes: Attributes,
  ) => Partial<Record<Name, () => Tensor>>;
  readonly saves: { readonly inputs: readonly Name[]; readonly outputs: readonly number[] };
};

/**
 * Puts an op that has several outputs and its own gradient on tfjs's tape.
 *
 * @returns The op: a function from named inputs and attributes to all outputs.
 */
export function defineOp<Name extends string>(
  definition: OpDefinition<Name>,
): (inputs: Readonly<Record<Name, Tensor>>, attributes?: Attributes) => Tensor[] {
  const kernelName = `Moco${definition.name}`;
  const { saves } = definition;
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs }) =>
      // Without its own scope, intermediate results would stay until the caller's scope ends.
      tf.tidy(() => definition.forward(inputs as Record<Name, Tensor>, (attrs ?? {}) as unknown as Attributes)),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: [...saves.inputs],
    outputsToSave: definition.saves.outputs.length === 0
      ? []
      : Array.from({ length: Math.max(...saves.outputs) + 1 }, (_, index) => saves.outputs.includes(index)),
    gradFunc: (gradients, saved, attrs) => {
      const inputs = Object.fromEntries(saves.inputs.map((name, index) => [name, saved[index]]));
      const outputs = Object.fromEntries(
        [...saves.outputs].sort((a, b) => a - b).map((output, index) => [output, saved[saves.inputs.length + index]]),
      );
      return definition.gradient(
        Array.isArray(gradients) ? gradients : [gradients],
        { inputs: inputs as Record<Name, Tensor>, outputs },
        attrs as unknown as Attributes,
      ) as Record<string, () => Tensor>;
    },
  });
  return (inputs, attributes = {}) => {
    const result = tf.engine().runKernel(kernelName, inputs as Record<Name, Tensor>, attributes as tf.NamedAttrMap);
    return Array.isArray(result) ? result as Tensor[] : [result as Tensor];
  };
}
