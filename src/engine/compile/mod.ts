/**
 * Compiled functions: tracing, donated arguments, control dependencies, rematerialization, XLA kernels, and the policy
 * that decides by device, precision and compiler.
 *
 * @module
 */
export { choose } from "./choose.ts";
export { withControlDependencies } from "./control_dependency.ts";
export { type Foreseen, foreseen } from "./foreseen.ts";
export { fused } from "./fused.ts";
export { inFloat32 } from "./in_float32.ts";
export { jit, type JitOptions, type Tree } from "./jit.ts";
export { besideLastGradient } from "./last_gradient.ts";
export { onOwnTape } from "./own_tape.ts";
export {
  fusesActivation,
  hasBarriers,
  mustBeDeterministic,
  normalizesRows,
  poolsWithBorder,
  rematerializesActivation,
  rematerializesConvolution,
  takesFilterGradientsAsProducts,
  takesFilterGradientsWithBorder,
  takesPixelsAsRows,
  takesPixelsFirst,
  takesPoolGradientsWithBorder,
  winogradFiltering,
} from "./policy.ts";
export { rematerializable, rematerialized } from "./rematerialize.ts";
export { reshapedFrom } from "./reshaped.ts";
export { summandsOf } from "./summands.ts";
export { type Spec, type TracedFunction, traceFunction } from "./trace_function.ts";
export { releaseWhileItFlowsBack } from "./release_tape.ts";
