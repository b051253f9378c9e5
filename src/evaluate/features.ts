import { fromBytes, type Tensor, tf, toFloat } from "../engine/mod.ts";
import { dispose, scope } from "../core/scope.ts";
import type { Images } from "../data/types.ts";

/** Options of {@linkcode extractFeatures}. */
export type FeatureOptions = {
  /** Images per call of the encoder. Default 250. */
  readonly batch?: number;
  /** Called after each batch with the images done so far. */
  readonly onProgress?: (done: number, count: number) => void;
};

/**
 * The features of every image of a data set, in the data set's order, without augmentation.
 *
 * The encoder always sees batches of one size, so a compiled one is traced once: the last batch is filled up with
 * black images, whose features are dropped. The encoder must treat its images independently (batch norm in evaluation
 * mode does). The event loop runs between batches.
 *
 * @param encode From images uint8 [batch, height, width, channels] to features float32 [batch, D]; it normalises too.
 * @param data The images.
 * @param options The batch size, a progress callback.
 * @returns Features float32 [count, D]; the caller owns them.
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
  data: Images,
  options: FeatureOptions = {},
): Promise<Tensor> {
  const { count, height, width, channels } = data;
  const batch = Math.min(options.batch ?? 250, count);
  if (!Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`Cannot extract features: expected at least 1 image and a batch above 0, found ${batch}`);
  }
  const size = height * width * channels;
  const parts: Tensor[] = [];
  try {
    for (let first = 0; first < count; first += batch) {
      const rows = Math.min(batch, count - first);
      let bytes = data.images.subarray(first * size, (first + rows) * size);
      if (rows < batch) {
        const filled = new Uint8Array(batch * size);
        filled.set(bytes);
        bytes = filled;
      }
      parts.push(scope(() => {
        const features = encode(fromBytes(bytes, [batch, height, width, channels])); // [batch, D]
        if (features.rank !== 2 || features.shape[0] !== batch) {
          throw new TypeError(`Cannot extract features: expected [${batch}, D], found [${features.shape}]`);
        }
        return rows < batch ? tf.slice(features, [0, 0], [rows, -1]) : tf.clone(features);
      }));
      options.onProgress?.(first + rows, count);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return scope(() => tf.concat(parts, 0)); // [count, D]
  } finally {
    for (const part of parts) dispose(part);
  }
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
