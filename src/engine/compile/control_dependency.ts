import { backend, isSymbol, type Tensor, tf } from "../native/mod.ts";
import { currentTrace, executeTraced } from "./graph.ts";
import { hasControlInputs } from "./policy.ts";

/**
 * The same tensors, available only after others are.
 *
 * In a trace, what is computed from them is scheduled after `awaited`, and stays apart from what is computed from the
 * originals. Otherwise a compiler would merge two equal computations and keep the first result in memory until the
 * second place needs it. Eager ops run in the order of their calls, and the tensors come back as they are.
 *
 * @param tensors At least one, of any dtypes and shapes.
 * @param awaited Of any dtypes and shapes.
 */
export function withControlDependencies(tensors: readonly Tensor[], awaited: readonly Tensor[]): Tensor[] {
  const trace = currentTrace();
  if (trace === undefined) return [...tensors];
  if (!hasControlInputs()) return behindZero(tensors, awaited);
  const control = backend().getInputTensorIds(awaited).filter(isSymbol); // others are there already
  const identity = (id: number, control: readonly number[]) => executeTraced(trace, "Identity", {}, [id], control)[0];
  const [first, ...others] = backend().getInputTensorIds(tensors);
  const awaiting = identity(first, control); // the others await this one, not each of what it awaits
  return [awaiting, ...others.map((id) => identity(id, [awaiting.id]))].map((made) =>
    backend().createOutputTensor(made)
  );
}

/**
 * XLA orders ops only by their values, and removes its own barriers before it merges. So a zero that is computed from
 * `awaited` is added. XLA leaves it in place, because it would be NaN if they were infinite. Integer tensors do without
 * it: they are small, and XLA draws other numbers from a random key that it cannot read while compiling.
 */
function behindZero(tensors: readonly Tensor[], awaited: readonly Tensor[]): Tensor[] {
  const isFloat = ({ dtype }: Tensor) => dtype === "float32";
  const firsts = awaited.filter((x) => isFloat(x) && x.size > 0).map((x) => tf.slice(tf.reshape(x, [-1]), [0], [1]));
  if (firsts.length === 0) return [...tensors];
  const zero = tf.mul(tf.reshape(tf.addN(firsts), []), 0);
  return tensors.map((x) => isFloat(x) ? tf.add(x, zero) : x);
}
