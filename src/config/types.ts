/**
 * The configuration of a pretraining run as a type, inferred from the declarations.
 *
 * @module
 */
import type { Partly, Tagged, Values } from "../core/declare.ts";
import type { augmentation } from "../augment/recipe_settings.ts";
import type { sources } from "../data/table.ts";
import type { methods } from "../methods/table.ts";
import type { encoders } from "../nn/table.ts";
import type { optimizers } from "../optim/table.ts";
import type { training } from "../train/training_settings.ts";

/** The contrastive method: `name` tells which, and which fields it has. */
export type MethodConfig = Tagged<typeof methods>;

/** The backbone. */
export type EncoderConfig = Tagged<typeof encoders>;

/** The optimizer and the schedule of its learning rate. */
export type OptimizerConfig = Tagged<typeof optimizers>;

/** The augmentation: a recipe of the papers, and the numbers in which it is to differ. */
export type AugmentConfig = Values<typeof augmentation>;

/** The images. */
export type DataConfig = Tagged<typeof sources>;

/** The run. */
export type TrainingConfig = Values<typeof training>;

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

/** What a configuration is wanted for. */
export type ParseOptions = {
  /** Whether images will be read, so that `data.path` must be there where the data needs one. Default true. */
  readonly data?: boolean;
};

/** Some fields of a configuration. */
export type PartialConfig = Partly<Config>;
