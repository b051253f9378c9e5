import { ahead, fromBytes, type Tensor, tf, toFloat } from "../engine/mod.ts";
import { gatherRows } from "../engine/ops/mod.ts";
import { type Devices, virtualDevices } from "../core/devices.ts";
import { dispose, scope } from "../core/scope.ts";
import type { CentralViews } from "../data/central_views.ts";
import { imagesInOrder } from "../data/in_order.ts";
import { partOfImages } from "../data/select.ts";
import type { ImageFiles, Images, SkippedImage } from "../data/types.ts";

/** Options of {@linkcode extractFeatures}. */
export type FeatureOptions = {
  /** Images per call of the encoder. Default 250. */
  readonly batch?: number;
  /** Called after each batch with the images done so far. */
  readonly onProgress?: (done: number, count: number) => void;
  /**
   * The devices that share the images: each computes the features of its part, and every one gets those of all.
   * Default: a single one.
   */
  readonly devices?: Devices;
};

/**
 * The features of every image of a data set, in the data set's order, without augmentation.
 *
 * Images in files that cannot be used have none, so that there may be fewer rows than images;
 * {@linkcode labelledFeatures} gives the label of each row.
 *
 * The encoder always sees batches of one size, so a compiled one is traced once: the last batch is filled up with
 * black images, whose features are dropped. The encoder must treat its images independently (batch norm in evaluation
 * mode does). The event loop runs between batches.
 *
 * @param encode From images uint8 [batch, height, width, channels] to features float32 [batch, D]; it normalises too.
 * @param data The images.
 * @param options The batch size, a progress callback.
 * @returns Features float32 [N, D] of the N images that can be used; the caller owns them.
 * @throws {TypeError} if the encoder's result is not a matrix with one row for each image.
 * @throws {RangeError} if there is no image, or the batch is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { extractFeatures, pixels } from "@momentum-contrast/moco";
 *
 * const data = { images: Uint8Array.of(0, 255, 51), count: 3, height: 1, width: 1, channels: 1 };
 * const features = await extractFeatures(pixels, data, { batch: 2 });
 * assertEquals(features.shape, [3, 1]);
 * assertEquals([...features.dataSync()].map((x) => x.toFixed(1)), ["0.0", "1.0", "0.2"]);
 * ```
 */
export async function extractFeatures(
  encode: (images: Tensor) => Tensor,
  data: Images | ImageFiles,
  options: FeatureOptions = {},
): Promise<Tensor> {
  return (await extract(encode, data, options)).features;
}

/** Features with the class of each row. */
export type LabelledFeatures = {
  /** float32 [N, D]. */
  readonly features: Tensor;
  /** The class of each row, [N]. */
  readonly labels: ArrayLike<number>;
};

/**
 * As {@linkcode extractFeatures}, with the label of each image that has features.
 *
 * @param encode From images uint8 [batch, height, width, channels] to features float32 [batch, D].
 * @param data The images and their labels.
 * @param options The batch size, a progress callback.
 * @returns Features float32 [N, D], which the caller owns, and the label of each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelledFeatures, pixels } from "@momentum-contrast/moco";
 *
 * const data = { images: Uint8Array.of(0, 255), labels: [3, 5], count: 2, height: 1, width: 1, channels: 1 };
 * const { features, labels } = await labelledFeatures(pixels, data);
 * assertEquals([features.shape, Array.from(labels)], [[2, 1], [3, 5]]);
 * ```
 */
export async function labelledFeatures(
  encode: (images: Tensor) => Tensor,
  data: (Images | ImageFiles) & { readonly labels: ArrayLike<number> },
  options: FeatureOptions = {},
): Promise<LabelledFeatures> {
  const { features, places } = await extract(encode, data, options);
  return { features, labels: places.map((place) => data.labels[place]) };
}

/** The features of every image that can be used, and the images' places. */
async function extract(
  encode: (images: Tensor) => Tensor,
  data: Images | ImageFiles,
  { devices = virtualDevices(), onProgress, ...options }: FeatureOptions,
): Promise<{ readonly features: Tensor; readonly places: readonly number[] }> {
  const { count } = data;
  const batch = Math.min(options.batch ?? 250, Math.ceil(count / devices.count));
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`Cannot extract features: expected at least 1 image and a batch above 0, found ${batch}`);
  }
  const parts: Tensor[] = [];
  const places: number[] = [];
  try {
    for await (const { features, index } of sharedBatches(encode, data, batch, devices)) {
      parts.push(features);
      places.push(...index);
      onProgress?.(places.length, count);
    }
    if (places.length === 0) {
      throw new RangeError(`Cannot extract features: expected images, found ${count} that cannot be used`);
    }
    const rows = Int32Array.from(places.keys()).sort((a, b) => places[a] - places[b]);
    const features = scope(() => gatherRows(tf.concat(parts, 0), tf.tensor1d(rows, "int32"))); // [count, D]
    return { features, places: Array.from(rows, (row) => places[row]) };
  } finally {
    for (const part of parts) dispose(part);
  }
}

/**
 * The features of the images of all devices, batch by batch. All devices take part in each, since what they compute is
 * gathered; so one that has no images left encodes black ones, which nobody gets.
 */
async function* sharedBatches(
  encode: (images: Tensor) => Tensor,
  data: Images | ImageFiles,
  batch: number,
  { index: part, count, gather }: Devices,
): AsyncGenerator<Pick<FeatureBatch, "features" | "index">, void, undefined> {
  const images = partOfImages(data, { index: part, count });
  const own = images.count === 0 ? undefined : featureBatches(encode, images, batch);
  const rounds = Math.ceil(Math.ceil(data.count / count) / batch);
  try {
    for (let round = 0; round < rounds; round++) {
      const { features, index } = (await own?.next())?.value ?? { features: ofBlack(encode, data, batch), index: [] };
      const places = Int32Array.from(
        { length: batch },
        (_, row) => row < index.length ? index[row] * count + part : NONE,
      );
      const all = scope(() => ({
        features: gather(tf.pad(features, [[0, batch - features.shape[0]], [0, 0]])), // [count x batch, D]
        places: gather(tf.tensor1d(places, "int32")), // [count x batch]
      }));
      dispose(features);
      const found = [...all.places.dataSync<"int32">()];
      const rows = Int32Array.from(found.keys()).filter((row) => found[row] !== NONE);
      const whole = scope(() => gatherRows(all.features, tf.tensor1d(rows, "int32")));
      dispose(all);
      yield { features: whole, index: Array.from(rows, (row) => found[row]) };
    }
  } finally {
    await own?.return();
  }
}

/** In place of an image's place where there is no image. */
const NONE = -1;

/** The features of a batch of black images. */
function ofBlack(encode: (images: Tensor) => Tensor, { height, width, channels }: Images | ImageFiles, batch: number) {
  return scope(() => featuresOf(encode, black(batch, [height, width, channels]), batch));
}

/** The features of a batch of images. */
export type FeatureBatch = Omit<CentralViews, "images"> & {
  /** float32 [N, D]; whoever takes it frees it. */
  readonly features: Tensor;
};

/**
 * The features of a data set's images, batch by batch and in order. The event loop runs between batches.
 *
 * @param encode From images uint8 [batch, height, width, channels] to features float32 [batch, D].
 * @param data The images.
 * @param batch The size of a batch. The encoder sees only full ones: the last one is filled up.
 * @param onSkip Called for every image that cannot be used.
 * @param atOnce How many batches the encoder works on at the same time. Two fill the moments in which one of them
 *   leaves a core idle, and need the memory of two. Default 1.
 */
export async function* featureBatches(
  encode: (images: Tensor) => Tensor,
  data: Images | ImageFiles,
  batch: number,
  onSkip?: (skipped: SkippedImage) => void,
  atOnce = 1,
): AsyncGenerator<FeatureBatch, void, undefined> {
  const begun: FeatureBatch[] = []; // those under way, and one that waits
  let thread = 0;
  try {
    for (const { images, ...about } of imagesInOrder(data, batch, onSkip)) {
      begun.push({ features: begin(encode, images, batch, thread), ...about });
      thread = (thread + 1) % atOnce;
      if (begun.length > atOnce) yield begun.shift()!;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    while (begun.length > 0) yield begun.shift()!;
  } finally {
    begun.forEach(({ features }) => dispose({ features }));
  }
}

/** The features of some images, which are computed while JavaScript goes on. The images are freed. */
function begin(encode: (images: Tensor) => Tensor, images: Tensor, batch: number, thread: number): Tensor {
  try {
    return ahead(() => scope(() => featuresOf(encode, images, batch)), thread);
  } finally {
    dispose({ images });
  }
}

/** The features of some images, which are filled up to a batch. */
function featuresOf(encode: (images: Tensor) => Tensor, images: Tensor, batch: number): Tensor {
  const [rows] = images.shape;
  const features = encode(filled(images, batch)); // [batch, D]
  if (features.rank !== 2 || features.shape[0] !== batch) {
    throw new TypeError(`Cannot extract features: expected [${batch}, D], found [${features.shape}]`);
  }
  return rows < batch ? tf.slice(features, [0, 0], [rows, -1]) : tf.clone(features);
}

/** Images, and black ones after them up to a number. */
function filled(images: Tensor, batch: number): Tensor {
  const [rows, ...shape] = images.shape;
  if (rows === batch) return images;
  return tf.concat([images, black(batch - rows, shape)], 0);
}

function black(count: number, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return fromBytes(new Uint8Array(count * size), [count, ...shape]);
}

/**
 * The simplest encoder, a baseline: the pixels themselves, scaled to [0, 1] and flattened.
 *
 * @param images uint8 [N, height, width, channels].
 * @returns float32 [N, height * width * channels].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pixels, tf } from "@momentum-contrast/moco";
 *
 * const images = tf.tensor4d([0, 255], [1, 1, 2, 1], "int32");
 * assertEquals([...pixels(images).dataSync()], [0, 1]);
 * ```
 */
export function pixels(images: Tensor): Tensor {
  return tf.reshape(tf.div(toFloat(images), 255), [images.shape[0], images.size / images.shape[0]]);
}
