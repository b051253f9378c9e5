/**
 * Data sets that are converted once and kept in the cache folder.
 *
 * @module
 */
import { Either } from "../dependencies/fp_ts.ts";
import type { TaskEither } from "../core/either.ts";
import { dirname, join } from "node:path";
import { renderCheckpointError } from "../checkpoint/errors.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import { readTensorFile, writeTensorFile } from "../files/tensor_file.ts";
import { cacheFolder } from "../engine/install/mod.ts";
import { reasonOf } from "../core/reason.ts";
import type { DataError } from "./errors.ts";
import type { Dataset, Split } from "./types.ts";

/** A split of which both halves are there and labelled. */
export type LabelledSplit = {
  readonly train: Dataset & { readonly labels: Uint8Array };
  readonly test: Dataset & { readonly labels: Uint8Array };
};

/** What the images of a cached data set are called, beside their pixels. */
export type About = { readonly name: string; readonly version: string; readonly classes: readonly string[] };

/**
 * A data set from its cache file, or made and kept there. The file is a safetensors file, written atomically and checked
 * in length and checksum when it is read; a damaged one is made anew, and one that cannot be written is done without.
 *
 * @param about The data set's name, which with the version names the file, and its classes.
 * @param make How the data set is made.
 * @param notify Is told what a user should know.
 */
export function cached(
  about: About,
  make: TaskEither<DataError, LabelledSplit>,
  notify: (message: string) => void,
): TaskEither<DataError, Split> {
  return async () => {
    const path = cachePath(about, notify);
    if (path !== undefined) {
      const found = await readTensorFile(path)();
      if (Either.isRight(found)) {
        const split = splitOf(found.right.tensors, about);
        if (split !== undefined) return Either.right(split);
        notify(`${path} is not the data set that it should be: making it anew`);
      } else if (found.left._tag === "DamagedFile") {
        notify(`${renderCheckpointError(found.left)}: making it anew`);
      }
    }
    const made = await make();
    if (Either.isLeft(made) || path === undefined) return made;
    const unkept = (reason: string): void => notify(`The data set could not be kept for the next run: ${reason}`);
    try {
      await Deno.mkdir(dirname(path), { recursive: true });
      const tensors = tensorsOf(made.right).map(({ data, ...info }) => ({ ...info, read: () => data }));
      const written = await writeTensorFile(path, tensors, { name: about.name, version: about.version })();
      if (Either.isLeft(written)) unkept(`cannot write ${path}: ${written.left.reason}`);
    } catch (thrown) {
      unkept(reasonOf(thrown));
    }
    return made;
  };
}

function cachePath({ name, version }: About, notify: (message: string) => void): string | undefined {
  try {
    return join(cacheFolder(), "data", `${name}-${version}.safetensors`);
  } catch (thrown) {
    notify(`The data set cannot be kept for the next run: ${reasonOf(thrown)}`);
    return undefined;
  }
}

function tensorsOf({ train, test }: LabelledSplit): readonly StoredTensor[] {
  return Object.entries({ train, test }).flatMap(([half, { images, labels, count, height, width, channels }]) => [
    { name: `${half}.images`, dtype: "U8" as const, shape: [count, height, width, channels], data: images },
    { name: `${half}.labels`, dtype: "U8" as const, shape: [count], data: labels },
  ]);
}

function splitOf(tensors: readonly StoredTensor[], { name, classes }: About): Split | undefined {
  const half = (of: string): Dataset | undefined => {
    const images = tensors.find((tensor) => tensor.name === `${of}.images`);
    const labels = tensors.find((tensor) => tensor.name === `${of}.labels`);
    if (images?.dtype !== "U8" || labels?.dtype !== "U8" || images.shape.length !== 4) return undefined;
    const [count, height, width, channels] = images.shape;
    if (count === 0 || labels.data.length !== count) return undefined;
    return { name, images: images.data, count, height, width, channels, labels: labels.data, classes };
  };
  const train = half("train");
  const test = half("test");
  return train === undefined || test === undefined ? undefined : { train, test };
}
