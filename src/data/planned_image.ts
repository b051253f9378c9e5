import { Either } from "../core/either.ts";
import { type ImageLimits, type OpenedImage, openImage } from "./image_source.ts";
import { type Placement, shownSize } from "./placement.ts";
import { planOf } from "./view_plan.ts";

/** An image to be made into views: its file's path or bytes, and its plan. */
export type PlannedImage = { readonly source: string | Uint8Array<ArrayBuffer>; readonly plan: readonly number[] };

/** What images may ask for, and how the damaged ones are taken. */
export type ReadOptions = {
  /** How much an image may ask for. */
  readonly limits?: ImageLimits;
  /** Whether a truncated JPEG is used as far as it goes. Default false: it is damaged. */
  readonly recover?: boolean;
};

/**
 * Looks at an image and plans its views.
 *
 * @param path The file.
 * @param placements Where its views are taken, by the height and width of the image as it is shown, pixels.
 * @param size Rows and columns of a view, pixels.
 * @param options What the image may ask for.
 * @returns Right the plan, or left why the image cannot be used.
 */
export function planImage(
  path: string,
  placements: (height: number, width: number) => readonly Placement[],
  size: number,
  { limits, recover = false }: ReadOptions,
): Either<string, PlannedImage> {
  return Either.map(({ header, bytes }: OpenedImage): PlannedImage => {
    const { height, width } = shownSize(header);
    const encoding = recover && header.encoding === "jpeg" ? "jpeg-recovered" : header.encoding;
    const plan = planOf({ ...header, encoding }, placements(height, width), size, bytes !== undefined);
    return { source: bytes ?? path, plan };
  })(openImage(path, limits));
}
