import type { Tensor } from "../engine/mod.ts";
import type { Range } from "./types.ts";

/** The sizes of a batch of images. */
export type BatchShape = readonly [count: number, height: number, width: number, channels: number];

/** The sizes of `images`; `verb` names the operation in the error message. */
export function batchShape(images: Tensor, verb: string): BatchShape {
  if (images.rank !== 4) {
    throw new TypeError(
      `Cannot ${verb} images: expected [N, height, width, channels], found [${images.shape.join(", ")}]`,
    );
  }
  return images.shape as unknown as BatchShape;
}

/** As {@linkcode batchShape}, for transformations of colours: 1 channel is grey, 3 are red, green and blue. */
export function colorBatchShape(images: Tensor, verb: string): BatchShape {
  const shape = batchShape(images, verb);
  if (shape[3] !== 1 && shape[3] !== 3) {
    throw new TypeError(`Cannot ${verb} images: expected 1 or 3 channels, found ${shape[3]}`);
  }
  return shape;
}

/** Refuses a probability outside [0, 1]. */
export function checkProbability(probability: number, verb: string): void {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`Cannot ${verb} images: expected a probability in [0, 1], found ${probability}`);
  }
}

/** Refuses a range that is not in order, not above 0, or beyond `most`. */
export function checkRange([min, max]: Range, what: string, most = Infinity): void {
  if (!(min > 0 && min <= max && max <= most)) {
    throw new RangeError(
      `Cannot make augmentation: expected ${what} in order, above 0` +
        `${most === Infinity ? "" : ` and at most ${most}`}, found [${min}, ${max}]`,
    );
  }
}
