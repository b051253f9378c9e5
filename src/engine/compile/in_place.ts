/**
 * Results that are written over donated tensors. TensorFlow writes an element-wise result over its first operand that
 * nothing else needs. Grappler sorts the operands of sums and products by the names of the ops that make them, and adds
 * up the terms of nested sums at once. So this module decides which operand comes first while the graph is built. A
 * formula may be written in any order.
 *
 * A difference `a - b` keeps its order: it is written over `a`, if nothing else needs `a`.
 *
 * @module
 */
import type { Trace } from "./trace.ts";

const sums: ReadonlySet<string> = new Set(["Add", "AddV2"]);

/** The element-wise ops of optimizers and momentum updates. Each can write its result over an operand. */
const elementwise: ReadonlySet<string> = new Set([
  ...sums,
  "EnsureShape",
  "Identity",
  "Mul",
  "Neg",
  "RealDiv",
  "Sqrt",
  "Square",
  "Sub",
]);

/**
 * Whether the result of an op may be written over a donated tensor: one of its operands is donated, or may itself be
 * written over a donated tensor.
 */
export function overwritesDonated(trace: Trace, op: string, inputs: readonly number[]): boolean {
  return elementwise.has(op) && whole(trace, inputs).some((id) => trace.donated.has(id));
}

/**
 * The name of an op. Ops whose results may be written over donated tensors sort first, and then those that were made
 * first.
 */
export function nodeName(op: string, place: number, overwrites: boolean): string {
  return `${overwrites ? 0 : 1}_${String(place).padStart(6, "0")}_${op}`;
}

/**
 * Whether an op adds a sum and a term that is not donated, such as a gradient. If all terms were added at once, another
 * term could sort before the one to be written over, and the sum would be rounded in another order.
 */
export function addsSum(trace: Trace, op: string, inputs: readonly number[]): boolean {
  return sums.has(op) && inputs.some((id) => {
    const node = trace.nodes.get(id);
    return node !== undefined && sums.has(node.op) &&
      whole(trace, node.inputs).some((term) => !trace.donated.has(term));
  });
}

/** The attribute that tells Grappler not to add the terms of a sum at once with those of the sums in it. */
export const keptSum = "_grappler_ArithmeticOptimizer_AddOpsRewriteStage";

/** The operands that are not broadcast. */
function whole(trace: Trace, inputs: readonly number[]): readonly number[] {
  const sizes = inputs.map((id) => trace.symbols.get(id)!.shape.reduce((product, size) => product * size, 1));
  const largest = Math.max(...sizes);
  return inputs.filter((_, index) => sizes[index] === largest);
}
