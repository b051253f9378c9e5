import type { ImagePlace } from "./image_source.ts";

/**
 * All bytes of an image, as they are stored.
 *
 * @param place The file, or the image's place in a larger one.
 * @throws if the file cannot be read.
 */
export async function imageBytes(place: ImagePlace): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof place === "string") return await Deno.readFile(place);
  using file = await Deno.open(place.file);
  await file.seek(place.start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(place.length);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) {
      throw new RangeError(`expected ${bytes.length} bytes from byte ${place.start} on, found ${length}`);
    }
    length += read;
  }
  return bytes;
}
