/**
 * What depends on the device, on the precision and on the compiler. Every such decision of the engine is a question here,
 * with its reason; nothing else asks what the device is, or whether XLA compiles the open trace.
 *
 * Questions about an open trace are answered for ops that run at once as well: those are float32, and not XLA's.
 *
 * @module
 */
import { hasGpu } from "../native/mod.ts";
import { currentTrace } from "./graph.ts";
import type { Compilation } from "./trace.ts";

function throughXla(): boolean {
  return currentTrace()?.compilation.xla ?? false;
}

function inBfloat16(): boolean {
  return currentTrace()?.compilation.precision === "bfloat16";
}

/**
 * Whether 3x3 convolutions may go by Winograd's filtering: GPUs have kernels of their own for it, and its rounding is too
 * much for bfloat16.
 */
export function allowsWinograd(): boolean {
  return !hasGpu() && !inBfloat16();
}

/**
 * Whether TensorFlow's own kernel computes gradients of filters: it sees images with a border, of which oneDNN's needs a
 * copy. In bfloat16 it is slow.
 */
export function takesFilterGradientsWithBorder(): boolean {
  return !hasGpu() && !inBfloat16();
}

/** Whether a convolution with exchanged axes may compute the gradient of a filter: oneDNN's own kernel for it is slow. */
export function takesFilterGradientsAsConvolutions(): boolean {
  return !hasGpu();
}

/** Whether batch norm is faster over rows than over images: oneDNN's is, cuDNN's is not. */
export function normalizesRows(): boolean {
  return !hasGpu();
}

/** Whether max pooling takes a border: XLA's does not. */
export function poolsWithBorder(): boolean {
  return !throughXla();
}

/**
 * Whether large results of batch norm are made again for the gradient. XLA decides by itself what it makes again, and on
 * GPUs it was not measured.
 */
export function rematerializesBatchNorm(): boolean {
  return !throughXla() && !hasGpu();
}

/** Whether an element-wise part of the open trace becomes a kernel of XLA. On GPUs it was not measured. */
export function fusesElementwise(): boolean {
  return currentTrace() !== undefined && !throughXla() && !hasGpu();
}

/** Whether a barrier orders the ops of the open trace. What runs at once is in order, and XLA keeps one of its own. */
export function hasBarriers(): boolean {
  return currentTrace() !== undefined && !throughXla();
}

/** Whether control inputs order the ops of the open trace. XLA knows no order but that of values. */
export function hasControlInputs(): boolean {
  return !throughXla();
}

/** Whether a function can take donated tensors out of a staging area: not through XLA. On GPUs it is untried. */
export function stagesDonated({ xla }: Compilation): boolean {
  return !xla && !hasGpu();
}

/** What Grappler does with a function beyond its defaults. */
export type Rewrites = {
  /** Whether it goes through the function once, and leaves its memory as it is. */
  readonly once: boolean;
  /** What it computes products and convolutions in, other than float32. */
  readonly cast?: "bfloat16" | "float16";
};

/**
 * How Grappler rewrites a function. On a CPU its second round finds next to nothing, and its changes for memory take more
 * of it. On GPUs float16 is the fast precision of 16 bits that it knows.
 */
export function rewrites({ precision }: Compilation): Rewrites {
  const gpu = hasGpu();
  return { once: !gpu, ...(precision === "bfloat16" ? { cast: gpu ? "float16" : "bfloat16" } : {}) };
}
