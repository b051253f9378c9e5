import { Either } from "../core/either.ts";
import { type Cut, cutOf } from "./cut.ts";
import type { ImageHeader } from "./image_header.ts";
import { type ImageLimits, type ImagePlace, type OpenedImage, openImage } from "./image_source.ts";
import { type ImageSize, type Placement, shownSize } from "./placement.ts";
import { planOf } from "./view_plan.ts";

/** An image from which views are to be made: its file's path or bytes, and its plan. */
export type PlannedImage = {
  readonly source: string | Uint8Array<ArrayBuffer>;
  readonly plan: readonly number[];
  /** How its view is made, if it takes no more than cutting it out. */
  readonly cut?: Cut;
};

/** A planned image, with what its file says. */
export type SizedImage = PlannedImage & Pick<OpenedImage, "contents" | "fingerprint"> & {
  /** Its size as displayed, pixels. */
  readonly shown: ImageSize;
};

/** Limits on images, and how damaged ones are treated. */
export type ReadOptions = {
  /** The limits on an image. */
  readonly limits?: ImageLimits;
  /** Whether a truncated JPEG is used as far as it goes. Default false: it counts as damaged. */
  readonly recover?: boolean;
};

/** A header, and with it how the image is decoded: a JPEG may be used as far as it goes. */
export function headerAsRead(header: ImageHeader, recover = false): ImageHeader {
  return recover && header.encoding === "jpeg" ? { ...header, encoding: "jpeg-recovered" } : header;
}

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
  { limits, recover }: ReadOptions,
): Either<string, SizedImage> {
  return Either.map(({ header: stored, source, reading, contents, fingerprint }: OpenedImage): SizedImage => {
    const shown = shownSize(stored);
    const header = headerAsRead(stored, recover);
    const placed = placements(shown.height, shown.width);
    const plan = planOf(header, placed, size, reading);
    return { source, plan, cut: cutOf(header, placed, reading), contents, shown, fingerprint };
  })(openImage(place, limits));
}

/** The most batches that are planned ahead: those being computed, one being filled, one waiting. */
const PLANNED = 4;

/** The bytes of images with which no more than two batches are planned ahead. */
const PLANNED_BYTES = 2 ** 28;

/** Whether a further batch may be planned beside those that wait. The bytes of images take memory while they wait. */
export function hasRoom(waiting: readonly { readonly rows: readonly PlannedImage[] }[]): boolean {
  if (waiting.length < 2) return true;
  const sources = waiting.flatMap(({ rows }) => rows.map(({ source }) => source));
  const bytes = sources.reduce((sum, source) => sum + (typeof source === "string" ? 0 : source.length), 0);
  return waiting.length < PLANNED && bytes < PLANNED_BYTES;
}
