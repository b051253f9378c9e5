import { besideLastGradient, inFloat32, releaseWhileItFlowsBack, type Tensor, tf } from "../engine/mod.ts";
import { barrier } from "./barrier.ts";
import { scope } from "./scope.ts";
import { leaves, map, type Tree, zip } from "./tree.ts";

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
    const gradients = besideLastGradient(inputs.map((input, index) => grads[index] ?? tf.zerosLike(input)));
    const gradientOf = new Map(inputs.map((input, index) => [input, inFloat32(gradients[index])]));
    return { loss: value, aux, gradients: map((leaf) => gradientOf.get(leaf)!, params) };
  } finally {
    if (kept !== undefined) leaves(kept).forEach((leaf) => leaf.dispose());
  }
}

/**
 * As {@linkcode valueAndGrad}, of a sum of terms. The gradient of a term is taken before the next term begins, so that
 * the activations of only one of them are kept at a time.
 *
 * @param f A term of the sum: from the parameters that it is given, what the term is about, and what the term before it carries over, to
 *   a scalar `loss` (float32), a tree of auxiliary results, and what it carries over to the next term. Gradients reach
 *   neither of the last two.
 * @param params The parameters: a tree of float32 tensors.
 * @param terms What each term is about; at least one.
 * @param carried What the first term begins with.
 * @returns The sum as `loss`, the auxiliary results of each term, what the last one carried over, and the gradient.
 * @throws {TypeError} if a term is not a scalar, or there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Tensor, tf, valueAndGradOfSum } from "@momentum-contrast/moco";
 *
 * const { loss, carried, gradients } = valueAndGradOfSum(
 *   ({ w }, factor: number, { count }) => ({
 *     loss: tf.sum(tf.mul(tf.square(w), factor)),
 *     aux: {},
 *     carried: { count: tf.add(count, 1) },
 *   }),
 *   { w: tf.tensor1d([1, 2]) },
 *   [1, 10],
 *   { count: tf.scalar(0) as Tensor },
 * );
 * assertEquals(loss.dataSync()[0], 55);
 * assertEquals([...gradients.w.dataSync()], [22, 44]);
 * assertEquals(carried.count.dataSync()[0], 2);
 * ```
 */
export function valueAndGradOfSum<P extends Tree, Term, A extends Tree, Carried extends Tree>(
  f: (params: P, term: Term, carried: Carried) => {
    readonly loss: Tensor;
    readonly aux: A;
    readonly carried: Carried;
  },
  params: P,
  terms: readonly Term[],
  carried: Carried,
): { readonly loss: Tensor; readonly aux: readonly A[]; readonly carried: Carried; readonly gradients: P } {
  if (terms.length === 0) throw new TypeError("Cannot differentiate: expected a sum of at least one term, found none");
  const of = (term: Term, params: P, carried: Carried) => {
    const { loss, aux: { aux, carried: next }, gradients } = valueAndGrad((params) => {
      const { loss, aux, carried: next } = f(params, term, carried);
      return { loss, aux: { aux, carried: next } };
    }, params);
    return { loss, aux: [aux], carried: next, gradients };
  };
  /** The sum of the terms up to one of them. */
  const upTo = (last: number): ReturnType<typeof of> =>
    scope(() => {
      if (last === 0) return of(terms[0], params, carried);
      const before = upTo(last - 1);
      const { gradients, ...given } = barrier({ params, carried: before.carried, gradients: before.gradients });
      const next = of(terms[last], given.params, given.carried);
      return {
        loss: tf.add(before.loss, next.loss),
        aux: [...before.aux, ...next.aux],
        carried: next.carried,
        gradients: zip((_, a, b) => tf.add(a, b), gradients, next.gradients),
      };
    });
  return upTo(terms.length - 1);
}
