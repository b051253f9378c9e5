import { type Tensor, tf } from "../engine/mod.ts";
import { entries, leaves, map, type Tree } from "./tree.ts";

/**
 * A function's value, what it measured on the way, and its gradient.
 *
 * What `f` closes over is constant: no gradient reaches it.
 *
 * @param f From parameters to a scalar `loss` (float32) and a tree of auxiliary results that no gradient reaches.
 * @param params The parameters: a tree of float32 tensors.
 * @returns `gradients` has the structure of `params`: the derivative of the loss by each of them, zero where there is
 * none.
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
  const paths = entries(params).map(([path]) => path);
  let kept: A | undefined;
  const { value, grads } = tf.valueAndGrads((...inputs: Tensor[]) => {
    const byPath = new Map(paths.map((path, index) => [path, inputs[index]]));
    const { loss, aux } = f(map((_, path) => byPath.get(path)!, params));
    if (loss.rank !== 0) {
      throw new TypeError(`Cannot differentiate: expected a scalar loss, found shape [${loss.shape}]`);
    }
    kept = map((leaf) => tf.keep(tf.clone(leaf)), aux); // outlives the tape's own scope
    return loss as tf.Scalar;
  })(leaves(params));
  // A clone is a tensor of the caller's scope; the kept one goes.
  const aux = map((leaf) => {
    const handed = tf.clone(leaf);
    leaf.dispose();
    return handed;
  }, kept!);
  const byPath = new Map(paths.map((path, index) => [path, grads[index]]));
  return { loss: value, aux, gradients: map((_, path) => byPath.get(path)!, params) };
}
