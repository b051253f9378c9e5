import { jit, type Tensor } from "../engine/mod.ts";
import { foldIn, type Key } from "../core/random.ts";
import { dispose, release, scope } from "../core/scope.ts";
import type { Tree } from "../core/tree.ts";
import type { Batch } from "../data/types.ts";
import type { Method, Metrics, Views } from "../methods/types.ts";

/** A state with a random key, from which each step draws its views. */
export type TrainState = Tree & {
  /** The random key of the next step, int32 [2]; the method's own step replaces it. */
  readonly random: Key;
};

/** Two views of the same images, as a pure function of a key. */
export type ViewsOf = (key: Key, images: Tensor) => Views;

/** A step of training: a state and a batch of images to the next state and what was measured. */
export type TrainStep<S> = (state: S, batch: Batch) => { readonly state: S; readonly metrics: Metrics };

/** Sets the views' key apart from those that the method's step makes of the same state. */
const VIEWS = 0x5649;

/**
 * The step of training as one pure function: views by augmentation from the state's random key, then the method's step.
 * The same state and the same batch always give the same next state. The views carry the places of their images, for
 * methods that remember each image.
 *
 * @param method The pretraining method.
 * @param views How two views are made of a batch.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Key, type Method, type Tensor, key, tf, trainStep } from "@momentum-contrast/moco";
 *
 * type State = { readonly random: Key; readonly mean: Tensor };
 * const method: Method<State> = {
 *   init: (random) => ({ random, mean: tf.scalar(0) }),
 *   step: ({ random }, { query }) => ({ state: { random, mean: tf.mean(query) }, metrics: { loss: tf.scalar(0) } }),
 *   features: (_, images) => images,
 * };
 * const step = trainStep(method, (_, images) => ({ query: images, key: images }));
 * const batch = { images: tf.tensor1d([1, 3]), index: tf.tensor1d([0, 1], "int32") };
 * const { state } = step(method.init(key(0)), batch);
 * assertEquals(state.mean.dataSync()[0], 2);
 * ```
 */
export function trainStep<S extends TrainState>(method: Method<S>, views: ViewsOf): TrainStep<S> {
  return (state, { images, index }) => method.step(state, { ...views(foldIn(state.random, VIEWS), images), index });
}

/** How a step is run. */
export type StepOptions = {
  /** Compiled, or one op after another. */
  readonly jit: boolean;
  /** The precision of matrix products and convolutions of a compiled step. */
  readonly precision: "float32" | "bfloat16";
};

/**
 * The step of {@linkcode trainStep}, ready to be called often: compiled, or in a scope of its own. It takes the state over,
 * so that the next one may lie in its memory, and borrows the batch.
 *
 * The views are a compiled function of their own, in float32 whatever the step's precision: bfloat16 would round pixels.
 */
export function prepareStep<S extends TrainState>(
  method: Method<S>,
  views: ViewsOf,
  options: StepOptions,
): TrainStep<S> {
  if (!options.jit) {
    return (state, batch) => {
      const next = scope(() => trainStep(method, views)(state, batch));
      release(state, next.state);
      return next;
    };
  }
  const draw = jit((random: Key, images: Tensor) => views(foldIn(random, VIEWS), images), { name: "views" });
  const step = jit(method.step, { name: "step", precision: options.precision, donated: [0] });
  return (state, { images, index }) => {
    const drawn = draw(state.random, images);
    const next = step(state, { ...drawn, index });
    dispose(drawn);
    return next;
  };
}
