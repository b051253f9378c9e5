/**
 * Activations that are made again where a gradient needs them, from others that are kept anyway: less memory for one more
 * pass over it.
 *
 * @module
 */
import { after } from "./control_dependency.ts";
import { backend, hasGpu, idOf, isSymbol, type Tensor, type TensorMetadata } from "../native/mod.ts";
import { currentTrace, metadataOf, type Trace } from "./graph.ts";

/** How an activation is made again. */
type Recipe = {
  readonly from: readonly TensorMetadata[];
  readonly make: (from: readonly Tensor[]) => Tensor;
  made?: TensorMetadata;
};

const recipes = new WeakMap<Trace, Map<number, Recipe>>();

/** Smaller activations are not worth the time; with fewer channels a pass over them takes as long as a convolution. */
const least = { bytes: 12 * 2 ** 20, channels: 64 };

/**
 * Says how an activation of the open trace is made from others, which a gradient keeps in any case. XLA decides by itself
 * what it makes again, and GPUs' kernels were not tried.
 *
 * @param x The activation, float32.
 * @param from What it is made from.
 * @param make Makes it; pure, and not differentiated.
 */
export function remakable(x: Tensor, from: readonly Tensor[], make: Recipe["make"]): void {
  const trace = currentTrace();
  const sources = backend().getInputTensorIds([...from]);
  const small = 4 * x.size < least.bytes || x.shape[x.rank - 1]! < least.channels;
  if (trace === undefined || trace.compilation.xla || hasGpu() || small || !sources.every(isSymbol)) return;
  keep(trace, x, { from: sources.map((id) => metadataOf(trace, id)), make });
}

/** Says that an activation is made from another one, which may be remakable itself. */
export function remakableFrom(x: Tensor, source: Tensor, make: (source: Tensor) => Tensor): void {
  const trace = currentTrace();
  const recipe = trace && recipes.get(trace)?.get(idOf(source));
  if (recipe === undefined) return;
  keep(trace!, x, { from: recipe.from, make: (from) => make(recipe.make(from)) });
}

/** The activation: made again once `awaited` are there, or by an earlier call, if it is remakable, else as it is. */
export function remade(x: Tensor, awaited: readonly Tensor[]): Tensor {
  const trace = currentTrace();
  const recipe = trace && recipes.get(trace)?.get(idOf(x));
  if (recipe === undefined) return x;
  // Tensors end with the scope that they are made in, the trace's symbols with the trace.
  const tensors = (from: readonly TensorMetadata[]) => from.map((symbol) => backend().createOutputTensor(symbol));
  recipe.made ??= metadataOf(trace!, idOf(recipe.make(after(tensors(recipe.from), awaited))));
  return tensors([recipe.made])[0];
}

function keep(trace: Trace, x: Tensor, recipe: Recipe): void {
  if (!recipes.has(trace)) recipes.set(trace, new Map());
  recipes.get(trace)!.set(idOf(x), recipe);
}
