/**
 * Settings that optimizers share: the learning rate and its schedule, the weight decay, and gradient handling.
 *
 * @module
 */
import type { Rule, Values } from "../core/declare.ts";

/** The first settings of every optimizer. */
export const learningRate = {
  learningRate: {
    is: "number",
    min: 0,
    default: 0.06,
    about: "learning rate, after the warm-up",
    flag: "learning-rate",
    ofChoice: true,
  },
  scaleByBatch: {
    is: "boolean",
    default: false,
    about: "the learning rate is one for 256 images, and is scaled in proportion to the images of an update",
    flag: "scale-by-batch",
  },
} as const;

/** The velocity of SGD and LARS. */
export const momentum = {
  is: "number",
  min: 0,
  max: 1,
  default: 0.9,
  about: "momentum: what is kept of the velocity",
} as const;

/** The weight decay. */
export const weightDecay = {
  is: "number",
  min: 0,
  max: 1,
  default: 5e-4,
  about: "weight decay, on every parameter",
  flag: "weight-decay",
  ofChoice: true,
} as const;

/** The last settings of every optimizer. */
export const schedule = {
  clipNorm: { is: "number", above: 0, about: "greatest norm of all gradients together", flag: "clip-norm" },
  accumulate: {
    is: "integer",
    min: 1,
    default: 1,
    about: "steps for one update, by the mean of their gradients; the key encoder moves as often",
    flag: "accumulate",
  },
  schedule: {
    is: "choice",
    of: ["cosine", "step", "constant"],
    default: "cosine",
    about: "how the learning rate falls",
    flag: "schedule",
  },
  schedulePer: {
    is: "choice",
    of: ["epoch", "iteration"],
    default: "epoch",
    about: "whether the cosine moves with each epoch, as in v1 and v2, or each step, as in v3",
  },
  warmupEpochs: {
    is: "number",
    min: 0,
    default: 0,
    about: "epochs of linear warm-up from 0",
    flag: "warmup-epochs",
  },
  milestones: {
    is: "list",
    above: 0,
    default: [120, 160],
    about: "epochs at which the learning rate drops to a tenth, with the schedule step",
    flag: "milestones",
  },
} as const;

type Scheduled = { readonly optimizer: Values<typeof schedule>; readonly training: { readonly epochs: number } };

const warmupEnds: Rule<Scheduled> = {
  reads: ["optimizer.warmupEpochs", "training.epochs"],
  check: ({ optimizer: { warmupEpochs }, training: { epochs } }) =>
    warmupEpochs < epochs
      ? undefined
      : { expected: `fewer than training.epochs (${epochs})`, found: String(warmupEpochs) },
};

const milestonesAscend: Rule<Scheduled> = {
  reads: ["optimizer.milestones"],
  check: ({ optimizer: { milestones } }) =>
    milestones.every((epoch, i) => i === 0 || milestones[i - 1] < epoch)
      ? undefined
      : { expected: "epochs in ascending order", found: JSON.stringify(milestones) },
};

/** Rules and warnings for every schedule. */
export const scheduled = {
  rules: [warmupEnds, milestonesAscend],
  warnings: ({ optimizer, training }: Scheduled): readonly string[] => {
    const { schedule, milestones } = optimizer;
    if (schedule !== "step" || milestones.some((epoch) => epoch < training.epochs)) return [];
    return [
      `optimizer.milestones [${milestones.join(", ")}] lie after the last epoch (${training.epochs}): the learning ` +
      "rate never drops.",
    ];
  },
} as const;
