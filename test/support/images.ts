/**
 * Batches of images for the tests of the augmentations.
 *
 * @module
 */
import fc from "fast-check";
import { type Tensor, tf } from "../../src/engine/mod.ts";
import { floats, sizes } from "./arbitraries.ts";

/** Images as nested arrays [N][H][W][C], the form that the reference reads. */
export type Batch = number[][][][];

/** The batch as a tensor, float32 [N, H, W, C]. */
export function toTensor(batch: Batch): Tensor {
  return tf.tensor4d(batch);
}

/** A batch of 1 to 3 images, from `least` to 7 pixels along each side, of 1 or 3 channels, values in [0, 1]. */
export function batches(
  least: number = 1,
  channels: fc.Arbitrary<number> = fc.constantFrom(1, 3),
): fc.Arbitrary<Batch> {
  return fc.tuple(sizes(1, 3), sizes(least, 7), sizes(least, 7), channels).chain(([count, height, width, depth]) =>
    repeat(repeat(repeat(repeat(floats(0, 1), depth), width), height), count)
  );
}

/** `length` draws of an arbitrary. */
export function repeat<T>(arbitrary: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength: length, maxLength: length });
}

/** A batch with a value for each of its images. */
export function withEach<T>(batch: fc.Arbitrary<Batch>, value: fc.Arbitrary<T>): fc.Arbitrary<[Batch, T[]]> {
  return batch.chain((images) => fc.tuple(fc.constant(images), repeat(value, images.length)));
}

/** An image that has no symmetry and many colours: [N][H][W][C], deterministic. */
export function pattern(count: number, height: number, width: number, channels: number): Batch {
  return Array.from(
    { length: count },
    (_, n) =>
      Array.from(
        { length: height },
        (_, y) =>
          Array.from({ length: width }, (_, x) =>
            Array.from({ length: channels }, (_, c) =>
              ((n * 131 + y * 37 + x * 101 + c * 53 + y * x * 7) % 256) / 255)),
      ),
  );
}
