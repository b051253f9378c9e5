import { type Span, tableBytes } from "./image_header.ts";
import type { ReadAt } from "./read_at.ts";

/**
 * A GIF of only the first frame of another GIF, so that no more is decoded. The pixels stay compressed as they are, and
 * transparent colours become white.
 *
 * @param read A GIF whose header is sound.
 * @returns The file. If the frame is truncated, the file ends there.
 */
export function firstGifFrame(read: ReadAt): Uint8Array<ArrayBuffer> {
  const [extension, graphicControl, trailer] = [0x21, 0xf9, 0x3b];
  const screen = read(0, 13);
  const globalTable = read(13, tableBytes(screen[10])).slice();
  let transparent: number | undefined;
  let at = 13 + globalTable.length;
  while (read(at, 1)[0] === extension) {
    const [, label, , flags, , , colour] = read(at, 7);
    if (label === graphicControl && (flags & 1) === 1) transparent = colour;
    at = endOfBlocks(read, at + 2);
  }
  const descriptor = read(at, 10).slice();
  const localTable = read(at + 10, tableBytes(descriptor[9])).slice();
  const pixels = at + 10 + localTable.length;
  const data = read(pixels, endOfBlocks(read, pixels + 1) - pixels);

  const table = localTable.length > 0 ? localTable : globalTable;
  if (transparent !== undefined) table.fill(255, 3 * transparent, 3 * transparent + 3);
  // The screen takes the frame's size, and the frame lies at its corner.
  const logicalScreen = [...screen.subarray(0, 6), ...descriptor.subarray(5, 9), ...screen.subarray(10)];
  descriptor.fill(0, 1, 5);
  const parts = [Uint8Array.from(logicalScreen), globalTable, descriptor, localTable, data, Uint8Array.of(trailer)];
  return joined(parts);
}

/**
 * A WebP of only the first frame of an animated WebP. TensorFlow's decoder needs it, because it writes past the end of
 * its memory on animations without transparency.
 *
 * Source: RFC 9649, section 2.7.1.
 *
 * @param read The file.
 * @param frame Where the contents of the frame's chunk are, bytes.
 */
export function firstWebpFrame(read: ReadAt, { start, length }: Span): Uint8Array<ArrayBuffer> {
  const ofFrame = 16; // its place, its size, its time and its flags
  const pixels = read(start + ofFrame, Math.max(0, length - ofFrame));
  const isAlpha = pixels.subarray(0, 4).every((byte, index) => byte === "ALPH".charCodeAt(index));
  const hasAlpha = 0x10;
  const size = read(start + 6, 6);
  const extended = isAlpha ? [...ascii("VP8X"), ...little(10), hasAlpha, 0, 0, 0, ...size] : [];
  const contents = [...ascii("WEBP"), ...extended];
  const head = [...ascii("RIFF"), ...little(contents.length + pixels.length), ...contents];
  return joined([Uint8Array.from(head), pixels]);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function little(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  parts.reduce((place, part) => (file.set(part, place), place + part.length), 0);
  return file;
}

/** The place after a run of blocks. Each block begins with its length, and the last one's is 0. */
function endOfBlocks(read: ReadAt, start: number): number {
  for (let at = start;;) {
    const length = read(at, 1)[0];
    if (length === undefined) return at;
    at += 1 + length;
    if (length === 0) return at;
  }
}
