/**
 * The files below a folder that are to be read as images, and what was left out.
 *
 * @module
 */
import { extname, join } from "node:path";
import { reasonOf } from "../core/reason.ts";
import { Either } from "../core/either.ts";
import { isCameraRaw } from "./converted_format.ts";
import { isImageName, startsAsImage } from "./image_header.ts";
import type { ImagePart } from "./image_source.ts";
import type { UnreadableFile } from "../files/errors.ts";
import { leftOutFolder } from "./service_folders.ts";
import { shardKind } from "./shard_kind.ts";
import type { SkippedImage } from "./types.ts";

/** A file that is to be read as an image. */
export type ImageFile = {
  readonly path: string;
  /** The names of the folders on the way from the root to the file, in Unicode's composed form (NFC). */
  readonly folders: readonly string[];
  /** Where the image lies, if it has no file of its own. */
  readonly part?: ImagePart;
  /** The name of its class, if it comes with the image. */
  readonly label?: string;
};

/** What a folder holds. */
export type Listing = {
  /** The folder. */
  readonly path: string;
  /** Sorted by path, folder by folder. */
  readonly images: readonly ImageFile[];
  /** How many files or folders of each kind were left out, by the plural name of the kind, such as ".ppm files". */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Subfolders that could not be read, and why. */
  readonly unreadable: readonly SkippedImage[];
  /** Shards that are damaged. */
  readonly damaged: readonly DamagedShard[];
  /** How many shards of each kind the images are in; empty if they are files of their own. */
  readonly shardKinds: ReadonlyMap<string, number>;
};

/** A shard that could not be read to its end, and why. */
export type DamagedShard = SkippedImage & {
  /** How many images before the damage are used. */
  readonly images: number;
};

/** What a folder holds, with the shards in it that have not been read. */
export type Walked = Listing & { readonly shards: readonly ImageFile[] };

/**
 * Lists the images of a folder and of all its subfolders. Links are followed, and each folder is entered once.
 *
 * A file counts as an image if its name says so, or else if its first bytes do. Only regular files count. Hidden files
 * and folders, those of storage systems, and raw images of cameras are left out. A subfolder that cannot be read is
 * reported, and the rest is still listed.
 *
 * @param path The folder.
 * @returns Left if the folder itself cannot be read.
 */
export async function walk(path: string): Promise<Either<UnreadableFile, Walked>> {
  const [images, shards]: [ImageFile[], ImageFile[]] = [[], []];
  const leftOut = new Map<string, number>();
  const unreadable: SkippedImage[] = [];
  const entered = new Set<string>();
  const leaveOut = (kind: string) => void leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);

  const enter = async (folder: string, folders: readonly string[]): Promise<void> => {
    const identity = await identityOf(folder);
    if (entered.has(identity)) return leaveOut("links to folders that are listed already");
    entered.add(identity);
    const entries = await Array.fromAsync(Deno.readDir(folder));
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const file = join(folder, entry.name);
      const kind = await kindOf(file, entry);
      if (kind.readAs === "image") images.push({ path: file, folders });
      else if (kind.readAs === "shard") shards.push({ path: file, folders });
      else if (kind.readAs === "nothing") leaveOut(kind.name);
      else {
        await enter(file, [...folders, entry.name.normalize("NFC")]).catch((thrown) => {
          unreadable.push({ path: file, reason: reasonOf(thrown) });
        });
      }
    }
  };
  try {
    await enter(path, []);
    return Either.right({ path, images, leftOut, unreadable, damaged: [], shardKinds: new Map(), shards });
  } catch (thrown) {
    return Either.left({ _tag: "UnreadableFile", path, reason: reasonOf(thrown) });
  }
}

type Kind = { readonly readAs: "image" | "shard" | "folder" } | { readonly readAs: "nothing"; readonly name: string };

async function kindOf(path: string, entry: Deno.DirEntry): Promise<Kind> {
  const { isFile, isDirectory } = entry.isSymlink ? await followed(path) : entry;
  const { name } = entry;
  if (isDirectory) {
    const kind = leftOutFolder(name);
    return kind === undefined ? { readAs: "folder" } : { readAs: "nothing", name: kind };
  }
  if (name.startsWith(".")) return { readAs: "nothing", name: "hidden files" };
  if (!isFile) {
    return { readAs: "nothing", name: entry.isSymlink ? "links that lead to no file" : "devices, pipes and sockets" };
  }
  const extension = extname(name).toLowerCase();
  if (shardKind(name) !== undefined) return { readAs: "shard" };
  if (isImageName(extension)) return { readAs: "image" };
  if (!isCameraRaw(extension) && await holdsImage(path)) return { readAs: "image" };
  return { readAs: "nothing", name: filesNamed(name) };
}

/** A kind of files, in the plural, by their names. */
function filesNamed(name: string): string {
  const extension = extname(name).toLowerCase();
  return extension === "" ? "files without an extension" : `${extension} files`;
}

/** What a link leads to; neither a file nor a folder if it leads nowhere. */
async function followed(path: string): Promise<{ readonly isFile: boolean; readonly isDirectory: boolean }> {
  try {
    return await Deno.stat(path);
  } catch {
    return { isFile: false, isDirectory: false };
  }
}

/** What identifies a folder, whatever path it is reached by. */
async function identityOf(folder: string): Promise<string> {
  const { dev, ino } = await Deno.stat(folder);
  return ino === null ? await Deno.realPath(folder) : `${dev}:${ino}`;
}

async function holdsImage(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    const start = new Uint8Array(16);
    return startsAsImage(start.subarray(0, await file.read(start) ?? 0));
  } catch {
    return false;
  }
}
