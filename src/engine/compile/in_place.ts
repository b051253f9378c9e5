/**
 * Results that are written over donated tensors. TensorFlow writes an element-wise result over the first of its operands
 * that nothing else needs. Grappler sorts the operands of sums and products by the names of the ops that make them, and
 * adds up the terms of nested sums at once. So it is decided here, as the graph is built, which operand comes first. A
 * formula may be written in any order.
 *
 * What the result of `a - b` is written over stays as it is written: `a`, if nothing else needs it.
 *
 * @module
 */
import type { Trace } from "./trace.ts";

const sums: ReadonlySet<string> = new Set(["Add", "AddV2"]);

/** The element-wise ops of optimizers and momentum updates. All of them can write over an operand. */
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

/** Whether the result of an op may be written over a donated tensor: an operand is one, or may be written over one. */
export function overwritesDonated(trace: Trace, op: string, inputs: readonly number[]): boolean {
  return elementwise.has(op) && whole(trace, inputs).some((id) => trace.donated.has(id));
}

/** The name of an op: what may be written over donated tensors sorts first, and then what was made first. */
export function nodeName(op: string, place: number, overwrites: boolean): string {
  return `${overwrites ? 0 : 1}_${String(place).padStart(6, "0")}_${op}`;
}

/**
 * Whether an op adds a sum with a term that is not donated, such as a gradient. Of all terms at once, another one could
 * sort first than the one that is to be written over, and their sum would be rounded in another order.
 */
export function addsSum(trace: Trace, op: string, inputs: readonly number[]): boolean {
  return sums.has(op) && inputs.some((id) => {
    const node = trace.nodes.get(id);
    return node !== undefined && sums.has(node.op) &&
      whole(trace, node.inputs).some((term) => !trace.donated.has(term));
  });
}

/** The attribute by which Grappler knows a sum whose terms are not to be added at once with those of the sums in it. */
export const keptSum = "_grappler_ArithmeticOptimizer_AddOpsRewriteStage";

/** The operands that are not broadcast. */
function whole(trace: Trace, inputs: readonly number[]): readonly number[] {
  const sizes = inputs.map((id) => trace.symbols.get(id)!.shape.reduce((product, size) => product * size, 1));
  const largest = Math.max(...sizes);
  return inputs.filter((_, index) => sizes[index] === largest);
}
