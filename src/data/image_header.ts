/**
 * What the first bytes of an image file say, before any of it is decoded: its size, its orientation, and the variant of
 * its format.
 *
 * @module
 */
import { Either } from "../core/either.ts";
import type { Encoding } from "../engine/ops/mod.ts";
import { convertedFormat } from "./converted_format.ts";
import { exifOrientation } from "./exif.ts";
import { type ReadAt, within } from "./read_at.ts";

/** An image as it is stored. */
export type ImageHeader = {
  readonly encoding: Encoding;
  /** Stored rows, pixels. */
  readonly height: number;
  /** Stored columns, pixels. */
  readonly width: number;
  /** EXIF's number for how to turn the stored image for display, 1 to 8. */
  readonly orientation: number;
  /** Where the colour table of a BMP is, bytes. */
  readonly table?: Span;
  /** Where the pixels of a BMP end, after which more may come, bytes. */
  readonly end?: number;
  /** Where the first frame of an animated WebP is, bytes. */
  readonly frame?: Span;
};

/** A part of a file, bytes. */
export type Span = { readonly start: number; readonly length: number };

/** The most segments, chunks or blocks that a file may have before its pixels. */
const MOST_PARTS = 10_000;

const [riff, webp] = [[0x52, 0x49, 0x46, 0x46], [0x57, 0x45, 0x42, 0x50]];

function anything(bytes: number): readonly undefined[] {
  return Array.from({ length: bytes }, () => undefined);
}

/** Formats by their first bytes, some of which may be anything, and the functions that read their headers. */
const formats: readonly {
  readonly signature: readonly (number | undefined)[];
  readonly header: (file: Fields) => ImageHeader | Fault;
}[] = [
  { signature: [0xff, 0xd8, 0xff], header: jpegHeader },
  { signature: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], header: pngHeader },
  { signature: [0x47, 0x49, 0x46, 0x38], header: gifHeader },
  { signature: [0x42, 0x4d, ...anything(10), 0, 0, undefined, 0], header: bmpHeader }, // whose parts begin early
  { signature: [...riff, ...anything(4), ...webp], header: webpHeader },
];

/** Files named like this are meant to be images, and are reported if they cannot be read. */
const IMAGE_NAMES = /^\.(jpe?g|jpe|jfif|png|bmp|dib|gif|webp|tiff?|avif|heic|heif)$/i;

/** Whether a file's extension, such as ".jpg", says that it is an image. */
export function isImageName(extension: string): boolean {
  return IMAGE_NAMES.test(extension);
}

/** What is wrong with a file: the end of "expected ..., found ...". */
type Fault = string;

/**
 * Whether a file is an image, judged by its first 16 bytes, whatever its name.
 *
 * @param start The bytes.
 */
export function startsAsImage(start: Uint8Array): boolean {
  return formatOf(start) !== undefined || convertedFormat(start) !== undefined;
}

function formatOf(start: Uint8Array): (typeof formats)[number] | undefined {
  return formats.find(({ signature }) => signature.every((byte, index) => byte === undefined || start[index] === byte));
}

/**
 * The header of an image file: JPEG, PNG, GIF, BMP or WebP, whatever the file's name. The size of an animation is
 * that of its first frame.
 *
 * @param read The file.
 * @returns Right the header, or left what was expected and what was found.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageHeader } from "./image_header.ts";
 * import { readerOfBytes } from "./read_at.ts";
 *
 * const found = imageHeader(readerOfBytes(new TextEncoder().encode("a text")));
 * assertEquals(found, { _tag: "Left", left: "expected a JPEG, PNG, GIF, BMP or WebP, found something else" });
 * ```
 */
export function imageHeader(read: ReadAt): Either<Fault, ImageHeader> {
  const start = read(0, 16);
  const format = formatOf(start);
  if (format === undefined) {
    const found = start.length === 0 ? "an empty file" : "something else";
    return Either.left(`expected a JPEG, PNG, GIF, BMP or WebP, found ${found}`);
  }
  try {
    const header = format.header(fieldsOf(read));
    if (typeof header === "string") return Either.left(header);
    const { height, width } = header;
    if (height < 1 || width < 1) return Either.left(`expected an image of some pixels, found ${width}x${height}`);
    return Either.right(header);
  } catch (thrown) {
    if (thrown instanceof EndOfFile) return Either.left("expected a whole header, found the end of the file");
    throw thrown;
  }
}

class EndOfFile extends Error {}

/** Numbers and text at places of a file. */
type Fields = {
  readonly read: ReadAt;
  readonly byte: (at: number) => number;
  readonly big: (at: number, bytes: 2 | 4) => number;
  readonly little: (at: number, bytes: 2 | 3 | 4) => number;
  readonly text: (at: number, length: number) => string;
};

function fieldsOf(read: ReadAt): Fields {
  const whole = (at: number, length: number): Uint8Array => {
    const bytes = read(at, length);
    if (bytes.length < length) throw new EndOfFile();
    return bytes;
  };
  const number = (bytes: Iterable<number>): number => {
    let value = 0;
    for (const byte of bytes) value = value * 256 + byte;
    return value;
  };
  return {
    read,
    byte: (at) => whole(at, 1)[0],
    big: (at, bytes) => number(whole(at, bytes)),
    little: (at, bytes) => number(whole(at, bytes).toReversed()),
    text: (at, length) => String.fromCharCode(...whole(at, length)),
  };
}

/** Segments up to the one that begins a frame. Source: ITU-T T.81, annex B. */
function jpegHeader({ read, byte, big, text }: Fields): ImageHeader | Fault {
  const [noFrames, app1, startOfScan, endOfImage] = [[0xc4, 0xc8, 0xcc], 0xe1, 0xda, 0xd9];
  let orientation = 1;
  let at = 2;
  for (let part = 0; part < MOST_PARTS; part++) {
    if (byte(at) !== 0xff) return "expected a JPEG's next segment, found other bytes";
    while (byte(at) === 0xff) at++; // fill bytes may stand before a marker
    const marker = byte(at++);
    if (marker === startOfScan || marker === endOfImage) break;
    const length = big(at, 2);
    if (marker >= 0xc0 && marker <= 0xcf && !noFrames.includes(marker)) {
      return { encoding: "jpeg", height: big(at + 3, 2), width: big(at + 5, 2), orientation };
    }
    if (marker === app1 && length >= 8 && text(at + 2, 6) === "Exif\0\0") {
      orientation = exifOrientation(within(read, at + 8, length - 8));
    }
    at += length;
  }
  return "expected a JPEG's frame, found none";
}

/** Chunks up to the pixels. Source: W3C, Portable Network Graphics (third edition), sections 5 and 11. */
function pngHeader({ read, byte, big, text }: Fields): ImageHeader | Fault {
  if (text(12, 4) !== "IHDR") return "expected a PNG's header chunk, found another one";
  const [width, height, depth, colour] = [big(16, 4), big(20, 4), byte(24), byte(25)];
  const hasAlpha = 4;
  let alpha = (colour & hasAlpha) !== 0;
  let orientation = 1;
  let at = 33;
  for (let part = 0; part < MOST_PARTS; part++) {
    const [length, type] = [big(at, 4), text(at + 4, 4)];
    if (type === "IDAT" || type === "IEND") break;
    if (type === "tRNS") alpha = true;
    if (type === "eXIf") orientation = exifOrientation(within(read, at + 8, length));
    at += 12 + length;
  }
  return { encoding: depth === 16 ? "png-16" : alpha ? "png-alpha" : "png", height, width, orientation };
}

/** Blocks up to the first image. Source: CompuServe, Graphics Interchange Format, version 89a. */
function gifHeader({ byte, little }: Fields): ImageHeader | Fault {
  const [extension, image] = [0x21, 0x2c];
  let at = 13 + tableBytes(byte(10));
  for (let part = 0; part < MOST_PARTS; part++) {
    const block = byte(at);
    if (block === image) {
      return { encoding: "gif", width: little(at + 5, 2), height: little(at + 7, 2), orientation: 1 };
    }
    if (block !== extension) break;
    at += 2;
    while (byte(at) !== 0) at += 1 + byte(at);
    at++;
  }
  return "expected a GIF's frame, found none";
}

/** The size in bytes of a GIF's colour table, from the flags that announce it. */
export function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Source: Microsoft, BITMAPINFOHEADER and its successors. */
function bmpHeader({ little }: Fields): ImageHeader | Fault {
  const [pixels, size] = [little(10, 4), little(14, 4)];
  if (size === 12) return "expected a BMP with the header of Windows, found that of OS/2";
  const [width, height, bits] = [little(18, 4) | 0, Math.abs(little(22, 4) | 0), little(28, 2)]; // or from the top down
  const compression = little(30, 4);
  if (![8, 24, 32].includes(bits)) return `expected a BMP of 8, 24 or 32 bits a pixel, found ${bits}`;
  const [none, bitFields] = [0, 3];
  if (compression !== none && compression !== bitFields) {
    return "expected a BMP that is not compressed, found one that is";
  }
  const usual = [0xff0000, 0xff00, 0xff];
  if (compression === bitFields && bits === 32 && usual.some((mask, i) => little(54 + 4 * i, 4) !== mask)) {
    return "expected a BMP of blue, green and red in this order, found another one";
  }
  const start = 14 + size;
  const row = 4 * Math.ceil(width * bits / 8 / 4);
  const header = { height, width, orientation: 1, end: pixels + height * row };
  return bits === 8 && pixels > start
    ? { ...header, encoding: "bmp-palette", table: { start, length: pixels - start } }
    : { ...header, encoding: "bmp" };
}

/** Source: RFC 9649. */
function webpHeader(file: Fields): ImageHeader | Fault {
  const { byte, little, text } = file;
  const encoding: Encoding = "webp";
  switch (text(12, 4)) {
    case "VP8 ":
      return { encoding, width: little(26, 2) & 0x3fff, height: little(28, 2) & 0x3fff, orientation: 1 };
    case "VP8L": {
      const bits = little(21, 4);
      return { encoding, width: (bits & 0x3fff) + 1, height: (bits >>> 14 & 0x3fff) + 1, orientation: 1 };
    }
    case "VP8X": {
      const [isAnimated, hasExif] = [2, 8];
      const flags = byte(20);
      const exif = (flags & hasExif) === 0 ? undefined : webpChunk(file, "EXIF");
      const orientation = exif === undefined ? 1 : webpOrientation(file, exif);
      if ((flags & isAnimated) === 0) {
        return { encoding, width: little(24, 3) + 1, height: little(27, 3) + 1, orientation };
      }
      const frame = webpChunk(file, "ANMF");
      if (frame === undefined) return "expected an animated WebP's frame, found none";
      const { start } = frame;
      return { encoding, width: little(start + 6, 3) + 1, height: little(start + 9, 3) + 1, orientation, frame };
    }
    default:
      return "expected a WebP's pixels, found another chunk";
  }
}

/** The contents of a WebP's first chunk of a type. */
function webpChunk({ read, little, text }: Fields, type: string): Span | undefined {
  let at = 12;
  for (let part = 0; part < MOST_PARTS && read(at, 8).length === 8; part++) {
    const length = little(at + 4, 4);
    if (text(at, 4) === type) return { start: at + 8, length };
    at += 8 + length + length % 2;
  }
  return undefined;
}

function webpOrientation({ read, text }: Fields, { start, length }: Span): number {
  const prefix = length >= 6 && text(start, 6) === "Exif\0\0" ? 6 : 0;
  return exifOrientation(within(read, start + prefix, length - prefix));
}
