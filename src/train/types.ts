/**
 * A training run as data.
 *
 * @module
 */
import type { Best, Position } from "../checkpoint/checkpoint.ts";
import type { Json } from "../files/json.ts";
import type { OpenFile } from "../files/atomic.ts";
import type { DataDigest } from "../data/data_digest.ts";
import type { AnyIterable, Batch, Batches } from "../data/types.ts";
import type { Crops } from "../augment/types.ts";
import type { Tensor } from "../engine/mod.ts";
import type { Method } from "../methods/types.ts";
import type { Reporter } from "./progress.ts";
import type { Team } from "./team.ts";
import type { TrainState, ViewsOf } from "./train_step.ts";

/** What of a configuration the loop itself follows. */
export type TrainingOptions = {
  /** Passes over the data. */
  readonly epochs: number;
  /** The seed of everything random. */
  readonly seed: number;
  /** The precision of convolutions and products, where bfloat16 is faster. State and loss are always float32. */
  readonly precision: "float32" | "bfloat16";
  /** Whether the step is compiled. */
  readonly jit: boolean;
  /** Epochs from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** Steps from one checkpoint to the next, beside those of the epochs. Default 0: none. */
  readonly checkpointSteps?: number;
  /** Minutes after which a checkpoint is due, beside those of the epochs. Default 10; 0: none. */
  readonly checkpointMinutes?: number;
  /** How many of the last checkpoints stay. */
  readonly keep: number;
  /** Epochs from one evaluation to the next; 0 for none. */
  readonly evaluateEvery: number;
  /** Steps from one evaluation to the next, beside those of the epochs. Default 0: none. */
  readonly evaluateSteps?: number;
  /** Steps from one line of metrics to the next. */
  readonly logEvery: number;
};

/** What {@linkcode pretrain} trains, on what, and where. */
export type Pretraining<S extends TrainState, I extends Tensor | Crops = Tensor> = {
  /** The pretraining method. */
  readonly method: Method<S>;
  /** How two views are made of a batch. */
  readonly views: ViewsOf<I>;
  /** The images to train on. */
  readonly batches: Batches<AnyIterable<Batch<I>>>;
  /** Which images the batches are of, so that a run that is resumed notices others. Default: not known. */
  readonly data?: DataDigest;
  /** The names of the classes, where it learns from labels. Default: none. */
  readonly classes?: readonly string[];
  /** Whether the state has a row for each image. Default false. */
  readonly remembersImages?: boolean;
  /** The whole configuration: it is stored, and compared when the run is resumed. Its part `training` is followed. */
  readonly config: { readonly training: TrainingOptions };
  /**
   * Reads the configuration of a checkpoint, which an earlier version may have laid out otherwise. Default: as it is.
   */
  readonly readConfig?: (stored: Json) => unknown;
  /** The run's folder. */
  readonly folder: string;
  /** Whether to go on from the newest checkpoint in the folder. Default false: the folder must have none. */
  readonly resume?: boolean;
  /** Scores a state by name, as shares in [0, 1]; it borrows the state. */
  readonly evaluate?: (state: S) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
  /** Which images that is done on, so that processes that train together notice others. Default: not known. */
  readonly evaluatedOn?: DataDigest;
  /** The learning rate after so many steps, for the file of metrics. Default: it is not written. */
  readonly learningRate?: (step: number) => number;
  /** Whether TensorBoard's files are written too, and with which picture of the views, a PNG. Default: they are not. */
  readonly tensorboard?: { readonly sheet?: Uint8Array };
  /** The score whose highest value makes the best checkpoint. Default "knn". */
  readonly bestBy?: string;
  /** Where the run reports to. Default: nowhere. */
  readonly reporter?: Reporter;
  /** Asked after each step whether to save and stop. */
  readonly interrupted?: () => boolean;
  /** The processes that train together. Default: this one trains alone. */
  readonly team?: Team;
  /** The time in milliseconds. */
  readonly now?: () => number;
  /** How files are opened to be written. */
  readonly open?: OpenFile;
};

/** A run, as far as its views do not matter. */
export type RunOptions<S extends TrainState> =
  & Omit<Pretraining<S>, "views" | "batches">
  & { readonly batches: Pick<Batches, "size" | "perEpoch"> };

/** How a run ended. */
export type Outcome<S> = {
  /** Whether it is complete, or was interrupted and saved. */
  readonly _tag: "Finished" | "Interrupted";
  /** The state; the caller frees it. */
  readonly state: S;
  /** How many epochs and steps are done. */
  readonly position: Position;
  /** The checkpoint of this state. */
  readonly checkpoint: string;
  /** The best evaluation, if there was one. */
  readonly best?: Best;
  /** The last evaluation, if there was one. */
  readonly evaluation?: Readonly<Record<string, number>>;
};
