import { backend, idOf, isSymbol, type Tensor } from "../native/mod.ts";
import { currentTrace, metadataOf, nodeOf } from "./graph.ts";

/**
 * The tensor of the open trace that a tensor is a reshape of, if any. An op that treats all elements alike can take it
 * instead, and reshape its own result. This helps because a compiler fuses ops only where no reshape stands between
 * them.
 *
 * @param x Any tensor.
 */
export function reshapedFrom(x: Tensor): Tensor | undefined {
  const trace = currentTrace();
  const node = trace && nodeOf(trace, idOf(x));
  return node?.op === "Reshape" && isSymbol(node.inputs[0])
    ? backend().createOutputTensor(metadataOf(trace!, node.inputs[0]))
    : undefined;
}
