/**
 * Checkpoints: everything that a run needs to resume as if it had never stopped, in one safetensors file.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { DataDigest } from "../data/data_digest.ts";
import type { NotACheckpoint } from "./errors.ts";
import type { DamagedFile, UnreadableFile, UnwritableFile } from "../files/errors.ts";
import type { StoredTensor, TensorFile } from "../files/safetensors.ts";
import { type CheckOptions, type LazyTensor, readTensorFile, writeTensorFile } from "../files/tensor_file.ts";
import type { OpenFile } from "../files/atomic.ts";
import { isCount, isRecord, type Json, parseJson } from "../files/json.ts";

/** Where a run stands: the next batch, and how many steps are done. */
export type Position = {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  /** Optimizer steps done. */
  readonly step: number;
};

/** The best evaluation so far. */
export type Best = {
  /** The value that was compared; higher is better. */
  readonly score: number;
  /** The step after which it was measured. */
  readonly step: number;
};

/** What a checkpoint says besides the state's tensors. */
export type About = {
  /** The run's configuration. */
  readonly config: Json;
  /** Where the run stands. */
  readonly position: Position;
  /** The metrics of the last step, and of an evaluation of this very state. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The best evaluation so far, if there was one. */
  readonly best?: Best;
  /** The images that the run is trained on, if they are known. */
  readonly data?: DataDigest;
  /** The names of the classes, if the run learns from labels that have names. */
  readonly classes?: readonly string[];
};

/** A checkpoint that was read. Its state is still bytes, until `restore` fills a tree with them. */
export type Checkpoint = About & {
  /** The file. */
  readonly path: string;
  /** Every leaf of the state, named by its path. */
  readonly tensors: readonly StoredTensor[];
};

/** A checkpoint with everything that its file says besides the tensors, in the file's form. */
export type StoredCheckpoint = Checkpoint & Pick<TensorFile, "metadata">;

/**
 * Writes a checkpoint atomically: whenever the program is stopped, the file is either whole or absent.
 *
 * @param path The file. Its folder exists.
 * @param tensors The state's tensors, from `tensorsOf(state)`.
 * @param about What the checkpoint says besides them.
 * @param open How files are opened.
 * @returns Right nothing, or left why it could not be written, in which case what was at `path` is still there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadCheckpoint, saveCheckpoint, tensorsOf, tf } from "@momentum-contrast/moco";
 *
 * const path = `${await Deno.makeTempDir()}/state.safetensors`;
 * const about = { config: {}, position: { epoch: 0, batch: 3, step: 3 }, metrics: { loss: 2.5 } };
 * await saveCheckpoint(path, tensorsOf({ w: tf.tensor1d([1, 2]) }), about)();
 * const loaded = await loadCheckpoint(path)();
 * assertEquals(loaded._tag === "Right" && loaded.right.position.step, 3);
 * assertEquals(loaded._tag === "Right" && loaded.right.tensors[0].shape, [2]);
 * ```
 */
export function saveCheckpoint(
  path: string,
  tensors: readonly LazyTensor[],
  { config, position, metrics, best, data, classes }: About,
  open?: OpenFile,
): TaskEither<UnwritableFile, void> {
  const metadata = {
    config: JSON.stringify(config),
    position: JSON.stringify(position),
    metrics: JSON.stringify(metrics),
    ...best === undefined ? {} : { best: JSON.stringify(best) },
    ...data === undefined ? {} : { data: JSON.stringify(data) },
    ...classes === undefined ? {} : { classes: JSON.stringify(classes) },
  };
  return writeTensorFile(path, tensors, metadata, open);
}

/**
 * Reads a checkpoint and checks every byte of it.
 *
 * @param path The file.
 * @param options What is required of it.
 * @returns Right the checkpoint; left why there is none, which {@linkcode renderCheckpointError} puts in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadCheckpoint, renderCheckpointError } from "@momentum-contrast/moco";
 *
 * const loaded = await loadCheckpoint("/no/such/checkpoint.safetensors")();
 * assertEquals(
 *   loaded._tag === "Left" && renderCheckpointError(loaded.left),
 *   "Cannot read /no/such/checkpoint.safetensors: no such file or folder",
 * );
 * ```
 */
export function loadCheckpoint(
  path: string,
  options: CheckOptions = {},
): TaskEither<UnreadableFile | DamagedFile | NotACheckpoint, StoredCheckpoint> {
  return pipe(
    readTensorFile(path, options),
    TaskEither.flatMapEither((file) => checkpointOf(path, file)),
  );
}

/** Whether a tensor file says that it is a checkpoint, which need not be a whole one. */
export function saysItIsACheckpoint({ metadata }: Pick<TensorFile, "metadata">): boolean {
  return Object.hasOwn(metadata, "config") && Object.hasOwn(metadata, "position");
}

/** A tensor file as a checkpoint, if its metadata are those of a checkpoint. */
function checkpointOf(
  path: string,
  { tensors, metadata }: TensorFile,
): Either<NotACheckpoint, StoredCheckpoint> {
  const read = (name: string): unknown =>
    pipe(parseJson(metadata[name] ?? ""), Either.getOrElse((): unknown => undefined));
  const fail = (name: string, expected: string): Either<NotACheckpoint, never> =>
    Either.left({
      _tag: "NotACheckpoint",
      path,
      what: `__metadata__.${name}`,
      expected,
      found: Object.hasOwn(metadata, name) ? metadata[name].slice(0, 60) : "nothing",
    });
  const config = read("config");
  if (config === undefined) return fail("config", "the run's configuration in JSON");
  const position = read("position");
  if (!isPosition(position)) return fail("position", "epoch, batch and step in JSON");
  const metrics = read("metrics");
  if (!isNumbers(metrics)) return fail("metrics", "numbers by name in JSON");
  const best = read("best");
  if (Object.hasOwn(metadata, "best") && !isBest(best)) return fail("best", "score and step in JSON");
  const data = read("data");
  if (Object.hasOwn(metadata, "data") && !isDataDigest(data)) return fail("data", "images and digest in JSON");
  const classes = read("classes");
  if (Object.hasOwn(metadata, "classes") && !isNames(classes)) return fail("classes", "names in JSON");
  const optional = {
    ...isBest(best) ? { best } : {},
    ...isDataDigest(data) ? { data } : {},
    ...isNames(classes) ? { classes } : {},
  };
  return Either.right({ path, tensors, metadata, config: config as Json, position, metrics, ...optional });
}

function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  return isRecord(value) && Object.values(value).every((one) => typeof one === "number");
}

function isPosition(value: unknown): value is Position {
  return isNumbers(value) && isCount(value.epoch) && isCount(value.batch) && isCount(value.step);
}

function isBest(value: unknown): value is Best {
  return isNumbers(value) && typeof value.score === "number" && isCount(value.step);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function isDataDigest(value: unknown): value is DataDigest {
  return isRecord(value) && isCount(value.images) && typeof value.digest === "string";
}
