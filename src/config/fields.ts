/**
 * The table of fields: what each takes, what it means, its fallback, and with which choices it is read. Flags, `--help`,
 * conflicts and the summary of a configuration derive from it.
 *
 * @module
 */
import {
  boolean,
  type Condition,
  fallbackWhere,
  field,
  type Fields,
  integer,
  list,
  literal,
  number,
  optional,
  range,
  readWhere,
  refine,
  section,
  string,
} from "./decode.ts";
import type {
  AugmentConfig,
  Config,
  DataConfig,
  EncoderConfig,
  HeadConfig,
  MethodConfig,
  OptimizerConfig,
  TrainingConfig,
} from "./types.ts";

const resnets = ["resnet18", "resnet34", "resnet50"] as const;
const vits = ["vit-tiny", "vit-small", "vit-base", "vit-large"] as const;

// The choices with which fields are read.
const queued: Condition = { "method.name": ["moco"] };
const v3: Condition = { "method.name": ["moco-v3"] };
const simclr: Condition = { "method.name": ["simclr"] };
const banked: Condition = { "method.name": ["memory-bank"] };
const withKeyEncoder: Condition = { "method.name": ["moco", "moco-v3"] };
const averaging: Condition = { "method.name": ["moco", "moco-v3", "memory-bank"] };
const shuffling: Condition = { "method.name": ["moco", "end-to-end"] };
const withHead: Condition = { "method.name": ["moco", "end-to-end", "simclr", "memory-bank"] };
const resnet: Condition = { "encoder.name": resnets };
const vit: Condition = { "encoder.name": vits };
const vitTiny: Condition = { "encoder.name": ["vit-tiny"] };
const adamw: Condition = { "optimizer.name": ["adamw"] };

const probability = number({ min: 0, max: 1 });
const belowOne = refine(number({ min: 0 }), "a number of at least 0 and below 1", (share) => share < 1);

/** Every field, by section and name. */
export const fields: Fields<Config> = {
  method: section<MethodConfig>("Method", {
    name: field(
      literal("moco", "moco-v3", "end-to-end", "simclr", "memory-bank"),
      "moco",
      "the contrastive method",
      "method",
    ),
    queue: readWhere(
      queued,
      field(integer({ min: 1 }), 4096, "keys in the queue (K); a multiple of what a step enqueues", "queue"),
    ),
    negatives: readWhere(
      banked,
      field(integer({ min: 1 }), 4096, "keys sampled from the memory bank for a step (K)", "negatives"),
    ),
    momentum: readWhere(
      averaging,
      fallbackWhere(
        banked,
        0.5,
        field(
          probability,
          0.99,
          "m of the key encoder's moving average; small data sets want 0.99, ImageNet 0.999; of stored keys 0.5",
        ),
      ),
    ),
    momentumSchedule: readWhere(
      withKeyEncoder,
      fallbackWhere(
        v3,
        "cosine",
        field(literal("constant", "cosine"), "constant", "whether m stays, or rises to 1 with each step"),
      ),
    ),
    temperature: fallbackWhere(
      { ...v3, ...resnet },
      1,
      field(number({ above: 0 }), 0.2, "T of the contrast: 0.07 in v1, 0.2 in v2 and in v3's ViTs", "temperature"),
    ),
    symmetric: readWhere(
      queued,
      field(boolean, false, "both directions of the loss, each view being query once and key once", "symmetric"),
    ),
    shuffle: readWhere(
      shuffling,
      field(boolean, true, "shuffling BN: the keys' batch is permuted across the groups", "shuffle"),
    ),
    groups: fallbackWhere(
      v3,
      1,
      fallbackWhere(
        simclr,
        1,
        field(integer({ min: 1 }), 4, "virtual groups of batch normalisation; shuffling needs two or more", "groups"),
      ),
    ),
  }),
  encoder: section<EncoderConfig>("Encoder", {
    name: field(literal(...resnets, ...vits), "resnet18", "the backbone", "encoder"),
    width: readWhere(
      resnet,
      field(number({ above: 0, max: 8 }), 0.25, "multiplier of every layer's channels; 1 as published", "width"),
    ),
    stem: readWhere(
      resnet,
      field(
        literal("small", "imagenet"),
        "small",
        "first layers: 3x3 for small images, or 7x7 with max-pooling",
        "stem",
      ),
    ),
    stemStride: readWhere(resnet, field(literal(1, 2), 1, "stride of the small stem; 2 quarters the cost")),
    zeroInitResidual: readWhere(
      resnet,
      field(boolean, false, "residual blocks that start as the identity, as in v3", "zero-init-residual"),
    ),
    evaluationGrid: readWhere(
      resnet,
      field(
        integer({ min: 1 }),
        1,
        "cells along each side of the last map whose means are evaluation's features; 1 for the global mean",
        "evaluation-grid",
      ),
    ),
    patch: readWhere(
      vit,
      fallbackWhere(
        vitTiny,
        4,
        field(integer({ min: 1 }), 16, "height and width of a patch, pixels", "patch"),
      ),
    ),
    patchStem: readWhere(
      vit,
      field(
        literal("frozen", "learned", "conv"),
        "frozen",
        "how a patch becomes a token: a projection that stays as it starts, a learned one, or convolutions",
        "patch-stem",
      ),
    ),
    position: readWhere(
      vit,
      field(literal("sin-cos", "learned", "none"), "sin-cos", "how a token knows its place", "position"),
    ),
    pool: readWhere(
      vit,
      field(literal("class", "mean"), "class", "features: the class token's, or the mean of the patches'", "pool"),
    ),
    recompute: readWhere(
      vit,
      field(boolean, false, "each block computed again for its gradient: less memory, more time", "recompute"),
    ),
    channels: readWhere(vitTiny, field(integer({ min: 1 }), 96, "channels of a token")),
    depth: readWhere(vitTiny, field(integer({ min: 1 }), 4, "transformer blocks")),
    heads: readWhere(vitTiny, field(integer({ min: 1 }), 3, "attention heads")),
    head: readWhere(
      withHead,
      field(literal("linear", "mlp"), "mlp", "projection head: linear in v1, mlp in v2", "head"),
    ),
    dimension: fallbackWhere(
      v3,
      256,
      field(integer({ min: 1 }), 128, "features that are contrasted", "dimension"),
    ),
  }),
  projector: section<HeadConfig>("Projector", {
    layers: readWhere(v3, fallbackWhere(vit, 3, field(integer({ min: 1 }), 2, "linear layers"))),
    hidden: readWhere(v3, field(integer({ min: 1 }), 4096, "features between them")),
    lastNorm: readWhere(v3, field(boolean, true, "batch norm at its end")),
  }),
  predictor: section<HeadConfig>("Predictor", {
    layers: readWhere(v3, field(integer({ min: 0 }), 2, "linear layers; 0 for no predictor")),
    hidden: readWhere(v3, field(integer({ min: 1 }), 4096, "features between them")),
    lastNorm: readWhere(v3, fallbackWhere(vit, true, field(boolean, false, "batch norm at its end"))),
  }),
  optimizer: section<OptimizerConfig>("Optimizer", {
    name: field(literal("sgd", "lars", "adamw"), "sgd", "the optimizer", "optimizer"),
    learningRate: field(number({ min: 0 }), 0.06, "learning rate, after the warm-up", "learning-rate"),
    scaleByBatch: field(
      boolean,
      false,
      "the learning rate as one for 256 images an update, scaled to those that there are",
      "scale-by-batch",
    ),
    momentum: readWhere(
      { "optimizer.name": ["sgd", "lars"] },
      field(number({ min: 0, max: 1 }), 0.9, "what is kept of the velocity"),
    ),
    weightDecay: field(
      number({ min: 0 }),
      5e-4,
      "weight decay, on every parameter; with lars, on those with two axes or more",
      "weight-decay",
    ),
    trust: readWhere(
      { "optimizer.name": ["lars"] },
      field(number({ above: 0 }), 0.001, "how far a step may go, as a share of a parameter's norm"),
    ),
    beta1: readWhere(adamw, field(belowOne, 0.9, "what is kept of the mean gradient")),
    beta2: readWhere(adamw, field(belowOne, 0.999, "what is kept of the mean squared gradient")),
    epsilon: readWhere(adamw, field(number({ min: 0 }), 1e-8, "what is added to the root of the mean square")),
    clipNorm: optional(number({ above: 0 }), "greatest norm of all gradients together", "clip-norm"),
    accumulate: field(integer({ min: 1 }), 1, "steps for one update, by the mean of their gradients", "accumulate"),
    schedule: field(literal("cosine", "step", "constant"), "cosine", "how the learning rate falls", "schedule"),
    schedulePer: fallbackWhere(
      v3,
      "iteration",
      field(literal("epoch", "iteration"), "epoch", "whether the cosine moves with each epoch or each step"),
    ),
    warmupEpochs: field(number({ min: 0 }), 0, "epochs of linear warm-up from 0", "warmup-epochs"),
    milestones: field(
      list(number({ above: 0 })),
      [120, 160],
      "epochs at which the schedule step drops to a tenth",
      "milestones",
    ),
  }),
  augment: section<AugmentConfig>("Augmentation", {
    recipe: field(literal("v1", "v2", "v3"), "v2", "the recipe of MoCo v1, v2 or v3", "recipe"),
    size: field(integer({ min: 4, max: 4096 }), 28, "height and width of a view, pixels", "size"),
    evaluationSize: optional(
      integer({ min: 4, max: 4096 }),
      "height and width of images in evaluation, pixels; the views' where absent",
      "evaluation-size",
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
    evaluateSteps: field(
      integer({ min: 0 }),
      0,
      "steps from one kNN evaluation to the next, beside those of the epochs, 0 for none",
      "evaluate-steps",
    ),
    logEvery: field(integer({ min: 1 }), 10, "steps from one line of metrics to the next", "log-every"),
  }),
};
