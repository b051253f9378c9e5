/**
 * The last evaluation of a run, kept in the run's folder: the scores, and the linear layer that was trained on the
 * features.
 *
 * @module
 */
import { join } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { toJson } from "../train/beginning.ts";
import type { Config } from "../config/types.ts";
import type { DamagedFile, UnreadableFile, UnwritableFile } from "../files/errors.ts";
import { isRecord, type Json, parseJson } from "../files/json.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import { readTensorFile, writeTensorFile } from "../files/tensor_file.ts";
import type { LinearHead } from "../evaluate/linear_heads.ts";

/** What is kept. */
export type KeptEvaluation = {
  /** The step of the checkpoint that was measured. */
  readonly step: number;
  /** The configuration that it was measured with: its images, and the grid of its features. */
  readonly config: Json;
  /** Accuracies by name, as shares in [0, 1]. */
  readonly scores: Readonly<Record<string, number>>;
  /** The names of the classes. */
  readonly classes: readonly string[];
  /** `weight` [features, classes] and `bias` [classes] of the linear layer, where one was trained. */
  readonly tensors: readonly StoredTensor[];
};

/** The file in a run's folder. */
function keptEvaluationFile(folder: string): string {
  return join(folder, "evaluation.safetensors");
}

/** What an evaluation is kept as. */
export function keptEvaluation(
  { step, config, scores, classes, head }: Pick<KeptEvaluation, "step" | "scores"> & {
    readonly config: Config;
    /** The names of the classes, where they have names. */
    readonly classes?: readonly string[];
    readonly head?: LinearHead;
  },
): KeptEvaluation {
  const tensor = (name: string, shape: readonly number[], values: Float32Array): StoredTensor => ({
    ...{ name, dtype: "F32", shape },
    data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  });
  const count = head?.bias.length ?? 0;
  return {
    step,
    scores,
    config: toJson(config),
    classes: classes ?? Array.from({ length: count }, (_, index) => String(index)),
    tensors: head === undefined ? [] : [
      tensor("weight", [head.weight.length / count, count], head.weight),
      tensor("bias", [count], head.bias),
    ],
  };
}

/** Writes an evaluation into a run's folder, in place of an earlier one. */
export function writeEvaluation(
  folder: string,
  { tensors, ...about }: KeptEvaluation,
): TaskEither<UnwritableFile, void> {
  const lazy = tensors.map(({ data, ...info }) => ({ ...info, read: () => data }));
  return writeTensorFile(keptEvaluationFile(folder), lazy, { evaluation: JSON.stringify(about) });
}

/** The evaluation in a run's folder; undefined where there is none, or another program's file. */
export function readEvaluation(folder: string): TaskEither<UnreadableFile | DamagedFile, KeptEvaluation | undefined> {
  const file = keptEvaluationFile(folder);
  return pipe(
    TaskEither.fromTask(() => Deno.stat(file).then(() => true, () => false)),
    TaskEither.flatMap((there): TaskEither<UnreadableFile | DamagedFile, KeptEvaluation | undefined> =>
      there
        ? pipe(readTensorFile(file), TaskEither.map(({ tensors, metadata }) => understood(tensors, metadata)))
        : TaskEither.right(undefined)
    ),
  );
}

function understood(
  tensors: readonly StoredTensor[],
  { evaluation = "" }: Readonly<Record<string, string>>,
): KeptEvaluation | undefined {
  const about = pipe(parseJson(evaluation), Either.getOrElse((): unknown => undefined));
  if (!isRecord(about) || typeof about.step !== "number" || !isRecord(about.scores)) return undefined;
  const classes = Array.isArray(about.classes) ? about.classes.map(String) : [];
  const scores = about.scores as Readonly<Record<string, number>>;
  return { step: about.step, config: about.config as Json, scores, classes, tensors };
}
