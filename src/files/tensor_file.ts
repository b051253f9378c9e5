/**
 * Reading and writing tensor files on disk.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../core/either.ts";
import { createHash } from "node:crypto";
import { reading } from "./attempt.ts";
import type { DamagedFile, UnreadableFile, UnwritableFile } from "./errors.ts";
import { byteLength, type CheckOptions, decode, layout, type TensorFile, type TensorInfo } from "./safetensors.ts";
import { type OpenFile, writeAll, writeAtomic } from "./atomic.ts";

export type { CheckOptions } from "./safetensors.ts";

/** A tensor whose bytes are read when its turn comes. */
export type LazyTensor = TensorInfo & { readonly read: () => Uint8Array };

/**
 * Writes a safetensors file atomically, one tensor in memory at a time, with a checksum of the whole file.
 *
 * @param path The file. Its folder exists.
 * @param tensors Each with a function that gives its little-endian bytes.
 * @param metadata Free text by name.
 * @param open How files are opened.
 * @throws {RangeError} if a name occurs twice or is reserved.
 */
export function writeTensorFile(
  path: string,
  tensors: readonly LazyTensor[],
  metadata: Readonly<Record<string, string>> = {},
  open?: OpenFile,
): TaskEither<UnwritableFile, void> {
  const { head, checksumAt, order } = layout(tensors, metadata);
  return writeAtomic(path, async (file) => {
    const hash = createHash("sha256").update(head);
    await writeAll(file, head);
    for (const tensor of order) {
      const bytes = tensor.read();
      if (bytes.length !== byteLength(tensor)) {
        throw new RangeError(
          `Cannot store tensor "${tensor.name}": expected ${byteLength(tensor)} bytes, found ${bytes.length}`,
        );
      }
      hash.update(bytes);
      await writeAll(file, bytes);
    }
    await file.seek(checksumAt, Deno.SeekMode.Start);
    await writeAll(file, new TextEncoder().encode(hash.digest("hex")));
  }, open);
}

/**
 * Reads a safetensors file, written by this library or another.
 *
 * @param path The file.
 * @param options What is required of it.
 */
export function readTensorFile(
  path: string,
  options: CheckOptions = {},
): TaskEither<UnreadableFile | DamagedFile, TensorFile> {
  return pipe(
    reading(path, () => Deno.readFile(path)),
    TaskEither.flatMapEither((bytes) =>
      pipe(
        decode(bytes, options),
        Either.mapLeft((fault): UnreadableFile | DamagedFile => ({ _tag: "DamagedFile", path, fault })),
      )
    ),
  );
}
