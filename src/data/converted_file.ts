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
import { cacheFolder } from "../engine/install/mod.ts";
import { isFile } from "../files/read.ts";
import { decode } from "./decoder_thread.ts";

/** A part of a file, which identifies an image in it. */
export type ConvertedFrom = { readonly file: string; readonly start: number; readonly length: number };

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
    const reason = decode({ bytes: read(), most, to: path });
    return reason === undefined ? Either.right(path) : Either.left(reason);
  } catch (thrown) {
    return Either.left(reasonOf(thrown));
  }
}
