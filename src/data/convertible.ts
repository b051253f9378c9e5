/**
 * Which images of a listing are TIFF, AVIF or HEIC, so that they are left out where their decoder cannot be fetched.
 *
 * @module
 */
import { extname } from "node:path";
import { convertedFormat, isConvertedName } from "./converted_format.ts";
import { isImageName } from "./image_header.ts";
import type { ImageFile } from "./walk.ts";

/** How many images are looked at whose names say that they are something else. */
const LOOKED_AT = 1000;

/**
 * The images that are TIFF, AVIF or HEIC by their first bytes. A folder may have a million files, and to open each would
 * take longer than to list them. So of the images with names such as `1.jpg`, some evenly spread ones are looked at, and
 * all of them only if one of these is named wrongly. Others are known for what they are when they are read.
 *
 * @param images The images.
 */
export function convertibleAmong(images: readonly ImageFile[]): readonly ImageFile[] {
  const { isConvertible, close } = firstBytes();
  try {
    const named = images.filter(({ path }) => isNamedOtherwise(extname(path)));
    const step = Math.max(1, named.length / LOOKED_AT);
    const some = Array.from({ length: Math.min(named.length, LOOKED_AT) }, (_, i) => named[Math.floor(i * step)]);
    const believed = some.some(isConvertible) ? new Set<ImageFile>() : new Set(named);
    return images.filter((image) => !believed.has(image) && isConvertible(image));
  } finally {
    close();
  }
}

function isNamedOtherwise(extension: string): boolean {
  return isImageName(extension) && !isConvertedName(extension);
}

/** Looks at the first bytes of images. A shard stays open from one of its images to the next. */
function firstBytes(): { readonly isConvertible: (image: ImageFile) => boolean; readonly close: () => void } {
  let open: { readonly path: string; readonly file: Deno.FsFile } | undefined;
  const close = (): void => {
    open?.file.close();
    open = undefined;
  };
  const isConvertible = ({ path, part }: ImageFile): boolean => {
    const { file, start } = part ?? { file: path, start: 0 };
    const bytes = new Uint8Array(12);
    try {
      if (open?.path !== file) {
        close();
        open = { path: file, file: Deno.openSync(file) };
      }
      open.file.seekSync(start, Deno.SeekMode.Start);
      open.file.readSync(bytes);
      return convertedFormat(bytes) !== undefined;
    } catch {
      return false; // whoever reads it says why it cannot be read
    }
  };
  return { isConvertible, close };
}
