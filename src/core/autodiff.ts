import { releaseWhileItFlowsBack, type Tensor, tf } from "../engine/mod.ts";
import { leaves, map, type Tree } from "./tree.ts";

/**
 * A function's value, what it measured on the way, and its gradient.
 *
 * Gradients reach only `params`: whatever was computed outside `f` is a constant.
 *
 * @param f From parameters to a scalar `loss` (float32) and a tree of auxiliary results that no gradient reaches.
 * @param params The parameters: a tree of float32 tensors.
 * @returns `gradients` has the structure of `params`: the derivative of the loss with respect to each of them, or zero
 * where the loss does not depend on it.
 * @throws {TypeError} if the loss is not a scalar.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tf, valueAndGrad } from "@momentum-contrast/moco";
 *
 * const params = { w: tf.tensor1d([1, 2, 3]) };
 * const { loss, gradients } = valueAndGrad(({ w }) => ({ loss: tf.sum(tf.square(w)), aux: {} }), params);
 * assertEquals(loss.dataSync()[0], 14);
 * assertEquals([...gradients.w.dataSync()], [2, 4, 6]);
 * ```
 */
export function valueAndGrad<P extends Tree, A extends Tree>(
  f: (params: P) => { readonly loss: Tensor; readonly aux: A },
  params: P,
): { readonly loss: Tensor; readonly aux: A; readonly gradients: P } {
  let kept: A | undefined;
  const inputs = leaves(params);
  const differentiated = () => {
    const { loss, aux } = f(params);
    if (loss.rank !== 0) {
      throw new TypeError(`Cannot differentiate: expected a scalar loss, found shape [${loss.shape}]`);
    }
    kept = map((leaf) => tf.keep(tf.clone(leaf)), aux); // outlives the tape's own scope
    releaseWhileItFlowsBack();
    return loss;
  };
  try {
    // Parameters that the loss does not depend on are allowed; they come back without a gradient.
    const { value, grads } = tf.engine().gradients(differentiated, inputs, undefined, true);
    const aux = map((leaf) => tf.clone(leaf), kept!); // the clone belongs to the caller's scope
    const gradientOf = new Map(inputs.map((input, index) => [input, grads[index] ?? tf.zerosLike(input)]));
    return { loss: value, aux, gradients: map((leaf) => gradientOf.get(leaf)!, params) };
  } finally {
    if (kept !== undefined) leaves(kept).forEach((leaf) => leaf.dispose());
  }
}
