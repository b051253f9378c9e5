/**
 * Linear heads over frozen features, one for each learning rate, which are trained at once.
 *
 * @module
 */
import { gatherRows } from "../engine/ops/mod.ts";
import { jit, type Tensor, tf } from "../engine/mod.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { foldIn, type Key, normal, permutation } from "../core/random.ts";
import { dispose, release, scope } from "../core/scope.ts";
import { applyUpdates } from "../optim/apply_updates.ts";
import { cosine, stepDecay } from "../optim/schedules.ts";
import { sgd, type SgdState } from "../optim/sgd.ts";
import type { Optimizer } from "../optim/types.ts";

/** A linear layer that takes features as they are: logits = x weight + bias. */
export type LinearHead = {
  /** [D, classes], row-major. */
  readonly weight: Float32Array;
  /** [classes]. */
  readonly bias: Float32Array;
};

/**
 * `weight` [D, heads * classes] and `bias` [heads * classes]: one linear layer for each learning rate, side by side.
 */
export type Heads = { readonly weight: Tensor; readonly bias: Tensor };

type ProbeState = {
  readonly heads: Heads;
  readonly optimizer: SgdState;
  /** int32 scalar, steps taken. */
  readonly step: Tensor;
  /** float32 [heads], the sum of the epoch's losses. */
  readonly loss: Tensor;
};

/** What the heads learn from. */
export type ProbeData = {
  readonly features: Tensor; // [N, D]
  readonly labels: Tensor; // int32 [N]
  /** What is subtracted from each feature, and what it is then multiplied by. */
  readonly shift: Tensor; // [D]
  readonly scale: Tensor; // [D]
};

/** How the heads are trained. */
export type Protocol = {
  readonly epochs: number;
  readonly batch: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly schedule: "cosine" | "step";
  readonly classes: number;
};

/** Trains a head for each learning rate at once, on the given rows of the data; the heads do not affect each other. */
export async function fit(
  data: ProbeData,
  rows: Tensor,
  rates: readonly number[],
  protocol: Protocol,
  seed: Key,
  onEpoch?: (epoch: number, loss: number) => void,
): Promise<{ heads: Heads; losses: number[] }> {
  const batch = Math.min(protocol.batch, rows.size);
  const steps = Math.floor(rows.size / batch);
  const optimizer = headsOptimizer(rates, protocol, steps);
  const step = jit(probeStep(optimizer, rates.length, { ...protocol, batch }, steps));
  let state = initialState(optimizer, data.features.shape[1] as number, rates.length, protocol.classes, seed);
  const losses: number[] = [];
  for (let epoch = 0; epoch < protocol.epochs; epoch++) {
    // The last samples of an order that do not fill a batch are left out; each epoch draws another order.
    const order = scope(() => {
      const mixed = gatherRows(rows, permutation(foldIn(foldIn(seed, 2), epoch), rows.size));
      return tf.reshape(tf.slice(mixed, [0], [steps * batch]), [steps, batch]);
    });
    for (let i = 0; i < steps; i++) {
      const next = step(state, { ...data, order });
      release(state, next);
      state = next;
    }
    dispose(order);
    losses.push(state.loss.dataSync()[0] / steps);
    onEpoch?.(epoch, losses[epoch]);
    const next = { ...state, loss: scope(() => tf.zerosLike(state.loss)) };
    release(state, next);
    state = next;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const { heads, ...rest } = state;
  dispose(rest);
  return { heads, losses };
}

/** SGD whose learning rate is one for each head's columns, and broadcasts over weights and biases. */
function headsOptimizer(
  rates: readonly number[],
  { epochs, momentum, weightDecay, schedule, classes }: Protocol,
  stepsPerEpoch: number,
): Optimizer<SgdState> {
  const steps = epochs * stepsPerEpoch;
  const factor = schedule === "cosine"
    ? cosine({ base: 1, epochs, stepsPerEpoch, per: "iteration" })
    : stepDecay({ base: 1, milestones: [steps * 3 / 5, steps * 4 / 5], stepsPerEpoch: 1 });
  const columns = rates.flatMap((rate) => new Array<number>(classes).fill(rate)); // [heads * classes]
  return sgd({ learningRate: (step) => tf.mul(tf.tensor1d(columns), factor(step)), momentum, weightDecay });
}

function initialState(
  optimizer: Optimizer<SgdState>,
  dimension: number,
  heads: number,
  classes: number,
  seed: Key,
): ProbeState {
  return scope(() => {
    const weight = tf.tile(normal(foldIn(seed, 1), [dimension, classes], 0, 0.01), [1, heads]); // [D, heads * classes]
    const bias = tf.zeros([heads * classes]);
    return {
      heads: { weight, bias },
      optimizer: optimizer.init({ weight, bias }),
      step: tf.scalar(0, "int32"),
      loss: tf.zeros([heads]),
    };
  });
}

/** One step of all heads. */
function probeStep(
  optimizer: Optimizer<SgdState>,
  heads: number,
  { batch, classes }: Protocol,
  steps: number,
): (state: ProbeState, data: ProbeData & { readonly order: Tensor }) => ProbeState {
  return (state, { features, labels, order, shift, scale }) => {
    const indices = gatherRows(order, tf.mod(state.step, tf.scalar(steps, "int32"))); // [batch]
    const x = tf.mul(tf.sub(gatherRows(features, indices), shift), scale) as tf.Tensor2D; // [batch, D]
    const targets = tf.oneHot(gatherRows(labels, indices), classes, 1, 0, "float32"); // [batch, classes]
    const { aux: losses, gradients } = valueAndGrad(({ weight, bias }: Heads) => {
      const logits = tf.add(tf.matMul(x, weight as tf.Tensor2D), bias); // [batch, heads * classes]
      const logProbabilities = tf.logSoftmax(tf.reshape(logits, [batch, heads, classes]), -1);
      const right = tf.sum(tf.mul(logProbabilities, tf.expandDims(targets, 1)), -1); // [batch, heads]
      const each = tf.neg(tf.mean(right, 0)); // [heads]
      return { loss: tf.sum(each) as tf.Scalar, aux: each };
    }, state.heads);
    const { updates, state: optimizerState } = optimizer.update(
      gradients,
      state.optimizer,
      state.heads,
      state.step,
    );
    return {
      heads: applyUpdates(state.heads, updates),
      optimizer: optimizerState,
      step: tf.add(state.step, tf.scalar(1, "int32")),
      loss: tf.add(state.loss, losses),
    };
  };
}

/**
 * Ranks the classes by one of the heads, the likeliest first: int32 [rows, min(5, classes)]. `rows` picks rows of the
 * features; null stands for all of them.
 */
export function rank(heads: Heads, head: number, data: ProbeData, rows: Tensor | null, classes: number): Int32Array {
  const { features, shift, scale } = data;
  const count = rows === null ? features.shape[0] : rows.size;
  const width = Math.min(5, classes);
  const ranking = new Int32Array(count * width);
  const block = Math.max(1, Math.min(count, Math.floor(2 ** 24 / Math.max(classes, features.shape[1] as number))));
  for (let first = 0; first < count; first += block) {
    const size = Math.min(block, count - first);
    scope(() => {
      const weight = tf.slice(heads.weight, [0, head * classes], [-1, classes]) as tf.Tensor2D; // [D, classes]
      const bias = tf.slice(heads.bias, [head * classes], [classes]); // [classes]
      const part = rows === null
        ? tf.slice(features, [first, 0], [size, -1])
        : gatherRows(features, tf.slice(rows, [first], [size]));
      const x = tf.mul(tf.sub(part, shift), scale) as tf.Tensor2D; // [size, D]
      const logits = tf.add(tf.matMul(x, weight), bias); // [size, classes]
      ranking.set(tf.topk(logits, width, true).indices.dataSync<"int32">(), first * width);
    });
  }
  return ranking;
}

/**
 * The one head with the standardisation folded into it, so that it takes features as they are:
 *
 *     ((x - shift) scale) W + b = x (scale W) + (b - shift (scale W))
 */
export function folded({ weight, bias }: Heads, { shift, scale }: ProbeData): LinearHead {
  return scope(() => {
    const scaled = tf.mul(tf.expandDims(scale, 1), weight); // [D, classes]
    const shifted = tf.sub(bias, tf.sum(tf.mul(tf.expandDims(shift, 1), scaled), 0)); // [classes]
    return { weight: scaled.dataSync<"float32">(), bias: shifted.dataSync<"float32">() };
  });
}

/** What standardisation subtracts and multiplies by: [D] each. */
export function moments(features: Tensor, standardize: boolean): { readonly shift: Tensor; readonly scale: Tensor } {
  const dimension = features.shape[1] as number;
  if (!standardize) return { shift: tf.zeros([dimension]), scale: tf.ones([dimension]) };
  const { mean, variance } = tf.moments(features, 0);
  // As batch norm's epsilon: a feature that hardly varies must not be blown up by the samples where it does.
  return { shift: mean, scale: tf.rsqrt(tf.add(variance, 1e-5)) };
}
