/**
 * Maps views of an image as displayed to the pixels as stored.
 *
 * @module
 */
import type { Box } from "./crop_box.ts";

/**
 * A view: a part of the image, resized, and a square cut out of that.
 *
 *     view[i, j] = resized[offset.top + i, offset.left + j],    resized = resize(image[box], grid)
 */
export type Placement = {
  readonly box: Box;
  /** The size to which the box is resized, pixels. */
  readonly grid: { readonly height: number; readonly width: number };
  /** Where in the resized box the view begins, pixels. */
  readonly offset: { readonly top: number; readonly left: number };
};

/**
 * How to turn a stored image for display: rows and columns are reversed, and then exchanged.
 */
export type Turn = { readonly rows: boolean; readonly columns: boolean; readonly exchanged: boolean };

/**
 * The turn of an EXIF orientation.
 *
 * Source: CIPA DC-008 (Exif 2.32), section 4.6.4, tag 0112.
 *
 * @param orientation 1 to 8.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { turnOf } from "./placement.ts";
 *
 * assertEquals(turnOf(1), { rows: false, columns: false, exchanged: false });
 * assertEquals(turnOf(6), { rows: true, columns: false, exchanged: true }); // a quarter turn clockwise
 * ```
 */
export function turnOf(orientation: number): Turn {
  return {
    rows: [3, 4, 6, 7].includes(orientation),
    columns: [2, 3, 7, 8].includes(orientation),
    exchanged: orientation > 4,
  };
}

/** The size of an image, pixels. */
export type ImageSize = { readonly height: number; readonly width: number };

/** The size of an image as displayed, pixels. */
export function shownSize({ height, width, orientation }: ImageSize & { readonly orientation: number }): ImageSize {
  return turnOf(orientation).exchanged ? { height: width, width: height } : { height, width };
}

/** A box, resized to a square view. */
export function resizedBox(box: Box, size: number): Placement {
  return { box, grid: { height: size, width: size }, offset: { top: 0, left: 0 } };
}

/**
 * The view to evaluate on. The image's shorter side is resized to `shorter` pixels, and the central square is taken.
 * These are torchvision's `Resize(shorter)` and `CenterCrop(size)`.
 *
 * @param height Rows of the image as displayed, pixels.
 * @param width Columns of the image as displayed, pixels.
 * @param shorter The shorter side after resizing, pixels, at least `size`.
 * @param size The view's side, pixels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { centralView } from "./placement.ts";
 *
 * const { grid, offset } = centralView(375, 500, 256, 224);
 * assertEquals([grid.height, grid.width], [256, 341]);
 * assertEquals([offset.top, offset.left], [16, 58]);
 * ```
 */
export function centralView(height: number, width: number, shorter: number, size: number): Placement {
  const longer = (side: number, other: number): number => side <= other ? shorter : Math.floor(shorter * side / other);
  const grid = { height: longer(height, width), width: longer(width, height) };
  const offset = { top: halfToEven((grid.height - size) / 2), left: halfToEven((grid.width - size) / 2) };
  return { box: { top: 0, left: 0, height, width }, grid, offset };
}

/** Rounds to the nearest whole number, halves to the even one, as Python does. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + floor % 2 : Math.round(value);
}

/**
 * The view's placement in the stored pixels. It gives the view before it is turned.
 *
 * @param placement The placement in the image as displayed.
 * @param turn How to turn the stored image for display.
 * @param height Stored rows, pixels.
 * @param width Stored columns, pixels.
 * @param size The view's side, pixels.
 */
export function storedPlacement(
  { box, grid, offset }: Placement,
  turn: Turn,
  height: number,
  width: number,
  size: number,
): Placement {
  const shownRows: Part = { start: box.top, length: box.height, grid: grid.height, offset: offset.top };
  const shownColumns: Part = { start: box.left, length: box.width, grid: grid.width, offset: offset.left };
  const [rowsThen, columnsThen] = turn.exchanged ? [shownColumns, shownRows] : [shownRows, shownColumns];
  const rows = turn.rows ? reversed(rowsThen, height, size) : rowsThen;
  const columns = turn.columns ? reversed(columnsThen, width, size) : columnsThen;
  return {
    box: { top: rows.start, left: columns.start, height: rows.length, width: columns.length },
    grid: { height: rows.grid, width: columns.grid },
    offset: { top: rows.offset, left: columns.offset },
  };
}

/** A placement along one axis. */
type Part = { readonly start: number; readonly length: number; readonly grid: number; readonly offset: number };

function reversed({ start, length, grid, offset }: Part, pixels: number, size: number): Part {
  return { start: pixels - start - length, length, grid, offset: grid - offset - size };
}
