import { type Tensor, tf } from "../native/mod.ts";
import { currentTrace } from "./graph.ts";

/** A step of tfjs's tape, as far as it is used here. */
type Step = {
  readonly saved?: readonly Tensor[];
  gradient?: (outputGradients: Tensor | readonly Tensor[]) => Record<string, () => Tensor>;
};

/**
 * Lets the open tape free memory while the gradient flows back: what a step has saved, and the gradients of its
 * results, are freed when the step before it begins. tfjs itself keeps all of them until the end. Called at the end of
 * the function whose gradient is taken. Traced ops have no values, and nothing is freed if another gradient needs the
 * tape.
 */
export function releaseWhileItFlowsBack(): void {
  const { state } = tf.engine();
  if (currentTrace() !== undefined || state.gradientDepth !== 1) return;
  let free = () => {};
  const given = new WeakSet<Tensor>();
  for (const step of state.activeTape as unknown as Step[]) {
    const { gradient, saved = [] } = step;
    if (gradient === undefined) continue;
    step.gradient = (outputGradients) => {
      free();
      const results = new Set<Tensor>();
      free = () => {
        saved.forEach((tensor) => tensor.dispose());
        for (const tensor of [outputGradients].flat() as (Tensor | null)[]) {
          if (tensor !== null && !results.has(tensor)) tensor.dispose();
        }
      };
      return Object.fromEntries(
        Object.entries(gradient(outputGradients)).map(([name, compute]) => [name, () => {
          // The gradient of several inputs may be one tensor, which is freed after the first of them. So each has a clone.
          const made = compute();
          const result = given.has(made) ? tf.clone(made) : made;
          given.add(result);
          results.add(result);
          return result;
        }]),
      );
    };
  }
}
