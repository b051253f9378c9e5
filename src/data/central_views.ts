/**
 * The central view of every image, in order. Encoders are evaluated on these.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { op, type Tensor } from "../engine/mod.ts";
import { alikeViews, areAlike, isWorthCompiling } from "./alike_views.ts";
import { type ImageSource, placeOf } from "./image_source.ts";
import { centralView, type ImageSize } from "./placement.ts";
import { hasRoom, planImage, type ReadOptions, type SizedImage } from "./planned_image.ts";
import type { SkippedImage } from "./types.ts";
import { decodingReason, UnusableImage } from "./unusable.ts";
import { type ViewStream, viewStream } from "./view_stream.ts";

/** What {@linkcode centralViews} makes batches of. */
export type CentralViewsOptions = ReadOptions & {
  readonly source: ImageSource;
  /** The most images in a batch. */
  readonly batch: number;
  /** Rows and columns of a view, pixels. */
  readonly size: number;
  /**
   * The shorter side of an image after resizing, pixels. Default: 8/7 of the view's size, such as 256 for 224. A
   * smaller image keeps its own shorter side, so that nothing is enlarged only to be cut off, but it gets at least the
   * view's size.
   */
  readonly shorter?: number;
  /** 3, or 1 for grey. Default 3. */
  readonly channels?: 1 | 3;
  /** What happens to an image that cannot be used: "skip" leaves it out, "stop" throws. Default "skip". */
  readonly onUnreadable?: "skip" | "stop";
  /** Called for every image that cannot be used. */
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** How many images are processed at once. Default: TensorFlow finds the best number while it runs. */
  readonly threads?: number;
};

/** Views of some images, and the images' places. */
export type CentralViews = {
  /** uint8 [N, size, size, channels]. */
  readonly images: Tensor;
  /** The images' places in the source. */
  readonly index: readonly number[];
  /** The size of each whole image as displayed, pixels. */
  readonly sizes: readonly ImageSize[];
  /** All bytes of each image's file, if they were read. */
  readonly contents: readonly (Uint8Array<ArrayBuffer> | undefined)[];
};

/** The shorter side of an image of some size after resizing, according to the options. */
export function shorterSide(
  { height, width }: ImageSize,
  { size, shorter }: Pick<CentralViewsOptions, "size" | "shorter">,
): number {
  return shorter ?? Math.min(Math.round(size * 8 / 7), Math.max(size, Math.min(height, width)));
}

type Row = SizedImage & { readonly image: number };

/** A batch that is planned, and how its views are taken: uint8 [N, size, size, channels]. */
type Waiting = { readonly rows: readonly Row[]; readonly take: () => Tensor };

/**
 * The central square of every image, as torchvision's `Resize(shorter)` and `CenterCrop(size)` give it. Images that
 * cannot be used are left out, so a batch may have fewer.
 *
 * Reference: reference/augment/resized_crop.ts
 *
 * @param options The images, the batch and the view's size.
 * @throws {UnusableImage} if an image cannot be used and the options say "stop".
 */
export function* centralViews(options: CentralViewsOptions): Generator<CentralViews, void, undefined> {
  const { source, batch, size, channels = 3 } = options;
  const { paths } = source;
  const skip = (image: number, reason: string): void => {
    const found = { path: paths[image], reason };
    if (options.onUnreadable === "stop") throw new UnusableImage(found);
    options.onSkip?.(found);
  };
  const rowAt = (image: number): readonly Row[] => {
    const placements = (height: number, width: number) => [
      centralView(height, width, shorterSide({ height, width }, options), size),
    ];
    const planned = planImage(placeOf(source, image), placements, size, options);
    if (Either.isRight(planned)) return [{ ...planned.right, image }];
    skip(image, planned.left);
    return [];
  };

  const form = { size, channels };
  let opened: ViewStream | undefined; // which costs more than the views of a hundred small images
  const stream = (): ViewStream => opened ??= viewStream({ views: 1, size, channels, batch, threads: options.threads });
  const waiting: Waiting[] = [];
  let next = 0;
  /** Plans a batch, which is full unless the images end. */
  const plan = (): void => {
    const rows: Row[] = [];
    while (rows.length < batch && next < paths.length) rows.push(...rowAt(next++));
    if (rows.length > 0) waiting.push({ rows, take: takerOf(rows) });
    if (next === paths.length) opened?.end();
  };
  const takerOf = (rows: readonly Row[]): Waiting["take"] => {
    if (areAlike(rows) && isWorthCompiling(rows, form)) return () => alikeViews(rows, form);
    stream().put(rows);
    return () => stream().take()[0];
  };
  try {
    for (;;) {
      while (next < paths.length && hasRoom(waiting)) plan();
      const batch = waiting.shift();
      if (batch === undefined) return;
      const views = taken(stream, batch, skip);
      if (views !== undefined) yield views;
    }
  } finally {
    opened?.close();
  }
}

/**
 * The views of a batch. If it cannot be decoded as a whole, the views of those images that can be decoded by
 * themselves.
 */
function taken(
  stream: () => ViewStream,
  { rows, take }: Waiting,
  skip: (image: number, reason: string) => void,
): CentralViews | undefined {
  const whole = Either.tryCatch(take, (thrown) => thrown);
  if (Either.isRight(whole)) return { images: whole.right, ...about(rows) };
  const usable: Row[] = [];
  const views: Tensor[] = [];
  stream().each(rows).forEach((result, row) => {
    if (result instanceof Error) return skip(rows[row].image, decodingReason(result));
    usable.push(rows[row]);
    views.push(result[0]);
  });
  if (views.length === 0) return undefined;
  const [images] = op("Pack", [views], { axis: 0 });
  views.forEach(dispose);
  return { images, ...about(usable) };
}

function about(rows: readonly Row[]): Omit<CentralViews, "images"> {
  return {
    index: rows.map(({ image }) => image),
    sizes: rows.map(({ shown }) => shown),
    contents: rows.map(({ contents }) => contents),
  };
}
