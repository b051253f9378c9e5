/**
 * The files inside a zip archive that PyTorch wrote.
 *
 * @module
 */
import { configure, type FileEntry, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "../../dependencies/zip_js.ts";
import { PickleError } from "./pickle.ts";

configure({ useWebWorkers: false });

/** A zip archive's files: `read` gives one of them by its path below the archive's only folder. */
export type Archive = {
  readonly has: (path: string) => boolean;
  readonly read: (path: string) => Promise<Uint8Array>;
};

/** Whether bytes begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * Opens an archive. PyTorch stores files as they are, so a compressed file is refused, and with it any archive that
 * unpacks to more than its own size. Files that overlap are refused too.
 *
 * @param bytes The archive.
 * @throws {PickleError} if it is damaged or not as PyTorch writes it.
 */
export async function openArchive(bytes: Uint8Array<ArrayBuffer>): Promise<Archive> {
  const entries = await attempt(() => new ZipReader(new Uint8ArrayReader(bytes)).getEntries());
  const files = new Map<string, FileEntry>();
  for (const entry of entries) {
    if (entry.directory) continue;
    const path = entry.filename.slice(entry.filename.indexOf("/") + 1);
    if (files.has(path)) throw new PickleError("each file of the archive once", `${path} twice`);
    if (entry.compressionMethod !== 0 || entry.encrypted || entry.uncompressedSize > bytes.length) {
      throw new PickleError("files that are stored as they are", `${path}, which is compressed or encrypted`);
    }
    files.set(path, entry);
  }
  return {
    has: (path) => files.has(path),
    read: (path) => {
      const entry = files.get(path);
      if (entry === undefined) throw new PickleError(`the file ${path} in the archive`, "none");
      return attempt(() =>
        entry.getData(new Uint8ArrayWriter(), { checkSignature: true, checkOverlappingEntry: true })
      );
    },
  };
}

async function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw new PickleError("a whole zip archive", (thrown as Error).message.toLowerCase());
  }
}
