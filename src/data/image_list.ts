/**
 * The image files of a folder.
 *
 * @module
 */
import { Either } from "../dependencies/fp_ts.ts";
import { extname, join } from "node:path";
import { imageFormat } from "../engine/ops/mod.ts";
import { reasonOf } from "../core/reason.ts";
import type { UnreadablePath } from "./errors.ts";

/** The files of a folder that are to be read as images. */
export type ImageList = {
  /** The folder. */
  readonly path: string;
  /** Sorted by path; `folder` is the first subfolder on the way there, "" for none. */
  readonly images: readonly { readonly path: string; readonly folder: string }[];
  /** How many files are no images, neither by name nor by content. */
  readonly others: number;
};

/** Files named like this are meant to be images, and are reported if they are not. */
const IMAGE_NAMES = /^\.(jpe?g|jpe|jfif|png|bmp|dib|gif|webp|tiff?|avif|heic)$/i;

/**
 * Lists the images of a folder and all its subfolders, links followed. Hidden files and folders are left out.
 *
 * A file is taken for an image if its name says so, or its first bytes do.
 */
export async function listImages(path: string): Promise<Either.Either<UnreadablePath, ImageList>> {
  const images: { readonly path: string; readonly folder: string }[] = [];
  const entered = new Set<string>();
  let others = 0;
  const walk = async (folder: string, below: string): Promise<void> => {
    const real = await Deno.realPath(folder);
    if (entered.has(real)) return; // a link that leads back
    entered.add(real);
    const entries: Deno.DirEntry[] = [];
    for await (const entry of Deno.readDir(folder)) if (!isHidden(entry.name)) entries.push(entry);
    for (const { name, isFile, isDirectory, isSymlink } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const file = join(folder, name);
      const target = isSymlink ? await Deno.stat(file).catch(() => undefined) : { isFile, isDirectory };
      if (target?.isDirectory) await walk(file, below === "" ? name : below);
      else if (IMAGE_NAMES.test(extname(name)) || (target?.isFile && await startsAsImage(file))) {
        images.push({ path: file, folder: below });
      } else others++;
    }
  };
  try {
    await walk(path, "");
    return Either.right({ path, images, others });
  } catch (thrown) {
    return Either.left({ _tag: "UnreadablePath", path, reason: reasonOf(thrown) });
  }
}

function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}

async function startsAsImage(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    const start = new Uint8Array(8);
    return await file.read(start) !== null && imageFormat(start) !== undefined;
  } catch {
    return false;
  }
}
