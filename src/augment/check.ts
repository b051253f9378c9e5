import { checkNumbers, type Demand } from "../core/check_numbers.ts";
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

/** Refuses a range whose ends are not in order, or one of which is not what it must be. */
export function checkRange(doing: string, name: string, [min, max]: Range, must: Demand): void {
  checkNumbers(doing, {
    [`the least ${name}`]: [min, must],
    [`the greatest ${name}`]: [max, { ...must, above: undefined, min }],
  });
}
