import { type Tensor, tf } from "../engine/mod.ts";
import { aboveZero, checkNumbers, fromZero, shareBelowOne, wholeFromOne } from "../core/check_numbers.ts";
import { foldIn, type Key, key as newKey, permutation } from "../core/random.ts";
import { dispose, scope } from "../core/scope.ts";
import type { LabelledFeatures } from "./features.ts";
import { checkRows } from "./knn.ts";
import { fit, folded, type LinearHead, moments, type ProbeData, type Protocol, rank } from "./linear_heads.ts";
import { checkLabels, type Classes, countClasses, score, type Scores } from "./scores.ts";

/** Options of {@linkcode linearProbe}. */
export type LinearOptions = {
  /** Passes over the training features. Default 30. */
  readonly epochs?: number;
  /** Samples of a step. Default 512, or all of them where there are fewer. */
  readonly batch?: number;
  /**
   * The learning rate, or several to choose from: then a tenth of the training samples is held out, the rate that does
   * best on it is taken, and the head is trained anew on all of them. The test samples have no say. With one training
   * sample, the first rate is taken. Default: 0.01 to 1, or 0.1 to 30 where the features are not standardised.
   */
  readonly learningRate?: number | readonly number[];
  /** The momentum of SGD. Default 0.9. */
  readonly momentum?: number;
  /** The weight decay of SGD. Default 0. */
  readonly weightDecay?: number;
  /**
   * How the learning rate falls. `cosine`: to 0 along half a cosine, by the step. `step`: to a tenth after 60 % of the
   * epochs, and to a hundredth after 80 %. Default `cosine`.
   */
  readonly schedule?: "cosine" | "step";
  /**
   * Whether each feature is shifted and scaled to mean 0 and variance 1 over the training samples first (a batch norm
   * without learned parameters). The classifier stays linear; only its training is better conditioned. Default true.
   */
  readonly standardize?: boolean;
  /** The number of classes, or their names. Default: one more than the largest label. */
  readonly classes?: Classes;
  /** Draws the head's first weights, the order of the samples and the held-out tenth. Default 0. */
  readonly seed?: number;
  /** Called after each epoch of the final training with its mean loss in nats. */
  readonly onEpoch?: (epoch: number, loss: number) => void;
};

/** A learning rate, and the share of samples that the head trained with it predicts right, in [0, 1]. */
export type RateScore = { readonly learningRate: number; readonly top1: number };

/** Scores of the linear probe, and how they were taken. */
export type LinearResult = Scores & {
  /** The layer that was trained, with the standardisation of the features folded into it. */
  readonly head: LinearHead;
  /** The predicted class of each test sample, int32 [N]. */
  readonly predictions: Int32Array;
  /** Mean training loss of each epoch, in nats. */
  readonly losses: readonly number[];
  /** The learning rate that the head was trained with. */
  readonly learningRate: number;
  /** If one of several rates was chosen: the share of the held-out samples that each predicts right, in [0, 1]. */
  readonly selection?: readonly RateScore[];
  /** Passes over the training features. */
  readonly epochs: number;
  /** Features a step. */
  readonly batch: number;
  /** Whether the features were shifted and scaled to mean 0 and deviation 1 before the training. */
  readonly standardized: boolean;
};

/**
 * Trains one linear layer on frozen features and scores it on others: linear classification.
 *
 *     minimise  -1/N sum_i log softmax(x_i W + b)[y_i]     over W (std 0.01) and b (zero), by SGD with momentum
 *
 * It takes features, not an encoder, so nothing but the head can change. The features are computed once, without
 * augmentation (the papers augment the training images by crops and flips; say so when comparing with them).
 *
 * Source: arXiv:1911.05722, section 4.1; arXiv:2104.02057, section 5 (cosine schedule).
 *
 * @param train Features float32 [N, D] and labels to train on.
 * @param test Features float32 [M, D] and labels to score on.
 * @param options The protocol.
 * @returns Shares in [0, 1], the predictions, the losses in nats.
 * @throws {TypeError} if the features' widths differ, or labels are not one for each row.
 * @throws {RangeError} if an option is out of its range, or a label is not a class.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linearProbe, tf } from "@momentum-contrast/moco";
 *
 * const train = { features: tf.tensor2d([[0, 1], [1, 0], [0, 2], [2, 0]]), labels: [0, 1, 0, 1] };
 * const test = { features: tf.tensor2d([[0.2, 1.5], [1.5, 0.1]]), labels: [0, 1] };
 * const result = await linearProbe(train, test, { learningRate: 1, epochs: 10 });
 * assertEquals([...result.predictions], [0, 1]);
 * ```
 */
export async function linearProbe(
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: LinearOptions = {},
): Promise<LinearResult> {
  checkRows(train, "training features");
  checkRows(test, "test features");
  const [count, dimension] = train.features.shape;
  if (test.features.shape[1] !== dimension) {
    throw new TypeError(`Cannot probe: expected test features [M, ${dimension}], found [${test.features.shape}]`);
  }
  const classes = options.classes ?? countClasses(train.labels, test.labels);
  const standardized = options.standardize ?? true;
  const protocol = protocolOf(options, count, checkLabels(train.labels, classes, "probe"));
  const rates = ratesOf(options, standardized);
  const seed = newKey(options.seed ?? 0);
  const own = scope(() => ({
    ...moments(train.features, standardized),
    labels: tf.tensor1d(Int32Array.from(train.labels), "int32"),
    all: tf.range(0, count, 1, "int32"),
    mixed: permutation(foldIn(seed, 0), count),
  }));
  const data: ProbeData = { features: train.features, labels: own.labels, shift: own.shift, scale: own.scale };
  try {
    const selection = rates.length > 1 && count > 1 // of a single sample none can be held out
      ? await heldOutScores(data, own.mixed, train.labels, rates, protocol, seed)
      : undefined;
    const learningRate = selection === undefined ? rates[0] : bestOf(selection);
    const { heads, losses } = await fit(data, own.all, [learningRate], protocol, seed, options.onEpoch);
    const ranking = rank(heads, 0, { ...data, features: test.features }, null, protocol.classes);
    const head = folded(heads, data);
    dispose(heads);
    const width = ranking.length / test.labels.length;
    return {
      ...score(ranking, test.labels, classes),
      predictions: Int32Array.from({ length: test.labels.length }, (_, i) => ranking[i * width]),
      head,
      losses,
      learningRate,
      ...(selection === undefined ? {} : { selection }),
      epochs: protocol.epochs,
      batch: protocol.batch,
      standardized,
    };
  } finally {
    dispose({ ...own, seed });
  }
}

/** What the options say, for so many samples and classes. */
function protocolOf(options: LinearOptions, samples: number, classes: number): Protocol {
  const { epochs = 30, batch = 512, momentum = 0.9, weightDecay = 0, schedule = "cosine" } = options;
  checkNumbers("probe", {
    epochs: [epochs, wholeFromOne],
    batch: [batch, wholeFromOne],
    momentum: [momentum, shareBelowOne],
    weightDecay: [weightDecay, fromZero],
  });
  return { epochs, batch: Math.min(batch, samples), momentum, weightDecay, schedule, classes };
}

/**
 * Learning rates to choose from, found on Fashion-MNIST with pixels and convolutional features (batches of 256 and
 * 1024, 20 and 60 epochs): the best of each lay inside. Features that are not standardised may need far higher ones.
 */
const RATES = { standardized: [0.01, 0.03, 0.1, 0.3, 1], raw: [0.1, 0.3, 1, 3, 10, 30] };

/** The learning rates to choose from, or the only one. */
function ratesOf({ learningRate }: LinearOptions, standardized: boolean): readonly number[] {
  const rates = [learningRate ?? RATES[standardized ? "standardized" : "raw"]].flat();
  if (rates.length === 0) throw new RangeError("Cannot probe: expected a learning rate, found none");
  for (const rate of rates) checkNumbers("probe", { "a learning rate": [rate, aboveZero] });
  return rates;
}

/** How well each learning rate does on a tenth of the samples, trained on the others. */
async function heldOutScores(
  data: ProbeData,
  mixed: Tensor,
  labels: ArrayLike<number>,
  rates: readonly number[],
  protocol: Protocol,
  seed: Key,
): Promise<readonly RateScore[]> {
  const held = Math.max(1, Math.floor(mixed.size / 10));
  const parts = scope(() => ({
    held: tf.slice(mixed, [0], [held]),
    rest: tf.slice(mixed, [held], [mixed.size - held]),
  }));
  const { heads } = await fit(data, parts.rest, rates, protocol, seed);
  const heldLabels = Array.from(parts.held.dataSync<"int32">(), (row) => labels[row]);
  const scores = rates.map((learningRate, head) => {
    const ranking = rank(heads, head, data, parts.held, protocol.classes);
    return { learningRate, top1: score(ranking, heldLabels, protocol.classes).top1 };
  });
  dispose({ heads, parts });
  return scores;
}

/** The learning rate that does best. The first of equally good ones is taken, so the list's order decides. */
function bestOf(scores: readonly RateScore[]): number {
  return scores.reduce((best, one) => one.top1 > best.top1 ? one : best).learningRate;
}
