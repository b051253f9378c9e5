import type { Rule, Values } from "../core/declare.ts";

/** The run. */
export const training = {
  epochs: { is: "integer", min: 1, default: 20, about: "passes over the data", flag: "epochs" },
  batch: { is: "integer", min: 2, default: 128, about: "images a step", flag: "batch" },
  init: {
    is: "path",
    about: "a checkpoint or a run's folder whose encoder the run begins with; random weights where absent",
    flag: "init",
  },
  seed: { is: "integer", min: 0, default: 0, about: "seed of everything random", flag: "seed" },
  precision: {
    is: "choice",
    of: ["float32", "bfloat16"],
    default: "float32",
    about: "precision of convolutions and products, where it is faster; state and loss are always float32",
    flag: "precision",
  },
  jit: { is: "boolean", default: true, about: "compilation of the step", flag: "jit" },
  checkpointEvery: {
    is: "integer",
    min: 1,
    default: 1,
    about: "epochs from one checkpoint to the next",
    flag: "checkpoint-every",
  },
  checkpointMinutes: {
    is: "number",
    min: 0,
    default: 10,
    about: "minutes after which a checkpoint is due, beside those of the epochs, 0 for none",
    flag: "checkpoint-minutes",
  },
  keep: { is: "integer", min: 1, default: 3, about: "last checkpoints to keep", flag: "keep" },
  evaluateEvery: {
    is: "integer",
    min: 0,
    default: 0,
    about: "epochs from one kNN evaluation to the next, 0 for none",
    flag: "evaluate-every",
  },
  evaluateSteps: {
    is: "integer",
    min: 0,
    default: 0,
    about: "steps from one kNN evaluation to the next, beside those of the epochs, 0 for none",
    flag: "evaluate-steps",
  },
  logEvery: {
    is: "integer",
    min: 1,
    default: 10,
    about: "steps from one line of metrics to the next",
    flag: "log-every",
  },
} as const;

/** What a configuration says of its run. */
export type TrainingSettings = Values<typeof training>;

const bfloat16IsCompiled: Rule<{ readonly training: TrainingSettings }> = {
  reads: ["training.precision", "training.jit"],
  check: ({ training: { precision, jit } }) =>
    precision === "float32" || jit ? undefined : {
      expected: '"float32" where training.jit is false, for it is the compiler that chooses bfloat16',
      found: '"bfloat16"',
    },
};

/** What holds for every run. */
export const trainingRules: readonly Rule[] = [bfloat16IsCompiled];
