/**
 * Reading files and folders, with failures as data.
 *
 * @module
 */
import { Either, pipe, type TaskEither } from "../core/either.ts";
import { reading } from "./attempt.ts";
import type { UnreadableFile } from "./errors.ts";

/** The names in a folder, sorted. */
export function namesIn(folder: string): TaskEither<UnreadableFile, readonly string[]> {
  return reading(folder, async () => (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort());
}

/** Whether a path is a folder; left with the reason if it is neither a file nor a folder. */
export function isFolder(path: string): TaskEither<UnreadableFile, boolean> {
  return reading(path, async () => (await Deno.stat(path)).isDirectory);
}

/** Whether there is a folder at a path; false if there is nothing. */
export async function hasFolder(path: string): Promise<boolean> {
  return pipe(await isFolder(path)(), Either.getOrElse(() => false));
}

/** Whether there is a regular file at a path. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The bytes of a file, unpacked if its name ends in `.gz`. */
export function readBytesOf(path: string): TaskEither<UnreadableFile, Uint8Array<ArrayBuffer>> {
  return reading(path, async () => {
    if (!path.endsWith(".gz")) return await Deno.readFile(path);
    const file = await Deno.open(path);
    const unpacked = file.readable.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  });
}
