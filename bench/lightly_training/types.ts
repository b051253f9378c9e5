/**
 * What the contestants are asked for, and what they find.
 *
 * @module
 */

/** One training. */
export type Request = {
  /** The images: `train` and `test`, each with subfolders by class. */
  readonly path: string;
  /** Training images to use; all where absent. */
  readonly limit?: number;
  readonly epochs: number;
  /** Epochs from one evaluation to the next. */
  readonly every: number;
  readonly seed: number;
  readonly precision: "float32" | "bfloat16";
  /** A folder for what it writes. */
  readonly out: string;
};

/** What the features are worth after some epochs. */
export type Point = {
  readonly epoch: number;
  /** Seconds of training until then; evaluation is not counted. */
  readonly seconds: number;
  /** Shares in [0, 1]. */
  readonly knn: number;
  readonly linear: number;
};

/** A training that ended. */
export type Trained = {
  readonly points: readonly Point[];
  readonly versions: Readonly<Record<string, string>>;
};
