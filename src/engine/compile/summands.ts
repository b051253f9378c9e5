import { backend, idOf, isSymbol, type Tensor } from "../native/mod.ts";
import { currentTrace, metadataOf, nodeOf } from "./graph.ts";

const sums: ReadonlySet<string> = new Set(["Add", "AddN", "AddV2"]);

/**
 * The two tensors of the open trace that a tensor is the sum of, if they have its shape. An op that follows the sum can
 * take them instead, and add them in its own pass over memory.
 *
 * @param x Any tensor.
 */
export function summandsOf(x: Tensor): readonly [Tensor, Tensor] | undefined {
  const trace = currentTrace();
  const node = trace && nodeOf(trace, idOf(x));
  if (node === undefined || !sums.has(node.op) || node.inputs.length !== 2 || !node.inputs.every(isSymbol)) return;
  const [a, b] = node.inputs.map((id) => backend().createOutputTensor(metadataOf(trace!, id)));
  return [a, b].every(({ shape }) => shape.join() === x.shape.join()) ? [a, b] : undefined;
}
