import { runRecomputed } from "../engine/ops/mod.ts";
import { filled, leaves, type Tree } from "./tree.ts";

/**
 * The same function, which takes less memory and more time: intermediate results are not kept for the gradient but
 * computed again when it needs them. Values and gradients are the same, eager or compiled.
 *
 * Only the inputs are kept from the forward to the backward pass. If a network is cut into n such functions,
 * the gradient needs the n inputs and the activations of one part, and takes about a third longer.
 *
 * Source: arXiv:1604.06174, section 3.
 *
 * @param f A pure function from a tree of tensors to a tree of tensors. Random draws take their key from the inputs, so
 * that both runs draw the same. A tensor that `f` closes over is a constant to the gradient and must outlive it. Pass a
 * tensor that is made inside the differentiated function as an input.
 * @returns A function that borrows its inputs and returns fresh tensors. Gradients reach the inputs of dtype float32,
 * through the outputs of dtype float32; it is differentiable once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recompute, tf, valueAndGrad } from "@momentum-contrast/moco";
 *
 * const fourth = recompute(({ x }: { x: tf.Tensor }) => ({ y: tf.square(tf.square(x)) }));
 * const { loss, gradients } = valueAndGrad(
 *   (inputs) => ({ loss: tf.sum(fourth(inputs).y), aux: {} }),
 *   { x: tf.tensor1d([1, 2]) },
 * );
 * assertEquals(loss.dataSync()[0], 17);
 * assertEquals([...gradients.x.dataSync()], [4, 32]);
 * ```
 */
export function recompute<Inputs extends Tree, Outputs extends Tree>(
  f: (inputs: Inputs) => Outputs,
): (inputs: Inputs) => Outputs {
  return (inputs) => {
    let made: Outputs | undefined;
    const outputs = runRecomputed((flat) => leaves(made = f(filled(inputs, flat))), leaves(inputs));
    return filled(made!, outputs);
  };
}
