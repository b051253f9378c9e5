import { dirname, join } from "node:path";
import { Either, type TaskEither } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { partialPath, removeAbandoned, writeBytesAtomic } from "./atomic.ts";
import type { UnwritableFile } from "./errors.ts";

/** A file of a folder to be written: its path in the folder, with slashes, and its bytes. */
export type NewFile = { readonly path: string; readonly bytes: Uint8Array };

/**
 * Writes a folder that is either whole or absent. Its files are written into a temporary folder beside it, which is
 * then renamed.
 *
 * @param folder The folder, which must not exist. Its parent folder is created if need be.
 * @param files Its files.
 * @returns Right nothing; left why it could not be written, in which case nothing of it remains.
 */
export function writeFolder(folder: string, files: readonly NewFile[]): TaskEither<UnwritableFile, void> {
  return async () => {
    const refuse = (reason: string) => Either.left({ _tag: "UnwritableFile", path: folder, reason } as const);
    if (await Deno.lstat(folder).then(() => true, () => false)) return refuse("expected no such folder, found one");
    const partial = partialPath(folder);
    try {
      await Deno.mkdir(dirname(folder), { recursive: true });
      await removeAbandoned(folder);
      await Deno.mkdir(partial);
    } catch (thrown) {
      return refuse(reasonOf(thrown)); // another call may be writing there
    }
    try {
      for (const { path, bytes } of files) {
        await Deno.mkdir(dirname(join(partial, path)), { recursive: true });
        const written = await writeBytesAtomic(join(partial, path), bytes)();
        if (Either.isLeft(written)) throw new Error(written.left.reason);
      }
      await Deno.rename(partial, folder);
      return Either.right(undefined);
    } catch (thrown) {
      await Deno.remove(partial, { recursive: true }).catch(() => {});
      return refuse(reasonOf(thrown));
    }
  };
}
