import { idOf, isSymbol, type Tensor, tf } from "../native/mod.ts";
import { withControlDependencies } from "./control_dependency.ts";
import { currentTrace } from "./graph.ts";
import { waitsForLastGradient } from "./policy.ts";

/**
 * The same gradients, of which all but the last two wait for the last but one.
 *
 * The first layer's gradient is the last one on the way back. Nothing would be left to do beside it if the other
 * parameters had been updated by then. Now their updates run beside it.
 *
 * @param gradients Of any shapes.
 * @returns The gradients as they are in eager mode, where it gains nothing to wait, and within another gradient, which
 *   has to find its way through them.
 */
export function besideLastGradient(gradients: readonly Tensor[]): Tensor[] {
  const trace = currentTrace();
  if (trace === undefined || tf.engine().state.gradientDepth > 0) return [...gradients];
  const ready = gradients.map((gradient) => isSymbol(idOf(gradient)) ? trace.symbols.get(idOf(gradient))!.ready : 0);
  const [last, lastButOne, ...others] = [...new Set(ready)].sort((a, b) => b - a);
  if (others.length === 0 || !waitsForLastGradient(trace, last - lastButOne)) return [...gradients];
  const awaited = gradients[ready.indexOf(lastButOne)];
  return gradients.map((gradient, index) =>
    ready[index] < lastButOne ? withControlDependencies([gradient], [awaited])[0] : gradient
  );
}
