import { withControlDependencies } from "../compile/mod.ts";
import { type Tensor, tf } from "../native/mod.ts";

const kernelName = "MocoInTurn";

tf.registerKernel({
  kernelName,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, attrs }) => {
    const [next, previous] = cut(inputs as unknown as Tensor[], attrs);
    return [...withControlDependencies(next, previous), ...previous].map((x) => tf.clone(x));
  },
});

tf.registerGradient({
  kernelName,
  gradFunc: (gradients, _, attrs) => {
    const [next, previous] = cut(gradients as Tensor[], attrs);
    const inTurn = [...next, ...withControlDependencies(previous, next)];
    return Object.fromEntries(inTurn.map((gradient, index) => [index, () => tf.clone(gradient)]));
  },
});

function cut(tensors: readonly Tensor[], attributes: unknown): [next: readonly Tensor[], previous: readonly Tensor[]] {
  const { count } = attributes as { readonly count: number };
  return [tensors.slice(0, count), tensors.slice(count)];
}

/**
 * The same tensors, for two computations that share inputs and need not overlap: the next one begins when the previous
 * one's outputs are there, and gradients go back through the previous one when they are through the next one. What one of
 * them needs in memory is then free for the other; TensorFlow would run both at once.
 *
 * @param next What the next computation begins with, float32, at least one. Differentiable.
 * @param previous What the previous one gave, float32, at least one. Differentiable.
 */
export function turns(next: readonly Tensor[], previous: readonly Tensor[]): [next: Tensor[], previous: Tensor[]] {
  const results = tf.engine().runKernel(
    kernelName,
    [...next, ...previous] as unknown as tf.NamedTensorMap,
    { count: next.length },
  ) as unknown as Tensor[];
  return [results.slice(0, next.length), results.slice(next.length)];
}
