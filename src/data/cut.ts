import type { Encoding, Reading } from "../engine/ops/mod.ts";
import type { ImageHeader } from "./image_header.ts";
import type { ImageSize, Placement } from "./placement.ts";

/** How a view is made from a file in memory, if the image needs to be neither turned nor resized. */
export type Cut = ImageSize & {
  readonly encoding: Exclude<Encoding, "bmp-palette">;
  /** Where the view begins, pixels. */
  readonly top: number;
  readonly left: number;
};

/**
 * How the only view of an image is cut out of it; undefined if that takes more.
 *
 * @param header What its file says.
 * @param placements Where its views are taken from the image as displayed.
 * @param reading Where its bytes are.
 */
export function cutOf(
  { encoding, height, width, orientation }: ImageHeader,
  placements: readonly Placement[],
  reading: Reading,
): Cut | undefined {
  if (placements.length !== 1 || reading.from !== "memory" || orientation !== 1) return undefined;
  const [{ box, grid, offset }] = placements;
  if (encoding === "bmp-palette" || box.height !== grid.height || box.width !== grid.width) return undefined;
  return { encoding, height, width, top: box.top + offset.top, left: box.left + offset.left };
}
