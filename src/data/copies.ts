/**
 * Smaller copies of large images, so that a training does not decode millions of pixels for each view.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Either, type TaskEither } from "../core/either.ts";
import { dispose } from "../core/scope.ts";
import { readBytes } from "../engine/mod.ts";
import { elementFunction, mapped, prefetched, type Spec } from "../engine/data/mod.ts";
import { writeBytesAtomic } from "../files/atomic.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { isFile } from "../files/read.ts";
import { counted } from "../core/counted.ts";
import { reasonOf } from "../core/reason.ts";
import { openImage, placeOf } from "./image_source.ts";
import { headerAsRead, type PlannedImage } from "./planned_image.ts";
import type { ImageFiles } from "./types.ts";
import { COPY_LENGTH, copyOf, copyPlanOf } from "./view_plan.ts";
import { line } from "./view_stream.ts";

/** How copies are made. */
export type CopiesOptions = {
  /** Where they are kept. */
  readonly cache: string;
  /** The folder that the images are in: a copy is named by its image's path from there. */
  readonly root: string;
  /** The shorter side of a copy, pixels. Images whose shorter side is not larger have no copy. */
  readonly shorter: number;
  /** Called with what a user should know. */
  readonly notify: (message: string) => void;
};

/** An image that gets a copy. */
type Original = { readonly image: number; readonly copy: string };

/** Images that are decoded before they are asked for. */
const AHEAD = 8;

/** Milliseconds between two messages. */
const TELL = 10_000;

/**
 * The same data set with a copy in the place of each image whose shorter side is larger than asked for. The copies that
 * are not there yet are made.
 *
 * A copy is the displayed image, shrunk with antialiasing, as a JPEG of quality 95. Its name depends on the image's
 * path within the data folder, its size in bytes, the time of its last change, the side, and whether a JPEG is used as
 * far as it goes.
 *
 * @param files The images.
 * @param options Where the copies are, and how large.
 * @returns Right the data set; left the copy that could not be written.
 */
export function withCopies(files: ImageFiles, options: CopiesOptions): TaskEither<UnwritableFile, ImageFiles> {
  return async () => {
    const originals = originalsOf(files, options);
    const missing = originals.filter(({ copy }) => !isFile(copy));
    const made = await makeCopies(files, missing, options);
    if (Either.isLeft(made)) return made;
    const failed = made.right;
    const copies: (string | undefined)[] = files.paths.map(() => undefined);
    for (const { image, copy } of originals) if (!failed.has(image)) copies[image] = copy;
    return Either.right({ ...files, copies });
  };
}

function originalsOf(files: ImageFiles, { cache, root, shorter }: CopiesOptions): readonly Original[] {
  return files.paths.flatMap((path, image): Original[] => {
    const place = placeOf(files, image);
    const opened = openImage(place, files.limits, "header");
    if (Either.isLeft(opened)) return []; // whoever reads it says why it cannot be used
    const header = headerAsRead(opened.right.header, files.recover);
    if (Math.min(header.height, header.width) <= shorter) return [];
    const stat = Either.tryCatch(() => Deno.statSync(typeof place === "string" ? place : place.file), reasonOf);
    if (Either.isLeft(stat)) return []; // it vanished
    const { size, mtime } = stat.right;
    const recovered = header.encoding === "jpeg-recovered" ? [header.encoding] : [];
    const about = JSON.stringify([relative(root, path), size, mtime?.getTime() ?? 0, shorter, ...recovered]);
    const name = createHash("sha256").update(about).digest("hex").slice(0, 32);
    return [{ image, copy: join(cache, name.slice(0, 2), `${name}.jpg`) }];
  });
}

/** How an image is copied; undefined if it can no longer be read. */
function planned(files: ImageFiles, image: number, shorter: number): PlannedImage | undefined {
  const opened = openImage(placeOf(files, image), files.limits);
  if (Either.isLeft(opened)) return undefined;
  const { header, source, reading } = opened.right;
  return { source, plan: copyPlanOf(headerAsRead(header, files.recover), shorter, reading) };
}

/** Makes copies. Right the places of images that cannot be decoded, which have none. */
async function makeCopies(
  files: ImageFiles,
  originals: readonly Original[],
  { cache, shorter, notify }: CopiesOptions,
): Promise<Either<UnwritableFile, ReadonlySet<number>>> {
  const failed = new Set<number>();
  if (originals.length === 0) return Either.right(failed);
  notify(`Making copies of ${counted(originals.length, "image")} of ${shorter} pixels in ${cache}`);
  const copies = copyLine();
  let told = performance.now();
  try {
    for (const [done, { image, copy }] of originals.entries()) {
      const ahead = done === 0 ? originals.slice(0, AHEAD) : originals.slice(done + AHEAD - 1, done + AHEAD);
      for (const { image } of ahead) {
        const plan = planned(files, image, shorter);
        if (plan === undefined) failed.add(image);
        else copies.put([plan]);
      }
      const file = failed.has(image) ? undefined : copies.next();
      if (file === undefined) failed.add(image);
      else {
        const written = await write(copy, file)();
        if (Either.isLeft(written) && !isFile(copy)) return written; // another process may make the same copies
      }
      await setImmediate(); // lets the program hear its signals
      if (performance.now() - told < TELL) continue;
      told = performance.now();
      notify(`${(done + 1).toLocaleString("en")} of ${originals.length.toLocaleString("en")} copies are made`);
    }
    return Either.right(failed);
  } finally {
    copies.close();
  }
}

function write(path: string, bytes: Uint8Array): TaskEither<UnwritableFile, void> {
  return async () => {
    await Deno.mkdir(dirname(path), { recursive: true }).catch(() => {}); // writing says why it cannot be done
    return writeBytesAtomic(path, bytes)();
  };
}

/** A line of files of copies, of images that are put in with their plans. */
function copyLine() {
  const components: Spec[] = [{ dtype: "string", shape: [] }, { dtype: "int32", shape: [COPY_LENGTH] }];
  const shrink = elementFunction("copy", components, ([source, plan]) => [copyOf(source, plan)]);
  const { put, next, close } = line(components, (images) => prefetched(mapped(images, shrink), AHEAD));
  return {
    put,
    /** The next file; undefined for an image that cannot be decoded. */
    next: (): Uint8Array | undefined => {
      const made = Either.tryCatch(() => next()!, (thrown) => thrown);
      if (Either.isLeft(made)) return undefined;
      const [file] = made.right;
      const bytes = readBytes(file);
      dispose(file);
      return bytes;
    },
    close,
  };
}
