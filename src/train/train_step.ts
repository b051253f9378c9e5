import { jit, type Tensor, tf } from "../engine/mod.ts";
import { foldIn, type Key } from "../core/random.ts";
import { release, scope } from "../core/scope.ts";
import type { Tree } from "../core/tree.ts";
import type { Batch } from "../data/types.ts";
import type { Crops } from "../augment/types.ts";
import type { Method, Metrics, Views } from "../methods/types.ts";

/** A state with a random key, from which each step draws its views. */
export type TrainState = Tree & {
  /** The random key of the next step, int32 [2]; the method's own step replaces it. */
  readonly random: Key;
};

/** Two views of the same images, as a pure function of a key. */
export type ViewsOf<I extends Tensor | Crops = Tensor> = (key: Key, images: I) => Views;

/** A step of training: a state and a batch of images to the next state and what was measured. */
export type TrainStep<S, I extends Tensor | Crops = Tensor> = (
  state: S,
  batch: Batch<I>,
) => { readonly state: S; readonly metrics: Metrics };

/** Sets the views' key apart from those that the method's step makes of the same state. */
const VIEWS = 0x5649;

/** How a step is run. */
export type StepOptions = {
  /** Compiled, or one op after another. Default false. */
  readonly jit?: boolean;
  /** The precision of matrix products and convolutions of a compiled step, where it is faster. Default "float32". */
  readonly precision?: "float32" | "bfloat16";
  /**
   * Whether it takes its state over, so that the next one may lie in its memory. Default false: the state is borrowed.
   */
  readonly takesState?: boolean;
};

/** The share of images whose two views are the same, float32 scalar; 0 where the views differ in shape. */
function identicalViews({ query, key }: Views): Tensor {
  if (`${query.shape}` !== `${key.shape}`) return tf.scalar(0);
  const equal = tf.reshape(tf.equal(query, key), [query.shape[0], -1]); // [N, values of a view]
  return tf.mean(tf.cast(tf.all(equal, 1), "float32"));
}

/**
 * The step of training as one function: views by augmentation from the state's random key, then the method's step. The
 * same state and the same batch always give the same next state. The views carry what a batch says of its images: their
 * places, for methods that remember each image, and their labels, for the one that learns from them. To the method's
 * metrics it adds `identicalViews` and, where the batch says it, `identicalImages`: the shares of images whose two
 * views are the same, and of those that equal another one. What learns from labels has one view only, so the first is
 * left out.
 *
 * Compiled, the views are a function of their own, in float32 whatever the step's precision: bfloat16 would round
 * pixels.
 *
 * @param method The pretraining method.
 * @param views How two views are made of a batch.
 * @param options How the step is run, and who owns its state. The batch is always borrowed.
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
export function trainStep<S extends TrainState, I extends Tensor | Crops = Tensor>(
  method: Method<S>,
  views: ViewsOf<I>,
  { jit: compiled = false, precision = "float32", takesState = false }: StepOptions = {},
): TrainStep<S, I> {
  const viewsFrom = (random: Key, images: I) => {
    const drawn = views(foldIn(random, VIEWS), images);
    return { drawn, identical: identicalViews(drawn) };
  };
  const donated = takesState ? [0] : [];
  const draw = compiled ? jit(viewsFrom, { name: "views" }) : viewsFrom;
  const step: typeof method.step = compiled ? jit(method.step, { name: "step", precision, donated }) : method.step;
  return (state, { images, identical, ...about }) => {
    const next = scope(() => {
      const views = draw(state.random, images);
      const { state: after, metrics } = step(state, { ...views.drawn, ...about });
      const more: Metrics = {
        ...about.labels === undefined ? { identicalViews: views.identical } : {},
        ...identical === undefined ? {} : { identicalImages: tf.clone(identical) },
      };
      return { state: after, metrics: { ...metrics, ...more } };
    });
    if (takesState) release(state, next.state);
    return next;
  };
}
