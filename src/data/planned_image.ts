import { Either } from "../core/either.ts";
import { type ImageLimits, type ImagePlace, type OpenedImage, openImage } from "./image_source.ts";
import { type ImageSize, type Placement, shownSize } from "./placement.ts";
import { planOf } from "./view_plan.ts";

/** An image from which views are to be made: its file's path or bytes, and its plan. */
export type PlannedImage = { readonly source: string | Uint8Array<ArrayBuffer>; readonly plan: readonly number[] };

/** A planned image with its size as displayed, pixels, and its file's fingerprint: equal files have equal ones. */
export type SizedImage = PlannedImage & { readonly shown: ImageSize; readonly fingerprint: number };

/** Limits on images, and how damaged ones are treated. */
export type ReadOptions = {
  /** The limits on an image. */
  readonly limits?: ImageLimits;
  /** Whether a truncated JPEG is used as far as it goes. Default false: it counts as damaged. */
  readonly recover?: boolean;
};

/**
 * Inspects an image and plans its views.
 *
 * @param place The file, or the image's place in a larger one.
 * @param placements Where its views are taken, given the height and width of the image as displayed, pixels.
 * @param size Rows and columns of a view, pixels.
 * @param options The limits on the image, and how damage is treated.
 * @returns Right the plan, or left why the image cannot be used.
 */
export function planImage(
  place: ImagePlace,
  placements: (height: number, width: number) => readonly Placement[],
  size: number,
  { limits, recover = false }: ReadOptions,
): Either<string, SizedImage> {
  return Either.map(({ header, source, reading, fingerprint }: OpenedImage): SizedImage => {
    const shown = shownSize(header);
    const encoding = recover && header.encoding === "jpeg" ? "jpeg-recovered" : header.encoding;
    const plan = planOf({ ...header, encoding }, placements(shown.height, shown.width), size, reading);
    return { source, plan, shown, fingerprint };
  })(openImage(place, limits));
}
