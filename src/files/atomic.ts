/**
 * Files that are either unchanged or wholly new, whenever the program or the machine stops.
 *
 * @module
 */
import type { TaskEither } from "../core/either.ts";
import { basename, dirname, join, resolve } from "node:path";
import { writing } from "./attempt.ts";
import type { UnwritableFile } from "./errors.ts";
import { DATABASE } from "./other_format.ts";

/** The part of an open file that a writer needs. */
export type OutputFile = {
  readonly write: (bytes: Uint8Array) => Promise<number>;
  readonly seek: (offset: number, whence: Deno.SeekMode) => Promise<number>;
  readonly sync: () => Promise<void>;
  readonly close: () => void;
};

/** Opens a file for writing: empties it, or creates it. Tests simulate a full disk here. */
export type OpenFile = (path: string) => Promise<OutputFile>;

const openFile: OpenFile = (path) => Deno.open(path, { write: true, create: true, truncate: true });

/** The ending of temporary files. One that is found later was left by a program that was killed. */
const PARTIAL = ".partial";

/** What tells this program's temporary files from those of another one that writes a file of the same name. */
const OWN = crypto.randomUUID().slice(0, 8);

/** The temporary file of this program beside `path`. */
export function partialPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${OWN}${PARTIAL}`);
}

/** The name that a temporary file of any program was to get; undefined for the name of any other file. */
export function nameOfPartial(name: string): string | undefined {
  return name.match(/^\.(.+?)(?:\.[0-9a-f]{8})?\.partial$/)?.[1]; // version 0.1 told no programs apart
}

/** How long a program may write nothing to what it has begun, milliseconds. */
const HOUR = 3_600_000;

/**
 * Removes temporary files and folders beside a path that were to get its name and that a killed program left: nobody
 * has written to them for an hour.
 *
 * @param path The path. Its folder exists.
 * @throws if they cannot be removed.
 */
export async function removeAbandoned(path: string): Promise<void> {
  for await (const { name } of Deno.readDir(dirname(path))) {
    if (nameOfPartial(name) !== basename(path)) continue;
    const partial = join(dirname(path), name);
    const { mtime } = await Deno.stat(partial);
    if (Date.now() - (mtime?.getTime() ?? 0) > HOUR) await Deno.remove(partial, { recursive: true });
  }
}

/**
 * Writes a file under a temporary name beside it, syncs it, renames it and syncs the folder. If anything fails, the
 * temporary file is removed and what was at `path` stays. A SQLite database at `path` stays too: a collection is never
 * what a user wants to be replaced. So do a device and a pipe. A link stays, and the file that it leads to is written.
 *
 * @param path The file. Its folder exists.
 * @param write Writes the contents into the open file.
 * @param open How files are opened.
 */
export function writeAtomic(
  path: string,
  write: (file: OutputFile) => Promise<void>,
  open: OpenFile = openFile,
): TaskEither<UnwritableFile, void> {
  return writing(path, async () => {
    const target = await fileBehind(path);
    const partial = partialPath(target);
    if (await isDatabase(target)) throw new Error("expected no SQLite database in its place, found one");
    try {
      const file = await open(partial);
      try {
        await write(file);
        await file.sync();
      } finally {
        file.close();
      }
      await Deno.rename(partial, target);
    } catch (thrown) {
      await Deno.remove(partial).catch(() => {}); // it may never have been made
      throw thrown;
    }
    await syncFolder(dirname(target));
  });
}

/** The file that a path leads to, which may not be there yet. */
async function fileBehind(path: string): Promise<string> {
  const isLink = await Deno.lstat(path).then(({ isSymlink }) => isSymlink, () => false);
  const target = isLink
    ? await Deno.realPath(path).catch(async () =>
      resolve(await Deno.realPath(dirname(path)), await Deno.readLink(path))
    )
    : path;
  const found = await Deno.stat(target).catch(() => undefined);
  // The renaming says what is wrong with a folder.
  if (found !== undefined && !found.isFile && !found.isDirectory) {
    throw new Error("expected a file, found a device or a pipe");
  }
  return target;
}

async function isDatabase(path: string): Promise<boolean> {
  try {
    if (!(await Deno.stat(path)).isFile) return false;
    using file = await Deno.open(path);
    const start = new Uint8Array(DATABASE.length);
    await file.read(start);
    return new TextDecoder().decode(start) === DATABASE;
  } catch {
    return false; // nothing is there, or what the writing itself will meet
  }
}

/** Writes a text atomically. */
export function writeTextAtomic(
  path: string,
  text: string,
  open?: OpenFile,
): TaskEither<UnwritableFile, void> {
  return writeBytesAtomic(path, new TextEncoder().encode(text), open);
}

/** Writes bytes atomically. */
export function writeBytesAtomic(
  path: string,
  bytes: Uint8Array,
  open?: OpenFile,
): TaskEither<UnwritableFile, void> {
  return writeAtomic(path, (file) => writeAll(file, bytes), open);
}

/**
 * Writes bytes as {@linkcode writeAtomic} does, before it returns: for whoever cannot wait.
 *
 * @throws if they cannot be written.
 */
export function writeBytesAtomicSync(path: string, bytes: Uint8Array): void {
  const partial = partialPath(path);
  try {
    Deno.writeFileSync(partial, bytes);
    syncSync(partial, { write: true });
    Deno.renameSync(partial, path);
  } catch (thrown) {
    try {
      Deno.removeSync(partial);
    } catch { /* it may never have been made */ }
    throw thrown;
  }
  try {
    syncSync(dirname(path), { read: true });
  } catch { /* best effort */ }
}

function syncSync(path: string, options: Deno.OpenOptions): void {
  using file = Deno.openSync(path, options);
  file.syncSync();
}

/** Gives a file a second name, atomically. It is a hard link if the file system has them, otherwise a copy. */
export function linkAtomic(source: string, path: string): TaskEither<UnwritableFile, void> {
  const partial = partialPath(path);
  return writing(path, async () => {
    await Deno.remove(partial).catch(() => {});
    try {
      await Deno.link(source, partial).catch(() => copySynced(source, partial));
      await Deno.rename(partial, path);
      // Renaming one of two names of the same file to the other does nothing, and keeps both.
      await Deno.remove(partial).catch(() => {});
    } catch (thrown) {
      await Deno.remove(partial).catch(() => {});
      throw thrown;
    }
    await syncFolder(dirname(path));
  });
}

/** Writes every byte, because one call may write only some. */
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

/** Makes a rename survive a loss of power. Some systems cannot open a folder, and do not need to. */
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
