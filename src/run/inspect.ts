import { resolve } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import type { CheckpointError } from "../checkpoint/errors.ts";
import { parseJson } from "../files/json.ts";
import { byteLength, type StoredTensor } from "../files/safetensors.ts";
import { type Reporter, silent } from "../train/progress.ts";
import type { NoSuchTensor } from "./errors.ts";
import { type OpenedFile, openTensorFile } from "./open.ts";
import { type Statistics, statistics } from "./statistics.ts";

/** What {@linkcode inspect} is asked for. */
export type InspectRequest = {
  /** A safetensors file, or a run's folder, which stands for its newest whole checkpoint. */
  readonly path: string;
  /** The tensor whose statistics are wanted, or a prefix of the names of several. Default: all, without statistics. */
  readonly tensor?: string;
  /** Receives messages about checkpoints that are passed over. Default: none. */
  readonly reporter?: Reporter;
};

/** What is known of a tensor. */
export type InspectedTensor = {
  readonly name: string;
  readonly dtype: StoredTensor["dtype"];
  readonly shape: readonly number[];
  /** How many bytes its values take in the file. */
  readonly bytes: number;
  /** Present if they were asked for and the dtype has them. */
  readonly statistics?: Statistics;
};

/** What a tensor file holds. */
export type Inspected = {
  /** The path of the file, which for a run's folder is its newest checkpoint. */
  readonly file: string;
  /** What the file says besides its tensors; JSON is parsed. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: readonly InspectedTensor[];
};

/**
 * What a checkpoint, or any safetensors file, holds.
 *
 * @param request The file, and the tensors that are looked at closely.
 * @returns Right the contents; left why they cannot be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSafetensors, inspect } from "@momentum-contrast/moco";
 *
 * const path = `${await Deno.makeTempDir()}/w.safetensors`;
 * const data = new Uint8Array(Float32Array.of(1, 3).buffer);
 * await Deno.writeFile(path, encodeSafetensors([{ name: "w", dtype: "F32", shape: [2], data }]));
 * const inspected = await inspect({ path, tensor: "w" })();
 * assertEquals(inspected._tag === "Right" && inspected.right.tensors[0].statistics?.mean, 2);
 * ```
 */
export function inspect(request: InspectRequest): TaskEither<CheckpointError | NoSuchTensor, Inspected> {
  const { path, tensor, reporter = silent } = request;
  return pipe(
    openTensorFile(resolve(path), reporter.note),
    TaskEither.flatMapEither((opened) => contentsOf(opened, tensor)),
  );
}

function contentsOf({ path, contents }: OpenedFile, name?: string): Either<NoSuchTensor, Inspected> {
  const chosen = contents.tensors.filter((tensor) => name === undefined || tensor.name.startsWith(name));
  if (name !== undefined && chosen.length === 0) return Either.left({ _tag: "NoSuchTensor", path, name });
  return Either.right({
    file: path,
    metadata: Object.fromEntries(
      Object.entries(contents.metadata).map((
        [name, text],
      ) => [name, pipe(parseJson(text), Either.getOrElse((): unknown => text))]),
    ),
    tensors: chosen.map((tensor) => ({
      name: tensor.name,
      dtype: tensor.dtype,
      shape: tensor.shape,
      bytes: byteLength(tensor),
      ...(name === undefined ? {} : { statistics: statistics(tensor) }),
    })),
  });
}
