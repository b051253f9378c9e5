import { Either, pipe, TaskEither } from "../core/either.ts";
import { reading } from "../files/attempt.ts";
import type { DamagedFile, FormatError, UnreadableFile } from "../files/errors.ts";
import { decode, type TensorFile } from "../files/safetensors.ts";
import { readPyTorch } from "./pytorch/read.ts";

/**
 * The tensors of a file of weights: safetensors, or what `torch.save` writes. The format is recognised by the file's
 * bytes, not by its name.
 *
 * @param path The file.
 */
export function readWeights(path: string): TaskEither<UnreadableFile | DamagedFile, TensorFile> {
  return pipe(
    reading(path, () => Deno.readFile(path)),
    TaskEither.flatMap((bytes) => async (): Promise<Either<UnreadableFile | DamagedFile, TensorFile>> =>
      pipe(
        await weightsIn(bytes),
        Either.mapLeft((fault) => ({ _tag: "DamagedFile", path, fault }) as const),
      )
    ),
  );
}

/** The tensors of a file's bytes. */
async function weightsIn(bytes: Uint8Array<ArrayBuffer>): Promise<Either<FormatError, TensorFile>> {
  return bytes[8] === 0x7b ? decode(bytes) : await readPyTorch(bytes); // a header of safetensors begins with "{"
}
