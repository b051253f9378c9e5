/**
 * Files that are either as they were or wholly new, whenever the program or the machine stops.
 *
 * @module
 */
import type { TaskEither } from "../core/either.ts";
import { basename, dirname, join } from "node:path";
import { writing } from "./attempt.ts";
import type { UnwritableFile } from "./errors.ts";

/** What a writer needs of an open file. */
export type OutputFile = {
  readonly write: (bytes: Uint8Array) => Promise<number>;
  readonly seek: (offset: number, whence: Deno.SeekMode) => Promise<number>;
  readonly sync: () => Promise<void>;
  readonly close: () => void;
};

/** How a file is opened for writing: emptied, or made. Tests put a full disk here. */
export type OpenFile = (path: string) => Promise<OutputFile>;

const openFile: OpenFile = (path) => Deno.open(path, { write: true, create: true, truncate: true });

/** How temporary files end; one that is found later was left by a program that was killed. */
const PARTIAL = ".partial";

/** The temporary file beside `path`. */
export function partialPath(path: string): string {
  return join(dirname(path), `.${basename(path)}${PARTIAL}`);
}

/** The name of the file that a temporary file was to become; undefined for the name of any other file. */
export function nameOfPartial(name: string): string | undefined {
  return name.startsWith(".") && name.endsWith(PARTIAL) ? name.slice(1, -PARTIAL.length) : undefined;
}

/**
 * Writes a file under a temporary name beside it, syncs it, gives it its name and syncs the folder. Whatever fails, the
 * temporary file is removed and what stood at `path` stays.
 *
 * @param path The file; its folder exists.
 * @param write Puts the contents into the open file.
 * @param open How files are opened.
 */
export function writeAtomic(
  path: string,
  write: (file: OutputFile) => Promise<void>,
  open: OpenFile = openFile,
): TaskEither<UnwritableFile, void> {
  const partial = partialPath(path);
  return writing(path, async () => {
    try {
      const file = await open(partial);
      try {
        await write(file);
        await file.sync();
      } finally {
        file.close();
      }
      await Deno.rename(partial, path);
    } catch (thrown) {
      await Deno.remove(partial).catch(() => {}); // it may never have been made
      throw thrown;
    }
    await syncFolder(dirname(path));
  });
}

/** Writes a text atomically. */
export function writeTextAtomic(
  path: string,
  text: string,
  open?: OpenFile,
): TaskEither<UnwritableFile, void> {
  return writeAtomic(path, (file) => writeAll(file, new TextEncoder().encode(text)), open);
}

/** Gives a file a second name, atomically: a hard link where the file system has them, otherwise a copy. */
export function linkAtomic(source: string, path: string): TaskEither<UnwritableFile, void> {
  const partial = partialPath(path);
  return writing(path, async () => {
    await Deno.remove(partial).catch(() => {});
    try {
      await Deno.link(source, partial).catch(() => copySynced(source, partial));
      await Deno.rename(partial, path);
      // Renaming one of two names of the same file to the other does nothing, and leaves both.
      await Deno.remove(partial).catch(() => {});
    } catch (thrown) {
      await Deno.remove(partial).catch(() => {});
      throw thrown;
    }
    await syncFolder(dirname(path));
  });
}

/** Writes every byte: one call may write only some. */
export async function writeAll(file: OutputFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

async function copySynced(source: string, target: string): Promise<void> {
  await Deno.copyFile(source, target);
  const file = await Deno.open(target, { write: true });
  try {
    await file.sync();
  } finally {
    file.close();
  }
}

/** Makes a rename last through a loss of power; some systems cannot open a folder, and need not. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const opened = await Deno.open(folder, { read: true });
    try {
      await opened.sync();
    } finally {
      opened.close();
    }
  } catch { /* best effort */ }
}
