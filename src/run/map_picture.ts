/**
 * A map as a picture.
 *
 * @module
 */
import { extname } from "node:path";
import { Either, pipe, TaskEither } from "../core/either.ts";
import { writeBytesAtomic, writeTextAtomic } from "../files/atomic.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { mapChart } from "../report/map_chart.ts";
import { standalone, toPng } from "../report/picture.ts";
import type { CollectionImage } from "../search/collection/types.ts";
import type { NoColour } from "./question_errors.ts";

/** An image and its place on a map. */
export type MapPlace = { readonly image: CollectionImage; readonly x: number; readonly y: number };

/** Where a picture goes, and what its colours mean. */
export type MapPicture = {
  /** The file: an SVG or a PNG, as its name ends. */
  readonly path: string;
  /** "label", "split", or the name of a column. Default "label". */
  readonly colour?: string;
};

/** Refuses a colour that means something that no image has. Images without labels are all of one colour. */
export function checkColour(
  colour: string,
): (images: readonly CollectionImage[]) => Either<NoColour, unknown> {
  return (images) =>
    images.some((image) => valueOf(image, colour) !== undefined)
      ? Either.right(undefined)
      : Either.left({ _tag: "NoColour", name: colour });
}

/** Writes a picture of a map, with a point for each image. */
export function writePicture(
  places: readonly MapPlace[],
  { path, colour = "label" }: MapPicture,
): TaskEither<UnwritableFile, void> {
  const points = places.map(({ image, x, y }) => ({ x, y, value: valueOf(image, colour) }));
  return pipe(
    TaskEither.fromTask(() => mapChart(points, colour)),
    TaskEither.flatMap((svg) =>
      extname(path).toLowerCase() === ".svg" ? writeTextAtomic(path, standalone(svg)) : pipe(
        TaskEither.fromTask(() => toPng(svg)),
        TaskEither.flatMap((png) => writeBytesAtomic(path, png)),
      )
    ),
  );
}

function valueOf(image: CollectionImage, colour: string): string | number | undefined {
  if (colour === "label") return image.label;
  return colour === "split" ? image.split : image.columns[colour];
}
