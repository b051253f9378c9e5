/**
 * Data sets that are converted once and kept in the cache folder.
 *
 * @module
 */
import type { TaskEither } from "../core/either.ts";
import { kept } from "../files/cache.ts";
import type { StoredTensor } from "../files/safetensors.ts";
import type { DataError } from "./errors.ts";
import type { Dataset } from "./types.ts";

/** A data set with a label for each image. */
type Labelled = Dataset & { readonly labels: Uint8Array };

/** A split whose two halves both exist and are labelled. */
export type LabelledSplit = { readonly train: Labelled; readonly test: Labelled };

/** What the images of a cached data set are called, beside their pixels. */
export type About = { readonly name: string; readonly version: string; readonly classes: readonly string[] };

/**
 * A data set from its cache file, or made and then kept there; see {@linkcode kept}.
 *
 * @param about The data set's name and its classes. The name and the version make up the file's name.
 * @param make How the data set is made.
 * @param notify Called with what a user should know.
 */
export function cached(
  about: About,
  make: TaskEither<DataError, LabelledSplit>,
  notify: (message: string) => void,
): TaskEither<DataError, LabelledSplit> {
  const name = `data/${about.name}-${about.version}`;
  return kept({ name, make, tensors: tensorsOf, value: (tensors) => splitOf(tensors, about) }, notify);
}

function tensorsOf({ train, test }: LabelledSplit): readonly StoredTensor[] {
  return Object.entries({ train, test }).flatMap(([half, { images, labels, count, height, width, channels }]) => [
    { name: `${half}.images`, dtype: "U8" as const, shape: [count, height, width, channels], data: images },
    { name: `${half}.labels`, dtype: "U8" as const, shape: [count], data: labels },
  ]);
}

function splitOf(tensors: readonly StoredTensor[], { name, classes }: About): LabelledSplit | undefined {
  const half = (of: string): Labelled | undefined => {
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
