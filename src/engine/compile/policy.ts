/**
 * Decisions that depend on the device, the precision or the compiler. Each is a question here, with its reason. Nothing
 * else in the engine asks what the device is, or whether XLA compiles the open trace.
 *
 * Questions about an open trace also have answers for eager ops: those are float32, and not compiled by XLA.
 *
 * @module
 */
import {
  dtypeOf,
  forcesBfloat16,
  hasFastBfloat16,
  hasGpu,
  hasMatrixUnit,
  inCluster,
  multipliesSixteenFloats,
  type Tensor,
  type Threads,
  threadsOfAll,
} from "../native/mod.ts";
import { currentTrace } from "./graph.ts";
import type { Compilation, Trace } from "./trace.ts";

function throughXla(): boolean {
  return currentTrace()?.compilation.xla ?? false;
}

function inBfloat16(): boolean {
  return currentTrace()?.compilation.precision === "bfloat16";
}

/** How 3x3 convolutions are filtered by Winograd's method, and which of them. */
export type WinogradFiltering = {
  /** The number of results of a tile along an axis. */
  readonly results: 2 | 4;
  /** The fewest channels, and the fewest for each pixel along a side. */
  readonly leastChannels: number;
  readonly leastChannelsForPixel: number;
};

/**
 * How Winograd's filtering is used. It replaces products by passes over memory, so it gains less where products are
 * faster: with 16 floats at once, and in bfloat16. With more results in a tile there are fewer products, but more is
 * lost to rounding. In bfloat16, the error with 4 is 7 times that of a direct convolution, and with 2 it is 2.5 times.
 *
 * @returns Undefined where it is not used: GPUs have their own kernels for it, and with AMX it was not measured.
 */
export function winogradFiltering(): WinogradFiltering | undefined {
  if (hasGpu() || inBfloat16() && hasMatrixUnit()) return undefined;
  if (inBfloat16()) return { results: 2, leastChannels: 128, leastChannelsForPixel: 16 };
  return { results: 4, leastChannels: multipliesSixteenFloats() ? 128 : 32, leastChannelsForPixel: 4 };
}

/**
 * Whether TensorFlow's own kernel computes gradients of filters. It handles images with a border, of which oneDNN's
 * kernel needs a copy. In bfloat16 it is slow.
 */
export function takesFilterGradientsWithBorder(): boolean {
  return !hasGpu() && !inBfloat16();
}

/**
 * Which gradients of strided filters are taken as products: the most pixels of the gradient of an image, and the fewest
 * channels of the images.
 */
const suitingProducts = [{ mostPixels: 8 * 8, leastChannels: 64 }, { mostPixels: 28 * 28, leastChannels: 128 }];

/**
 * Whether matrix products compute the gradient of a filter, one for each of its pixels. oneDNN's own kernel is up to
 * three times as slow for strided filters, and slower for 1x1 filters where a processor multiplies 16 floats at once. In
 * bfloat16 it is faster for 1x1 filters on the largest images. With AMX nothing was measured.
 *
 * @param filterShape [size, size, in, out].
 * @param stride Pixels from one window to the next.
 * @param gradient How the loss changes with the convolution's result, [N, rows, columns, out].
 */
export function takesFilterGradientsAsProducts(
  [size, , inputs]: readonly number[],
  stride: number,
  { shape: [, rows, columns] }: Tensor,
): boolean {
  if (hasGpu() || inBfloat16() && hasMatrixUnit()) return false;
  const suits = suitingProducts.some(({ mostPixels, leastChannels }) =>
    rows! * columns! <= mostPixels && inputs >= leastChannels
  );
  if (stride > 1) return suits;
  return size === 1 && (inBfloat16() ? rows! * columns! <= 28 * 28 : multipliesSixteenFloats());
}

/**
 * Whether a 1x1 convolution is a matrix product whose rows are the pixels. In bfloat16, oneDNN's convolution takes 1.1 to
 * 1.25 times as long on images of 7x7 pixels, and no longer on larger ones. With AMX nothing was measured.
 */
export function takesPixelsAsRows({ shape: [, rows, columns] }: Tensor): boolean {
  return inBfloat16() && !hasGpu() && !hasMatrixUnit() && rows! * columns! <= 8 * 8;
}

/**
 * Whether the pixels that a strided 1x1 convolution reads are taken out first. With strides, oneDNN's kernel for the
 * gradient of the images takes 1.4 times as long in bfloat16, and the one for the gradient of the filter gives wrong,
 * changing numbers with fewer than 8 channels.
 */
export function takesPixelsFirst(): boolean {
  return !hasGpu();
}

/** Whether batch norm is faster over rows than over images. This is so with oneDNN, but not with cuDNN. */
export function normalizesRows(): boolean {
  return !hasGpu();
}

/**
 * Whether max pooling accepts a border. XLA's does not, and neither does oneDNN's, which in bfloat16 is faster than
 * TensorFlow's own even though the images are copied first.
 */
export function poolsWithBorder(x: Tensor): boolean {
  return !throughXla() && dtypeOf(x) !== "bfloat16";
}

/**
 * Whether TensorFlow's own kernel computes the gradient of max pooling with a border. oneDNN's kernel accepts none, but
 * is five times as fast, so on processors it is given a copy of the images that has a border.
 */
export function takesPoolGradientsWithBorder(): boolean {
  return hasGpu() && !throughXla();
}

/**
 * The fewest numbers and channels of an activation that is recomputed for the gradient. Smaller ones are not worth the
 * time, and with fewer channels a pass over them takes as long as a convolution. In bfloat16 they take half of the
 * memory, and a pass over them is a larger share of the step, since products take half the time.
 */
const leastRematerialized = { float32: 3 * 2 ** 18, bfloat16: 2 ** 22, channels: 64 };

/**
 * Whether an activation [..., C] that is cheap to compute is recomputed for the gradient. XLA decides by itself what it
 * recomputes. On GPUs it was not measured.
 */
export function rematerializesActivation(x: Tensor): boolean {
  const { channels, ...numbers } = leastRematerialized;
  const least = dtypeOf(x) === "bfloat16" ? numbers.bfloat16 : numbers.float32;
  return x.size >= least && x.shape[x.rank - 1] >= channels && !throughXla() && !hasGpu();
}

/**
 * The most products that are summed for each number of a convolution whose result is recomputed. It then takes no longer
 * than another layer's pass over that result.
 */
const mostRecomputed = 64;

/**
 * Whether the result of a convolution is recomputed for the gradient. In bfloat16 it is kept, because it takes half of
 * the memory, and the convolution then takes longer than a pass over it.
 */
export function rematerializesConvolution(filter: Tensor, result: Tensor): boolean {
  const products = filter.size / filter.shape[3]!;
  return products <= mostRecomputed && !inBfloat16() && rematerializesActivation(result);
}

/** Whether an element-wise part of the open trace becomes an XLA kernel. On GPUs it was not measured. */
export function fusesElementwise(): boolean {
  return currentTrace() !== undefined && !throughXla() && !hasGpu();
}

/** The fewest numbers and channels of an activation for which an XLA kernel saves more time than its call takes. */
const suitingFusion = [{ leastNumbers: 4 * 2 ** 20, leastChannels: 1 }, { leastNumbers: 2 ** 20, leastChannels: 64 }];

/**
 * Whether an XLA kernel adds a sum of activations and takes what follows it in one pass. In bfloat16 TensorFlow's own
 * kernels take twice as long as the memory. In float32 they do not, and they write over their inputs.
 */
export function fusesActivation(x: Tensor): boolean {
  const suits = suitingFusion.some(({ leastNumbers, leastChannels }) =>
    x.size >= leastNumbers && x.shape[x.rank - 1] >= leastChannels
  );
  return suits && fusesElementwise() && dtypeOf(x) === "bfloat16";
}

/** Whether a barrier orders the ops of the open trace. Eager ops run in order, and XLA keeps an order of its own. */
export function hasBarriers(): boolean {
  return currentTrace() !== undefined && !throughXla();
}

/** Whether control inputs order the ops of the open trace. XLA orders ops only by their values. */
export function hasControlInputs(): boolean {
  return !throughXla();
}

/** Whether a function can take donated tensors out of a staging area. It cannot through XLA. On GPUs it is untried. */
export function stagesDonated({ xla }: Compilation): boolean {
  return !xla && !hasGpu();
}

/**
 * The precision in which a function is compiled. Where products in bfloat16 are not faster than in float32, a function
 * for which bfloat16 is allowed stays in float32.
 */
export function precisionFor(allowed: Compilation["precision"]): Compilation["precision"] {
  return allowed === "bfloat16" && !hasFastBfloat16() ? "float32" : allowed;
}

/** The least average work of an op in a function that gains from bfloat16, nanoseconds. */
const leastWorkInBfloat16 = 5000;

/**
 * Whether a function gains from bfloat16. If its ops are very small, it spends more time on casts between the precisions
 * than it saves in its products, and is compiled in float32.
 */
export function gainsFromBfloat16({ workOfOp }: { readonly workOfOp: number }): boolean {
  return hasGpu() || forcesBfloat16() || workOfOp >= leastWorkInBfloat16;
}

/** Whether a function is cast to bfloat16 while it is traced. On GPUs Grappler casts it to float16, and XLA does not. */
export function castsWhileTraced({ precision, xla }: Omit<Compilation, "mixed">): boolean {
  return precision === "bfloat16" && !xla && !hasGpu();
}

/**
 * How many threads each op of a function takes on a processor. To spread an op over n threads and to wait for them
 * takes some 10 us. With one thread for each op nothing is spread, and a step's ops overlap 1.6-fold. So an op of t us
 * takes t / n + 10 or t / 1.6. XLA compiles a function into one op. A member of a cluster has a single context.
 *
 * In bfloat16 products take half the time, and what it takes to spread them weighs twice. Larger ops then take one thread
 * too, if there are always others beside them: if the longest path through the function is no longer than a core's share
 * of its work. Of two encoders on two cores this is true. In float32 it makes no difference.
 */
export function threadsFor({ work, size, longestPath }: Pick<Trace, "work" | "size" | "longestPath">): Threads {
  const n = threadsOfAll();
  if (n === 1 || hasGpu() || throughXla() || inCluster()) return "all";
  if (inBfloat16() && longestPath <= work / n) return "one";
  return work / size * (1 / 1.6 - 1 / n) < 10_000 ? "one" : "all";
}

/**
 * The share of a core's part of the work that the last gradient has to take for the updates to wait. With a smaller one
 * (ResNet-18 at 32 pixels: 0.3 %) the step takes longer if they do.
 */
const leastAlone = 1 / 200;

/**
 * Whether what follows the other gradients waits until only the last one is left, so that it runs beside it on the other
 * cores. This matters only where one thread computes it, which is estimated from the trace so far.
 *
 * @param trace The trace up to the gradients, without what follows them.
 * @param alone About how long the last gradient takes after all others, nanoseconds.
 */
export function waitsForLastGradient(trace: Pick<Trace, "work" | "size" | "longestPath">, alone: number): boolean {
  return threadsFor(trace) === "one" && alone >= leastAlone * trace.work / threadsOfAll();
}

/** What Grappler does to a function beyond its defaults. */
export type Rewrites = {
  /** Whether it goes through the function only once, and leaves its memory unchanged. */
  readonly once: boolean;
  /** Whether it casts products and convolutions to float16. */
  readonly float16: boolean;
};

/**
 * How Grappler rewrites a function. On a CPU its second round finds next to nothing, and its memory optimizations use
 * more memory. On GPUs float16 is the fast 16-bit precision that it knows.
 */
export function rewrites({ precision }: Compilation): Rewrites {
  const gpu = hasGpu();
  return { once: !gpu, float16: gpu && precision === "bfloat16" };
}

/** Whether TensorFlow was asked for the same results at every run, which some of its kernels for GPUs refuse. */
export function mustBeDeterministic(): boolean {
  return hasGpu() && ["1", "true"].includes(Deno.env.get("TF_DETERMINISTIC_OPS") ?? "");
}
