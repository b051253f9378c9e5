import { dispose } from "../core/scope.ts";
import { methodName } from "../config/names.ts";
import type { Config } from "../config/types.ts";
import { evaluateEncoder, type Evaluation, type EvaluationOptions } from "../evaluate/evaluate.ts";
import { pixels } from "../evaluate/features.ts";
import type { Method, MethodState } from "../methods/types.ts";
import { type Result, toResult } from "../report/summary.ts";
import { freshState } from "../train/fresh_state.ts";
import { featuresOf } from "./features.ts";
import type { LabelledSplit, Note } from "./images.ts";

/** What is measured, and what it is compared with. */
export type Measured = {
  readonly config: Config;
  readonly method: Method<MethodState>;
  /** The trained state; borrowed. */
  readonly state: MethodState;
  readonly images: LabelledSplit;
  /** The protocol. The names of the classes are those of the images. */
  readonly options?: Omit<EvaluationOptions, "classes">;
  /** Whether a randomly initialised encoder and the raw pixels are measured too. */
  readonly baselines: boolean;
  /** Receives the evaluation of the trained encoder, with its predictions and its linear layer. Default: nobody. */
  readonly onTrained?: (evaluation: Evaluation) => void;
  /** Receives messages that say what is being measured. */
  readonly note: Note;
};

/** The results of the trained encoder, and of the baselines after it. */
export async function resultsOf(measured: Measured): Promise<readonly Result[]> {
  const { config, method, state, images: { train, test }, baselines, note } = measured;
  const { classes } = train;
  const options = { ...measured.options, ...(classes === undefined ? {} : { classes }) };
  const features = featuresOf(config);
  const encoder = async (name: string, encoderState: MethodState) => {
    note(`Measuring: ${name}`);
    return await evaluateEncoder(encoderState, features, train, test, options);
  };
  const evaluation = await encoder(methodName(config), state);
  measured.onTrained?.(evaluation);
  const trained = toResult(methodName(config), evaluation);
  if (!baselines) return [trained];
  // The encoder that this training began with: the same seed.
  const fresh = freshState(method, config.training.seed);
  try {
    const random = toResult("Random initialisation", await encoder("Random initialisation", fresh));
    note("Measuring: Raw pixels");
    const raw = await evaluateEncoder({}, (_, images) => pixels(images), train, test, options);
    return [trained, random, toResult("Raw pixels", raw)];
  } finally {
    dispose(fresh);
  }
}
