/**
 * Reading files, with what goes wrong as data.
 *
 * @module
 */
import { Either } from "../dependencies/fp_ts.ts";
import { join } from "node:path";
import { reasonOf } from "../core/reason.ts";
import type { FormatFault, MalformedFile, UnreadablePath } from "./errors.ts";

/** The names in a folder, sorted. */
export async function namesIn(folder: string): Promise<Either.Either<UnreadablePath, readonly string[]>> {
  try {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(folder)) names.push(name);
    return Either.right(names.sort());
  } catch (thrown) {
    return Either.left({ _tag: "UnreadablePath", path: folder, reason: reasonOf(thrown) });
  }
}

/** Whether a path is a folder; where it is neither file nor folder, why. */
export async function isFolder(path: string): Promise<Either.Either<UnreadablePath, boolean>> {
  try {
    return Either.right((await Deno.stat(path)).isDirectory);
  } catch (thrown) {
    return Either.left({ _tag: "UnreadablePath", path, reason: reasonOf(thrown) });
  }
}

/** Whether a path is a folder; false where it is not there. */
export async function hasFolder(parent: string, name: string): Promise<boolean> {
  const found = await isFolder(join(parent, name));
  return Either.isRight(found) && found.right;
}

/** The bytes of a file, unpacked if its name ends in `.gz`. */
export async function readBytesOf(path: string): Promise<Either.Either<UnreadablePath, Uint8Array<ArrayBuffer>>> {
  try {
    if (!path.endsWith(".gz")) return Either.right(await Deno.readFile(path));
    const file = await Deno.open(path);
    const unpacked = file.readable.pipeThrough(new DecompressionStream("gzip"));
    return Either.right(new Uint8Array(await new Response(unpacked).arrayBuffer()));
  } catch (thrown) {
    return Either.left({ _tag: "UnreadablePath", path, reason: reasonOf(thrown) });
  }
}

/** A file whose bytes are not what its format says. */
export function malformed(path: string, fault: FormatFault): MalformedFile {
  return { _tag: "MalformedFile", path, fault };
}
