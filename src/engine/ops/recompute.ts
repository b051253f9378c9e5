import { onOwnTape, withControlDependencies } from "../compile/mod.ts";
import { op, type Tensor, tf } from "../native/mod.ts";

/** A pure function: its outputs depend on its inputs, and on nothing else that a gradient could reach. */
type Pure = (inputs: readonly Tensor[]) => Tensor[];

const kernelName = "MocoRecompute";

tf.registerKernel({
  kernelName,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, attrs }) =>
    // An output may be an input, or the same as another output. The tape needs separate tensors.
    tf.tidy(() => onOwnTape(() => pureOf(attrs)(inputs as unknown as Tensor[]).map((output) => tf.clone(output)))),
});

tf.registerGradient({
  kernelName,
  saveAllInputs: true,
  gradFunc: (outputGradients, saved, attrs) => {
    const gradients = Array.isArray(outputGradients) ? outputGradients : [outputGradients];
    const inputs = withControlDependencies(saved, gradients);
    const parts = onOwnTape(() => vectorJacobian(pureOf(attrs), inputs, gradients));
    return Object.fromEntries(parts.map((part, index) => [index, () => part]));
  },
});

/** The gradients of the inputs, given those of the outputs; zero for an input that has none. */
function vectorJacobian(f: Pure, inputs: readonly Tensor[], gradients: readonly Tensor[]): Tensor[] {
  const isFloat = ({ dtype }: Tensor) => dtype === "float32";
  const floats = inputs.filter(isFloat);
  const { grads } = tf.engine().gradients(
    () => {
      const outputs = f(inputs);
      return met(outputs.filter(isFloat), gradients.filter((_, index) => isFloat(outputs[index])));
    },
    floats,
    undefined,
    true,
  );
  const found = new Map(floats.map((input, index) => [input, grads[index]]));
  return inputs.map((input) =>
    found.get(input) ?? (isFloat(input) ? op("ZerosLike", [input])[0] : tf.zeros(input.shape))
  );
}

/** A scalar that has the given gradients with respect to the outputs. Its value means nothing and costs nothing. */
function met(outputs: Tensor[], gradients: readonly Tensor[]): Tensor {
  return tf.customGrad(() => ({
    value: tf.scalar(0),
    gradFunc: () => gradients.map((gradient) => tf.clone(gradient)),
  }))(...outputs);
}

function pureOf(attributes: unknown): Pure {
  return (attributes as { readonly f: Pure }).f;
}

/**
 * A function's outputs, without keeping its intermediate results for the gradient. The gradient computes them again.
 *
 * @param f A pure function.
 * @param inputs Its inputs. Gradients reach those of dtype float32.
 * @returns Its outputs, as fresh tensors. Differentiable once.
 */
export function runRecomputed(f: Pure, inputs: readonly Tensor[]): Tensor[] {
  const result = tf.engine().runKernel(
    kernelName,
    inputs as unknown as tf.NamedTensorMap,
    { f } as unknown as tf.NamedAttrMap,
  );
  return Array.isArray(result) ? result as Tensor[] : [result as Tensor];
}
