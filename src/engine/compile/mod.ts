/**
 * Compiled functions: tracing, donated arguments, control dependencies, rematerialization, and kernels of XLA.
 *
 * @module
 */
export { after } from "./control_dependency.ts";
export { apart } from "./apart.ts";
export { fused } from "./fused.ts";
export { compiledByXla, currentTrace, metadataOf, type Trace } from "./graph.ts";
export { jit, type JitOptions, type Tree } from "./jit.ts";
export { choose } from "./choose.ts";
export { remade, remakable, remakableFrom } from "./rematerialize.ts";
export { type Spec, type TracedFunction, traceFunction } from "./trace_function.ts";
