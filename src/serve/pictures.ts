/**
 * The pictures that the page shows. Files come from the numbers of the collection's images alone, so no request can name
 * a path.
 *
 * @module
 */
import { isAbsolute, relative } from "node:path";
import type { CollectionImage, CollectionSource } from "../search/collection/types.ts";
import { startsAsImage } from "../data/image_header.ts";
import { bytesOf, refusal } from "./answers.ts";
import type { PictureQuestion } from "./picture_work.ts";
import { type Thread, thread } from "./thread.ts";

/** Rows and columns of a thumbnail, pixels. */
const THUMBNAIL = 256;

/** Files of at most this many bytes are their own thumbnail. */
const SMALL = 2 ** 17;

/** Files of at most this many bytes are shown as they are; of larger ones a part is shown, at {@linkcode LARGE}. */
const MOST = 2 ** 25;

/** Rows and columns of what is shown of an image that the browser is not given, pixels. */
const LARGE = 1024;

/** Thumbnails that are kept in memory, bytes. */
const KEPT = 2 ** 26;

/** Pictures of a collection's images. */
export type Pictures = {
  /** A small picture, or the file itself where that is small. */
  readonly thumbnail: (image: CollectionImage, source: CollectionSource) => Promise<Response>;
  /** The whole image. */
  readonly whole: (image: CollectionImage, source: CollectionSource) => Promise<Response>;
  readonly close: () => void;
};

/** The types of the formats that every browser shows, by their first bytes. No markup is among them. */
const types: readonly (readonly [start: string, type: string])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG", "image/png"],
  ["GIF8", "image/gif"],
  ["BM", "image/bmp"],
  ["RIFF", "image/webp"],
];

/** The type of an image by its first bytes; undefined if it is none. */
export function typeOf(bytes: Uint8Array): string | undefined {
  if (!startsAsImage(bytes.subarray(0, 16))) return undefined;
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return types.find(([signature]) => start.startsWith(signature))?.[1];
}

/** Makes pictures in a thread of its own, which starts with the first picture that must be decoded. */
export function pictures(): Pictures {
  const decoder: Thread<PictureQuestion, Uint8Array<ArrayBuffer>> = thread(
    new URL("./picture_work.ts", import.meta.url),
  );
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  let bytesKept = 0;
  const decoded = async (key: string, asked: PictureQuestion): Promise<Response> => {
    const bytes = kept.get(key) ?? await decoder.ask(asked);
    if (!kept.has(key)) bytesKept += bytes.length;
    kept.delete(key); // the one that was used last stands last
    kept.set(key, bytes);
    for (const [oldest, { length }] of kept) {
      if (bytesKept <= KEPT) break;
      kept.delete(oldest);
      bytesKept -= length;
    }
    return bytesOf(bytes, "image/png", { kept: true });
  };
  const pictureOfFile = async (path: string, folder: string, most: number, size: number): Promise<Response> => {
    const file = await Deno.realPath(path);
    if (!isWithin(await Deno.realPath(folder), file)) {
      return refusal(403, "Cannot show the image: its file is outside of the collection's folder");
    }
    const { isFile, size: length, mtime } = await Deno.stat(file);
    if (!isFile) return refusal(404, "Cannot show the image: expected a file, found something else");
    const bytes = length > most ? undefined : await Deno.readFile(file);
    const type = bytes && typeOf(bytes);
    if (bytes !== undefined && type !== undefined) return bytesOf(bytes, type, { kept: true });
    // Too large to send, or of a kind that not every browser shows. It may be no image at all.
    return await decoded(`${file} ${size} ${mtime?.getTime()}`, { file, size });
  };
  const picture = async (image: CollectionImage, source: CollectionSource, most: number, size: number) => {
    try {
      if (image.file !== undefined) return await pictureOfFile(image.file, source.path, most, size);
      const asked = placeInMemory(image, source);
      if (asked === undefined) return refusal(404, "Cannot show the image: its place is not known");
      return await decoded(`${source.id} ${image.path}`, asked);
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) {
        return refusal(404, "Cannot show the image: its file is no longer there");
      }
      return refusal(415, thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return {
    thumbnail: (image, source) => picture(image, source, SMALL, THUMBNAIL),
    whole: (image, source) => picture(image, source, MOST, LARGE),
    close: decoder.close,
  };
}

/** Whether a file lies in a folder. Both are real paths, without links. */
function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== "" && path.split(/[/\\]/)[0] !== ".." && !isAbsolute(path);
}

/** Where an image in memory is: its path says the half and the place, as in "train/17". */
function placeInMemory({ path }: CollectionImage, source: CollectionSource): PictureQuestion | undefined {
  const [, half, place] = path.match(/^(train|test)\/(\d+)$/) ?? [];
  if (half !== "train" && half !== "test") return undefined;
  return { source, half, place: Number(place) };
}
