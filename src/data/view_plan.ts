/**
 * What TensorFlow is told about an image, as numbers: how to decode its file, and where to take its views.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import {
  decodeFile,
  encodingNumber,
  fileBytes,
  type Reading,
  READING_NUMBERS,
  readingNumbers,
  resampled,
  shrunkJpeg,
  turned,
} from "../engine/ops/mod.ts";
import type { ImageHeader } from "./image_header.ts";
import { type Placement, storedPlacement, turnOf } from "./placement.ts";

/** The form of views: how many an image has, and what each is. */
export type ViewForm = {
  /** Views an image. */
  readonly views: number;
  /** Rows and columns of each, pixels. */
  readonly size: number;
  /** 3, or 1 for grey. */
  readonly channels: 1 | 3;
};

/** How many numbers a plan has before those of its views, and how many each view has. */
const [ofFile, ofView] = [6 + READING_NUMBERS, 8];

/** How many numbers a plan has. */
export function planLength({ views }: ViewForm): number {
  return ofFile + ofView * views;
}

/**
 * The plan of an image.
 *
 * @param header What its file says.
 * @param placements Where its views are taken from the image as displayed.
 * @param size Rows and columns of a view, pixels.
 * @param reading Where TensorFlow finds the file's bytes.
 */
export function planOf(
  { encoding, height, width, orientation, table = { start: 0, length: 0 } }: ImageHeader,
  placements: readonly Placement[],
  size: number,
  reading: Reading,
): readonly number[] {
  const turn = turnOf(orientation);
  return [
    encodingNumber(encoding),
    ...[table.start, table.length],
    ...[turn.rows, turn.columns, turn.exchanged].map(Number),
    ...readingNumbers(reading),
    ...placements.flatMap((placement) => {
      const { box, grid, offset } = storedPlacement(placement, turn, height, width, size);
      return [box.top, box.left, box.height, box.width, grid.height, grid.width, offset.top, offset.left];
    }),
  ];
}

/**
 * The views of an image. Its file is read once, and decoded once as a whole. For two views of a photograph that is
 * faster than decoding each view's part by itself. A truncated file is also noticed wherever its views lie.
 *
 * @param source The file's path or its bytes, string [].
 * @param plan int32 [planLength], from {@linkcode planOf}.
 * @param form The form of the views.
 * @returns For each view, uint8 [size, size, channels].
 */
export function viewsOf(source: Tensor, plan: Tensor, { views, size, channels }: ViewForm): Tensor[] {
  const numbers = (first: number, count: number): Tensor => tf.slice(plan, [first], [count]);
  const { image, turn } = storedImage(source, plan);
  const stored = Array.from({ length: views }, (_, view) => {
    const first = ofFile + ofView * view;
    const grid = { box: numbers(first, 4), size: numbers(first + 4, 2), offset: numbers(first + 6, 2) };
    return resampled(image, grid, size, channels);
  });
  return turned(stored, turn);
}

/** An image as it is stored, uint8 [height, width, 3], and how it is turned for display: see {@linkcode turned}. */
function storedImage(source: Tensor, plan: Tensor): { readonly image: Tensor; readonly turn: Tensor } {
  const numbers = (first: number, count: number): Tensor => tf.slice(plan, [first], [count]);
  const contents = fileBytes(source, numbers(6, READING_NUMBERS));
  const image = decodeFile(tf.reshape(numbers(0, 1), []), contents, numbers(1, 2));
  return { image, turn: numbers(3, 3) };
}

/** How many numbers tell how an image is shrunk. */
export const COPY_LENGTH: number = ofFile + 2;

/**
 * The plan of a smaller copy.
 *
 * @param header What the image's file says.
 * @param shorter The shorter side of the copy, pixels.
 * @param reading Where TensorFlow finds the file's bytes.
 */
export function copyPlanOf(header: ImageHeader, shorter: number, reading: Reading): readonly number[] {
  const { height, width } = header;
  const factor = shorter / Math.min(height, width);
  return [...planOf(header, [], 0, reading), ...[height, width].map((side) => Math.round(factor * side))];
}

/** The file of a smaller copy, uint8 [bytes], by a plan from {@linkcode copyPlanOf}. */
export function copyOf(source: Tensor, plan: Tensor): Tensor {
  const { image, turn } = storedImage(source, plan);
  return shrunkJpeg(image, tf.slice(plan, [ofFile], [2]), turn);
}
