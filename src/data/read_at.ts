/** Reads bytes of a file from a given place: as many as asked for, or up to the end of the file. */
export type ReadAt = (offset: number, length: number) => Uint8Array<ArrayBuffer>;

/** A file in memory. */
export function readerOfBytes(bytes: Uint8Array<ArrayBuffer>): ReadAt {
  return (offset, length) => bytes.subarray(offset, offset + length);
}

/** The size of one read of a file, bytes. The header of most images lies in one such page, and many small files do. */
export const PAGE = 4096;

/**
 * An open file, at its beginning. Its last page is kept, so that small consecutive reads cost one system call.
 *
 * @param file The file.
 * @param size Its size, bytes; what comes after them is not read.
 */
export function readerOfFile(file: Deno.FsFile, size: number): ReadAt {
  let start = 0;
  let position = 0;
  let page: Uint8Array<ArrayBuffer> = new Uint8Array();
  return (offset, length) => {
    if (offset < start || Math.min(offset + length, size) > start + page.length) {
      if (offset !== position) file.seekSync(offset, Deno.SeekMode.Start);
      start = offset;
      page = filled(file, new Uint8Array(Math.max(0, Math.min(Math.max(PAGE, length), size - offset))));
      position = start + page.length;
    }
    return page.subarray(offset - start, offset - start + length);
  };
}

/** A part of a file, as a file of its own. */
export function within(read: ReadAt, start: number, bytes: number): ReadAt {
  return (offset, length) => read(start + offset, Math.max(0, Math.min(length, bytes - offset)));
}

/** As many bytes as the file still has, at most those of the buffer. */
function filled(file: Deno.FsFile, buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let length = 0;
  while (length < buffer.length) {
    const read = file.readSync(buffer.subarray(length));
    if (read === null) break;
    length += read;
  }
  return buffer.subarray(0, length);
}
