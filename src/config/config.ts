/**
 * The configuration of a pretraining run: its type, its one table of fields, and its parser. Flags, `--help` and the
 * documentation derive from the table.
 *
 * @module
 */
import * as Either from "fp-ts/Either.js";
import { pipe } from "fp-ts/function.js";
import {
  boolean,
  type Decoded,
  type Decoder,
  field,
  type Fields,
  integer,
  list,
  literal,
  number,
  optional,
  range,
  record,
  refine,
  section,
  string,
} from "./decode.ts";
import type { ConfigError } from "./errors.ts";
import { conflicts } from "./rules.ts";

/** The contrastive method. */
export type MethodConfig = {
  /** Momentum Contrast with a queue: v1 and v2 differ in head, augmentation and schedule only. */
  readonly name: "moco";
  /** K, the number of keys in the queue. */
  readonly queue: number;
  /** m of the key encoder's moving average, in [0, 1]. */
  readonly momentum: number;
  /** T of InfoNCE. */
  readonly temperature: number;
  /** Both directions of the loss: each view is query once and key once. */
  readonly symmetric: boolean;
  /** Shuffling BN. */
  readonly shuffle: boolean;
  /** The virtual groups of batch normalisation, whose part on several devices each device would play. */
  readonly groups: number;
};

/** The encoder: a ResNet backbone and a projection head. */
export type EncoderConfig = {
  /** The backbone. */
  readonly name: "resnet18" | "resnet34" | "resnet50";
  /** The multiplier of every layer's channels; 1 is the published network. */
  readonly width: number;
  /** The first layers: 3x3 at stride 1 for small images, or ImageNet's 7x7 at stride 2 with max-pooling. */
  readonly stem: "small" | "imagenet";
  /** The stride of the small stem: 2 quarters the cost of everything after it. */
  readonly stemStride: 1 | 2;
  /** The projection head: one linear layer (v1), or two with ReLU (v2). */
  readonly head: "linear" | "mlp";
  /** The number of features that are contrasted. */
  readonly dimension: number;
};

/** The optimizer and the schedule of its learning rate. */
export type OptimizerConfig = {
  /** Stochastic gradient descent with momentum. */
  readonly name: "sgd";
  /** The learning rate at the start, or after the warm-up; for the batch as it is, not scaled. */
  readonly learningRate: number;
  /** The momentum of SGD. */
  readonly momentum: number;
  /** The weight decay, which reaches every parameter. */
  readonly weightDecay: number;
  /** How the learning rate falls. */
  readonly schedule: "cosine" | "step" | "constant";
  /** Whether the cosine moves with each epoch, as in v1 and v2, or with each step. */
  readonly schedulePer: "epoch" | "iteration";
  /** Epochs of linear warm-up from 0. */
  readonly warmupEpochs: number;
  /** The epochs at which the schedule "step" multiplies the learning rate by 0.1. */
  readonly milestones: readonly number[];
};

/** The augmentation: a recipe of the papers, and the numbers in which it is to differ. */
export type AugmentConfig = {
  /** The recipe of MoCo v1, or of v2 (stronger: blur, and jitter for 4 images of 5). */
  readonly recipe: "v1" | "v2";
  /** The height and width of a view, pixels. */
  readonly size: number;
  /**
   * The height and width of whole images in evaluation, pixels; where absent, `size`. Crops show things larger than
   * whole images do, so an encoder trained on small views does better on somewhat larger images.
   */
  readonly evaluationSize?: number;
  /** The least and greatest share of the image's area that a crop takes. */
  readonly cropScale?: readonly [number, number];
  /** The least and greatest ratio of a crop's width to its height. */
  readonly cropRatio?: readonly [number, number];
  /** The probability of colour jitter. */
  readonly jitterProbability?: number;
  /** The greatest change of brightness. */
  readonly brightness?: number;
  /** The greatest change of contrast. */
  readonly contrast?: number;
  /** The greatest change of saturation. */
  readonly saturation?: number;
  /** The greatest change of hue, turns. */
  readonly hue?: number;
  /** The probability of turning to grey. */
  readonly grayscaleProbability?: number;
  /** The probability of Gaussian blur. */
  readonly blurProbability?: number;
  /** The least and greatest standard deviation of the blur, pixels. */
  readonly blurSigma?: readonly [number, number];
  /** Taps of the blur's kernel, odd; where absent, by the size. */
  readonly blurKernel?: number;
  /** The probability of solarization. */
  readonly solarizeProbability?: number;
  /** The probability of a horizontal flip. */
  readonly flipProbability?: number;
  /** The mean of each channel, in [0, 1], that normalisation subtracts. */
  readonly mean?: readonly number[];
  /** The standard deviation of each channel that normalisation divides by. */
  readonly std?: readonly number[];
};

/** The images. */
export type DataConfig = {
  /** Which kind of data. */
  readonly name: "fashion-mnist" | "mnist" | "cifar10" | "cifar100" | "idx" | "folder";
  /** The folder or file; the two MNISTs are fetched where it is absent. */
  readonly path?: string;
  /** The number of images to use. */
  readonly limit?: number;
  /** What an image that cannot be decoded does. */
  readonly onUnreadable: "skip" | "stop";
};

/** The run. */
export type TrainingConfig = {
  /** Passes over the data. */
  readonly epochs: number;
  /** Images a step. */
  readonly batch: number;
  /** The seed of everything random. */
  readonly seed: number;
  /** The precision of convolutions and matrix products; state and loss are float32 always. */
  readonly precision: "float32" | "bfloat16";
  /** Whether the step is compiled. */
  readonly jit: boolean;
  /** Epochs from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** How many of the last checkpoints stay. */
  readonly keep: number;
  /** Epochs from one kNN evaluation to the next; 0 for none. */
  readonly evaluateEvery: number;
  /** Steps from one line of metrics to the next. */
  readonly logEvery: number;
};

/** A whole configuration, checked: the only kind that the rest of the library sees. */
export type Config = {
  /** The contrastive method. */
  readonly method: MethodConfig;
  /** The encoder. */
  readonly encoder: EncoderConfig;
  /** The optimizer. */
  readonly optimizer: OptimizerConfig;
  /** The augmentation. */
  readonly augment: AugmentConfig;
  /** The images. */
  readonly data: DataConfig;
  /** The run. */
  readonly training: TrainingConfig;
};

const probability = number({ min: 0, max: 1 });

/** The table of fields: what each takes, what it means, its fallback, and its flag where that is not its path. */
export const fields: Fields<Config> = {
  method: section<MethodConfig>("Method", {
    name: field(literal("moco"), "moco", "the contrastive method", "method"),
    queue: field(integer({ min: 1 }), 4096, "keys in the queue (K); a multiple of what a step enqueues", "queue"),
    momentum: field(
      probability,
      0.99,
      "m of the key encoder's moving average; small data sets want 0.99, ImageNet 0.999",
    ),
    temperature: field(number({ above: 0 }), 0.2, "T of InfoNCE: 0.07 in v1, 0.2 in v2", "temperature"),
    symmetric: field(
      boolean,
      false,
      "both directions of the loss, each view being query once and key once",
      "symmetric",
    ),
    shuffle: field(boolean, true, "shuffling BN: the keys' batch is permuted across the groups", "shuffle"),
    groups: field(
      integer({ min: 1 }),
      4,
      "virtual groups of batch normalisation; shuffling needs two or more",
      "groups",
    ),
  }),
  encoder: section<EncoderConfig>("Encoder", {
    name: field(literal("resnet18", "resnet34", "resnet50"), "resnet18", "the backbone", "encoder"),
    width: field(number({ above: 0, max: 8 }), 0.25, "multiplier of every layer's channels; 1 as published", "width"),
    stem: field(
      literal("small", "imagenet"),
      "small",
      "first layers: 3x3 for small images, or 7x7 with max-pooling",
      "stem",
    ),
    stemStride: field(literal(1, 2), 1, "stride of the small stem; 2 quarters the cost"),
    head: field(literal("linear", "mlp"), "mlp", "projection head: linear in v1, mlp in v2", "head"),
    dimension: field(integer({ min: 1 }), 128, "features that are contrasted", "dimension"),
  }),
  optimizer: section<OptimizerConfig>("Optimizer", {
    name: field(literal("sgd"), "sgd", "the optimizer", "optimizer"),
    learningRate: field(number({ min: 0 }), 0.06, "learning rate for the batch as it is (not scaled)", "learning-rate"),
    momentum: field(number({ min: 0, max: 1 }), 0.9, "momentum of SGD"),
    weightDecay: field(number({ min: 0 }), 5e-4, "weight decay, on every parameter", "weight-decay"),
    schedule: field(literal("cosine", "step", "constant"), "cosine", "how the learning rate falls", "schedule"),
    schedulePer: field(literal("epoch", "iteration"), "epoch", "whether the cosine moves with each epoch or each step"),
    warmupEpochs: field(number({ min: 0 }), 0, "epochs of linear warm-up from 0", "warmup-epochs"),
    milestones: field(
      list(number({ above: 0 })),
      [120, 160],
      "epochs at which the schedule step drops to a tenth",
      "milestones",
    ),
  }),
  augment: section<AugmentConfig>("Augmentation", {
    recipe: field(literal("v1", "v2"), "v2", "the recipe of MoCo v1 or of v2", "recipe"),
    size: field(integer({ min: 4, max: 4096 }), 28, "height and width of a view, pixels", "size"),
    evaluationSize: optional(
      integer({ min: 4, max: 4096 }),
      "height and width of images in evaluation, pixels; the views' where absent",
    ),
    cropScale: optional(range({ above: 0, max: 1 }), "least and greatest share of the area that a crop takes"),
    cropRatio: optional(range({ above: 0 }), "least and greatest ratio of a crop's width to its height"),
    jitterProbability: optional(probability, "probability of colour jitter"),
    brightness: optional(number({ min: 0 }), "greatest change of brightness"),
    contrast: optional(number({ min: 0 }), "greatest change of contrast"),
    saturation: optional(number({ min: 0 }), "greatest change of saturation"),
    hue: optional(number({ min: 0, max: 0.5 }), "greatest change of hue, turns"),
    grayscaleProbability: optional(probability, "probability of turning to grey"),
    blurProbability: optional(probability, "probability of Gaussian blur"),
    blurSigma: optional(range({ above: 0 }), "least and greatest standard deviation of the blur, pixels"),
    blurKernel: optional(
      refine(integer({ min: 1 }), "an odd number", (taps) => taps % 2 === 1),
      "taps of the blur's kernel",
    ),
    solarizeProbability: optional(probability, "probability of solarization"),
    flipProbability: optional(probability, "probability of a horizontal flip"),
    mean: optional(list(probability), "mean of each channel, subtracted (ImageNet's where absent)"),
    std: optional(
      list(number({ above: 0 })),
      "standard deviation of each channel, divided by (ImageNet's where absent)",
    ),
  }),
  data: section<DataConfig>("Data", {
    name: field(
      literal("fashion-mnist", "mnist", "cifar10", "cifar100", "idx", "folder"),
      "fashion-mnist",
      "kind of data",
      "data",
    ),
    path: optional(string, "its folder or file; fashion-mnist and mnist are fetched without one", "path"),
    limit: optional(integer({ min: 1 }), "images to use, all where absent", "limit"),
    onUnreadable: field(literal("skip", "stop"), "skip", "what an image that cannot be decoded does", "on-unreadable"),
  }),
  training: section<TrainingConfig>("Training", {
    epochs: field(integer({ min: 1 }), 20, "passes over the data", "epochs"),
    batch: field(integer({ min: 2 }), 128, "images a step", "batch"),
    seed: field(integer({ min: 0 }), 0, "seed of everything random", "seed"),
    precision: field(literal("float32", "bfloat16"), "float32", "precision of convolutions and products", "precision"),
    jit: field(boolean, true, "compilation of the step", "jit"),
    checkpointEvery: field(integer({ min: 1 }), 1, "epochs from one checkpoint to the next", "checkpoint-every"),
    keep: field(integer({ min: 1 }), 3, "last checkpoints to keep", "keep"),
    evaluateEvery: field(
      integer({ min: 0 }),
      0,
      "epochs from one kNN evaluation to the next, 0 for none",
      "evaluate-every",
    ),
    logEvery: field(integer({ min: 1 }), 10, "steps from one line of metrics to the next", "log-every"),
  }),
};

const decoder: Decoder<Config> = record(fields);

/** The configuration that an empty record stands for: MoCo v2 on Fashion-MNIST with a quarter-width ResNet-18. */
export const defaultConfig: Config = pipe(
  decoder.decode({}, ""),
  Either.getOrElse((): Config => {
    throw new TypeError("Cannot build the default configuration: expected valid fallbacks, found faults");
  }),
);

/** What a configuration is wanted for. */
export type ParseOptions = {
  /** Whether images will be read, so that `data.path` must be there where the data needs one. Default true. */
  readonly data?: boolean;
};

/**
 * A configuration from any value, such as parsed JSON: absent fields take their defaults, and every fault is reported at
 * once with its path, what was expected and what was found.
 *
 * @param input The value.
 * @param options What the configuration is wanted for.
 * @returns Right the configuration, or left every fault.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseConfig } from "@momentum-contrast/moco";
 *
 * const parsed = parseConfig({ training: { batch: "64" }, method: { momentun: 0.9 } });
 * assertEquals(parsed._tag === "Left" && parsed.left.map((error) => error.path), [
 *   "method.momentun",
 *   "training.batch",
 * ]);
 * ```
 */
export function parseConfig(input: unknown, options: ParseOptions = {}): Decoded<Config> {
  return pipe(
    decoder.decode(input, ""),
    Either.match(
      (faults): Decoded<Config> => Either.left([...faults, ...conflictsBeside(faults, input, options)]),
      (config) => {
        const found = conflicts(config, options);
        return found.length === 0 ? Either.right(config) : Either.left(found);
      },
    ),
  );
}

/** The conflicts among the fields that are not faulty by themselves: those of the input without the faulty ones. */
function conflictsBeside(
  faults: readonly ConfigError[],
  input: unknown,
  options: ParseOptions,
): readonly ConfigError[] {
  const faulty = faults.map(({ path }) => path);
  return pipe(
    decoder.decode(faulty.reduce((rest, path) => without(rest, path.split(".").slice(0, 2)), input), ""),
    Either.match(() => [], (config) => conflicts(config, options, faulty)),
  );
}

function without(input: unknown, [first, ...rest]: readonly string[]): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      name !== first ? [[name, value]] : rest.length === 0 ? [] : [[name, without(value, rest)]]
    ),
  );
}
