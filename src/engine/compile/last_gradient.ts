import { idOf, isSymbol, type Tensor } from "../native/mod.ts";
import { withControlDependencies } from "./control_dependency.ts";
import { currentTrace } from "./graph.ts";
import { waitsForLastGradient } from "./policy.ts";

/**
 * The same gradients, of which the others become available only when the last one is the only one left to compute.
 *
 * The first layer's gradient is the last one on the way back. Nothing else would be left to do beside it if the other
 * parameters had been updated by then. Now their updates run beside it. Where that gains nothing, and in eager mode, the
 * gradients come back as they are.
 *
 * @param gradients Of any shapes.
 */
export function besideLastGradient(gradients: readonly Tensor[]): Tensor[] {
  const trace = currentTrace();
  if (trace === undefined) return [...gradients];
  const ready = gradients.map((gradient) => isSymbol(idOf(gradient)) ? trace.symbols.get(idOf(gradient))!.ready : 0);
  const last = Math.max(...ready);
  const lastButOne = Math.max(...ready.filter((time) => time < last));
  if (!waitsForLastGradient(trace, last - lastButOne)) return [...gradients];
  const awaited = gradients[ready.indexOf(lastButOne)];
  return gradients.map((gradient, index) =>
    ready[index] < lastButOne ? withControlDependencies([gradient], [awaited])[0] : gradient
  );
}
