/**
 * Images in formats that TensorFlow does not read: TIFF, AVIF and HEIC. Each is converted to PNG when it is first read,
 * and kept in the cache folder. PNG keeps every pixel, and transparency. The decoder works with 8 bits a channel.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { type Magick, magickPackage } from "../dependencies/magick.ts";
import { cacheFolder } from "../engine/install/mod.ts";
import { writeBytesAtomicSync } from "../files/atomic.ts";
import { isFile } from "../files/read.ts";
import { convertedFormat } from "./converted_format.ts";

/** A part of a file, which identifies an image in it. */
export type ConvertedFrom = { readonly file: string; readonly start: number; readonly length: number };

/** The decoder, once it was loaded. */
let decoder: Magick | undefined;

/** Whether there is a decoder. */
export function hasDecoder(): boolean {
  return decoder !== undefined;
}

/** Decodes with this decoder from now on. */
export function useDecoder(magick: Magick): void {
  decoder = magick;
}

/** Where converted images are kept. */
export function convertedFolder(): string {
  return join(cacheFolder(), "data", "converted");
}

/**
 * The PNG file of an image, converted now unless that was done before.
 *
 * @param from Where the image is.
 * @param read Gives its bytes.
 * @param most The most pixels that it may have.
 * @returns Right the file's path, or left why there is none: what was expected and what was found.
 */
export function convertedFile(
  from: ConvertedFrom,
  read: () => Uint8Array,
  most: number,
): Either<string, string> {
  try {
    const { mtime } = Deno.statSync(from.file);
    const identity = JSON.stringify([Deno.realPathSync(from.file), mtime?.getTime(), from.start, from.length]);
    const folder = convertedFolder();
    const path = join(folder, `${createHash("sha256").update(identity).digest("hex").slice(0, 32)}.png`);
    if (isFile(path)) return Either.right(path);
    if (decoder === undefined) {
      return Either.left(
        `expected ${magickPackage.name}, which decodes TIFF, AVIF and HEIC, found that it is not loaded: ` +
          "name such files .tif, .avif or .heic",
      );
    }
    const png = asPng(decoder, read(), most);
    if (Either.isLeft(png)) return png;
    Deno.mkdirSync(folder, { recursive: true });
    writeBytesAtomicSync(path, png.right);
    return Either.right(path);
  } catch (thrown) {
    return Either.left(reasonOf(thrown));
  }
}

/** The first frame of an image as PNG, turned as it is to be displayed. Its size is looked at before it is decoded. */
function asPng(magick: Magick, bytes: Uint8Array, most: number): Either<string, Uint8Array> {
  try {
    const { width, height } = magick.MagickImageInfo.create(bytes);
    if (4 * width * height > most) {
      const limit = most.toLocaleString("en");
      return Either.left(`expected at most ${limit} pixels, found ${width}x${height}, of which each counts as four`);
    }
    const first = new magick.MagickReadSettings({ frameIndex: 0, frameCount: 1 });
    return magick.ImageMagick.read(bytes, first, (image): Either<string, Uint8Array> => {
      if (image.depth > 8 && convertedFormat(bytes) === "TIFF") {
        return Either.left(
          `expected a TIFF of 8 bits a channel, found ${image.depth}: save it as PNG, whose 16 bits are read`,
        );
      }
      image.autoOrient();
      image.strip();
      return Either.right(image.write("PNG", (file) => file.slice()));
    });
  } catch (thrown) {
    // ImageMagick adds the names of its own files, in quotation marks, and where it noticed the damage.
    return Either.left(`damaged or not supported (${reasonOf(thrown).replace(/\s*(`|@ ).*$/s, "")})`);
  }
}
