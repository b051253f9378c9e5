import { fromBytes, type Tensor, tf, toFloat } from "../../src/engine/mod.ts";
import { type Key, key, permutation, split, uniform } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import type { Method } from "../../src/methods/types.ts";
import type { Batches } from "../../src/data/types.ts";
import type { Pretraining } from "../../src/train/types.ts";

/** A state with every dtype that a state may hold, small enough that a step costs nothing. */
export type ToyState = {
  readonly step: Tensor;
  readonly query: {
    readonly params: { readonly "0": { readonly weight: Tensor } };
    readonly buffers: Record<never, never>;
  };
  readonly queue: { readonly keys: Tensor; readonly filled: Tensor };
  readonly mask: Tensor;
  readonly counts: Tensor;
  readonly random: Key;
};

/** A method that pulls four weights towards what it sees, with noise, and remembers them in a queue of three. */
export const toyMethod = ({ learningRate = 0.1, width = 4, infiniteAt = -1 } = {}): Method<ToyState> => ({
  init: (from) =>
    scope(() => {
      const [weightKey, random] = split(from);
      return {
        step: tf.scalar(0, "int32"),
        query: { params: { "0": { weight: uniform(weightKey, [width]) } }, buffers: {} },
        queue: { keys: tf.zeros([3, width]), filled: tf.scalar(0, "int32") },
        mask: tf.tensor1d([true, false, true], "bool"),
        counts: fromBytes(Uint8Array.of(1, 2, 255), [3]),
        random,
      };
    }),
  step: (state, { query, key }) =>
    scope(() => {
      const [random, noiseKey] = split(state.random);
      const { weight } = state.query.params["0"];
      const target = tf.mean(tf.sub(tf.mul(query, 2), key));
      const difference = tf.sub(weight, tf.add(target, uniform(noiseKey, weight.shape)));
      const infinite = tf.equal(state.step, tf.scalar(infiniteAt, "int32"));
      const loss = tf.where(infinite, tf.scalar(NaN), tf.mean(tf.square(difference)));
      return {
        state: {
          step: tf.add(state.step, tf.scalar(1, "int32")),
          query: {
            params: { "0": { weight: tf.sub(weight, tf.mul(difference, learningRate)) } },
            buffers: {},
          },
          queue: {
            keys: tf.concat([tf.slice(state.queue.keys, [1, 0], [2, -1]), tf.reshape(weight, [1, -1])]),
            filled: tf.minimum(tf.add(state.queue.filled, tf.scalar(1, "int32")), tf.scalar(3, "int32")),
          },
          mask: tf.logicalNot(state.mask),
          counts: tf.clone(state.counts),
          random,
        },
        metrics: { loss, accuracy: tf.mean(tf.square(weight)), chance: tf.scalar(1) },
      };
    }),
  features: (_, images) => images,
});

/**
 * Batches of two one-pixel images, in an order of the seed and the epoch; `taken` lists the positions that were read.
 */
export function toyBatches(perEpoch = 5, taken: string[] = []): Batches {
  return {
    size: 2,
    perEpoch,
    *epoch(epoch, from = 0) {
      const order = scope(() => permutation(key(epoch), 2 * perEpoch).dataSync());
      for (let batch = from; batch < perEpoch; batch++) {
        taken.push(`${epoch}.${batch}`);
        const places = order.slice(2 * batch, 2 * batch + 2);
        yield { images: fromBytes(Uint8Array.from(places), [2, 1, 1, 1]), index: tf.tensor1d(places, "int32") };
      }
    },
  };
}

/** A small run of the toy method. */
export function toyRun(folder: string, overrides: Partial<Pretraining<ToyState>["config"]["training"]> = {}) {
  return {
    method: toyMethod(),
    views: (from: Key, images: Tensor) => {
      const [query, key] = split(from).map((draw) =>
        tf.add(tf.div(toFloat(images), 255), uniform(draw, images.shape, 0, 0.1))
      );
      return { query, key };
    },
    batches: toyBatches(),
    folder,
    config: {
      training: {
        epochs: 3,
        seed: 7,
        precision: "float32",
        jit: true,
        checkpointEvery: 1,
        keep: 2,
        evaluateEvery: 0,
        logEvery: 2,
        ...overrides,
      },
    },
  } as const satisfies Pretraining<ToyState>;
}
