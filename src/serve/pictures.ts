/**
 * The pictures that the page shows. Files come from the numbers of the collection's images alone, so no request can
 * name a path.
 *
 * @module
 */
import type { CollectionImage } from "../search/collection/types.ts";
import { bytesOf, refusal } from "./answers.ts";
import { placeOf, type Sources } from "./image_place.ts";
import { typeOf } from "./image_type.ts";
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
  readonly thumbnail: (image: CollectionImage, sources: Sources) => Promise<Response>;
  /** The whole image. */
  readonly whole: (image: CollectionImage, sources: Sources) => Promise<Response>;
  readonly close: () => void;
};

/** Makes pictures in a thread of its own, which starts with the first picture that must be decoded. */
export function pictures(): Pictures {
  const decoder: Thread<PictureQuestion, Uint8Array<ArrayBuffer>> = thread(
    new URL("./picture_work.ts", import.meta.url),
  );
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  let bytesKept = 0;
  /** What the thread makes of an image, or has made of it before; `stamp` changes when the image does. */
  const decoded = async (asked: PictureQuestion, stamp: string): Promise<Response> => {
    const key = JSON.stringify([asked, stamp]);
    const bytes = kept.get(key) ?? await decoder.ask(asked);
    if (!kept.has(key)) bytesKept += bytes.length;
    kept.delete(key); // the one that was used last stands last
    kept.set(key, bytes);
    for (const [oldest, { length }] of kept) {
      if (bytesKept <= KEPT) break;
      kept.delete(oldest);
      bytesKept -= length;
    }
    return bytesOf(bytes, typeOf(bytes) ?? "image/png", { kept: true });
  };
  const pictureOfFile = async (file: string, most: number, size: number): Promise<Response> => {
    const { isFile, size: length, mtime } = await Deno.stat(file);
    if (!isFile) return refusal(404, "Cannot show the image: expected a file, found something else");
    const bytes = length > most ? undefined : await Deno.readFile(file);
    const type = bytes && typeOf(bytes);
    if (bytes !== undefined && type !== undefined) return bytesOf(bytes, type, { kept: true });
    // Too large to send, or of a kind that not every browser shows. It may be no image at all.
    return await decoded({ place: { kind: "file", file }, size, most }, `${mtime?.getTime()}`);
  };
  const picture = async (image: CollectionImage, sources: Sources, most: number, size: number) => {
    try {
      const place = await placeOf(image, sources);
      if (place instanceof Response) return place;
      if (place.kind === "file") return await pictureOfFile(place.file, most, size);
      return await decoded({ place, size, most }, `${image.digest} ${image.modified}`);
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) {
        return refusal(404, "Cannot show the image: its file is no longer there");
      }
      return refusal(415, thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return {
    thumbnail: (image, sources) => picture(image, sources, SMALL, THUMBNAIL),
    whole: (image, sources) => picture(image, sources, MOST, LARGE),
    close: decoder.close,
  };
}
