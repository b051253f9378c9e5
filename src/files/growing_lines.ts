/**
 * The lines of a file that grows while it is read.
 *
 * @module
 */
import type { TaskEither } from "../core/either.ts";
import { reading } from "./attempt.ts";
import type { UnreadableFile } from "./errors.ts";

/** Who is told of a file's lines. */
export type LineReader = {
  /** The file is another one than before: what was read of it no longer holds. */
  readonly begin: () => void;
  /** A whole line, without its end. */
  readonly line: (text: string) => void;
};

/** What is known of the file after it was read. */
export type Grown = {
  /** When it was last written to, milliseconds since 1970. */
  readonly modified: number;
};

/** A file that is followed. */
export type GrowingLines = {
  /** Reads what was added since the last time. A line that is not ended is read when it is. */
  readonly read: () => TaskEither<UnreadableFile, Grown>;
};

/** Bytes that are read at a time. A longer line is no line of ours, and is passed over. */
const PART = 2 ** 20;

/** How many of the bytes that were read last are compared when the file is read again. */
const COMPARED = 256;

const END = "\n".charCodeAt(0);

/**
 * Follows a file that lines are added to. It is read from where the last reading ended. If the bytes before that place
 * are no longer those that were read, the file was replaced, and it is read from its beginning.
 *
 * @param path The file, which need not be there yet.
 * @param reader Who is told of its lines.
 */
export function growingLines(path: string, reader: LineReader): GrowingLines {
  let offset = 0;
  let before = new Uint8Array();
  let isTooLong = false;
  const restart = (): void => {
    [offset, before, isTooLong] = [0, new Uint8Array(), false];
    reader.begin();
  };
  const take = (bytes: Uint8Array): void => {
    const text = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
    for (const line of isTooLong ? text.slice(1) : text) reader.line(line);
    isTooLong = false;
  };
  return {
    read: () =>
      reading(path, async () => {
        const { isFile } = await Deno.stat(path); // to open a pipe would wait for its writer
        if (!isFile) throw new TypeError("expected a file, found something else");
        using file = await Deno.open(path);
        const { size, mtime } = await file.stat();
        const known = await bytesAt(file, offset - before.length, before.length);
        if (!isSame(known, before)) restart();
        while (offset < size) {
          const bytes = await bytesAt(file, offset, Math.min(PART, size - offset));
          const whole = bytes.lastIndexOf(END) + 1;
          if (whole > 0) take(bytes.subarray(0, whole));
          else if (bytes.length < PART) break; // the end of the line is still to come
          else isTooLong = true;
          const taken = bytes.subarray(0, whole > 0 ? whole : PART);
          offset += taken.length;
          before = taken.slice(-COMPARED);
        }
        return { modified: mtime?.getTime() ?? 0 };
      }),
  };
}

/** The bytes at a place of a file, as many of them as there are. */
async function bytesAt(file: Deno.FsFile, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await file.seek(at, Deno.SeekMode.Start);
  let read = 0;
  while (read < length) {
    const more = await file.read(bytes.subarray(read));
    if (more === null) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
