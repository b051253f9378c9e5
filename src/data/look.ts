/**
 * What some images of a data set are like, looked at before a training begins.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { readBytes } from "../engine/mod.ts";
import { counted } from "../core/counted.ts";
import { openImage, placeOf } from "./image_source.ts";
import { resizedBox, shownSize } from "./placement.ts";
import { planImage } from "./planned_image.ts";
import type { ImageFiles } from "./types.ts";
import { viewStream } from "./view_stream.ts";

/** The most images whose headers are read. */
const HEADERS = 300;

/** The most pixels that are decoded, which takes about a second. */
const PIXELS = 2 ** 26;

/** Rows and columns at which pixels are looked at. */
const SIZE = 32;

/** Values of a nearly constant image differ by at most this, of 255. */
const NEARLY_CONSTANT = 8;

type Looked = {
  readonly path: string;
  /** The image's place in the data set. */
  readonly image: number;
  readonly height: number;
  readonly width: number;
  readonly isDeep: boolean;
};

/**
 * Looks at a part of the images: at the headers of up to 300, and at the pixels of as many as are decoded in about a
 * second.
 *
 * @param files The images.
 * @returns What a user should know, one line each: the images' sizes; how many have 16 bits, are grey although the
 *   training is on colours, or are nearly constant.
 */
export function lookAt(files: ImageFiles): readonly string[] {
  const { paths, limits, channels } = files;
  const step = Math.max(1, paths.length / HEADERS);
  const chosen = Array.from({ length: Math.min(paths.length, HEADERS) }, (_, i) => Math.floor(i * step));
  const looked = chosen.flatMap((image): Looked[] => {
    const opened = openImage(placeOf({ ...files, copies: undefined }, image), limits, "header");
    if (Either.isLeft(opened)) return []; // the training says so when it comes to it
    const { header } = opened.right;
    return [{ path: paths[image], image, ...shownSize(header), isDeep: header.encoding === "png-16" }];
  });
  if (looked.length === 0) return [];
  const decoded = pixelsOf(files, looked);
  return [
    sizes(looked),
    ...finding(
      looked.filter(({ isDeep }) => isDeep).map(({ path }) => path),
      looked.length,
      "16 bits a channel, and each is scaled over its own range",
    ),
    ...channels === 1
      ? []
      : finding(decoded.filter(isGrey).map(({ path }) => path), decoded.length, "no colours, in a training on colours"),
    ...finding(
      decoded.filter(isNearlyConstant).map(({ path }) => path),
      decoded.length,
      "nearly one colour, from which nothing is learned",
    ),
  ];
}

function sizes(looked: readonly Looked[]): string {
  const sorted = looked.toSorted((a, b) => a.height * a.width - b.height * b.width);
  const said = ({ height, width }: Looked): string => `${width}x${height}`;
  const [smallest, median, largest] = [0, 0.5, 1].map((share) => said(sorted[Math.floor(share * (sorted.length - 1))]));
  const what = `Image sizes (of ${counted(looked.length, "image")} looked at): `;
  if (smallest === largest) return `${what}${median} pixels`;
  return `${what}smallest ${smallest}, median ${median}, largest ${largest} pixels`;
}

function finding(paths: readonly string[], all: number, what: string): readonly string[] {
  if (paths.length === 0) return [];
  const have = paths.length === 1 ? "has" : "have";
  return [`${paths.length} of ${counted(all, "image")} looked at ${have} ${what}: for example ${paths[0]}`];
}

type Pixels = { readonly path: string; readonly pixels: Uint8Array };

/** The pixels of whole images at a small size, of those that can be decoded. */
function pixelsOf(files: ImageFiles, looked: readonly Looked[]): readonly Pixels[] {
  const share = Math.min(1, PIXELS / looked.reduce((sum, { height, width }) => sum + height * width, 0));
  const some = looked.filter((_, i) => Math.floor((i + 1) * share) > Math.floor(i * share));
  const stream = viewStream({ views: 1, size: SIZE, channels: 3, batch: 1 });
  try {
    const planned = some.flatMap(({ path, image }) => {
      const whole = (height: number, width: number) => [resizedBox({ top: 0, left: 0, height, width }, SIZE)];
      const plan = planImage(placeOf(files, image), whole, SIZE, files);
      return Either.isLeft(plan) ? [] : [{ path, plan: plan.right }];
    });
    if (planned.length === 0) return [];
    return stream.each(planned.map(({ plan }) => plan)).flatMap((views, i): Pixels[] => {
      if (views instanceof Error) return [];
      const pixels = readBytes(views[0]);
      dispose(views[0]);
      return [{ path: planned[i].path, pixels }];
    });
  } finally {
    stream.close();
  }
}

function isGrey({ pixels }: Pixels): boolean {
  return pixels.every((value, i) => value === pixels[i - i % 3]);
}

function isNearlyConstant({ pixels }: Pixels): boolean {
  return [0, 1, 2].every((channel) => {
    const values = pixels.filter((_, i) => i % 3 === channel);
    return Math.max(...values) - Math.min(...values) <= NEARLY_CONSTANT;
  });
}
