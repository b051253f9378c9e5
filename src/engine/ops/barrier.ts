import { hasBarriers, withControlDependencies } from "../compile/mod.ts";
import { type Tensor, tf } from "../native/mod.ts";

const kernelName = "MocoBarrier";

/** The same tensors, none of which is available before all are. */
function awaitEachOther(tensors: readonly Tensor[]): Tensor[] {
  return withControlDependencies(tensors, tensors).map((x) => tf.clone(x));
}

tf.registerKernel({
  kernelName,
  backendName: "tensorflow",
  kernelFunc: ({ inputs }) => awaitEachOther(inputs as unknown as Tensor[]),
});

tf.registerGradient({
  kernelName,
  gradFunc: (gradients) =>
    Object.fromEntries(awaitEachOther(gradients as Tensor[]).map((gradient, index) => [index, () => gradient])),
});

/**
 * The same tensors, none of which is available before all are. The same holds for their gradients on the way back.
 * Eager ops run in order anyway, and XLA keeps an order of its own; in both cases the tensors come back as they are.
 *
 * @param tensors Of any shapes; float32 where a gradient is taken. Differentiable.
 */
export function barrier(tensors: readonly Tensor[]): Tensor[] {
  if (tensors.length < 2 || !hasBarriers()) return [...tensors];
  return tf.engine().runKernel(kernelName, [...tensors] as unknown as tf.NamedTensorMap) as unknown as Tensor[];
}
