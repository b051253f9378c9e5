/**
 * Small image files of every format that can be read.
 *
 * @module
 */
import { scope } from "../../src/core/scope.ts";
import { fromBytes, op, readBytes } from "../../src/engine/mod.ts";

/** A PNG of these pixels, uint8 [height, width, channels] with 1 to 4 channels. */
export function png(pixels: readonly number[], height: number, width: number): Uint8Array {
  return encoded("EncodePng", pixels, height, width);
}

/** A JPEG of these pixels at the best quality, with 1 or 3 channels. */
export function jpeg(pixels: readonly number[], height: number, width: number): Uint8Array {
  return encoded("EncodeJpeg", pixels, height, width, { quality: 100, chroma_downsampling: false });
}

function encoded(
  name: string,
  pixels: readonly number[],
  height: number,
  width: number,
  attributes: Record<string, number | boolean> = {},
): Uint8Array {
  return scope(() => {
    const shape = [height, width, pixels.length / (height * width)];
    const [file] = op(name, [fromBytes(Uint8Array.from(pixels), shape)], attributes);
    return readBytes(op("DecodeRaw", [file], { out_type: "uint8" })[0]);
  });
}

/** A BMP of 24 or 32 bits a pixel: rows of blue, green, red (and a fourth byte), from the top down. */
export function bmp(pixels: readonly number[], height: number, width: number): Uint8Array {
  return bmpFile(pixels, height, width, 8 * pixels.length / (height * width), []);
}

/** A BMP of 8 bits a pixel, with its table of colours (blue, green, red, 0 each). */
export function paletteBmp(
  places: readonly number[],
  height: number,
  width: number,
  colours: readonly number[],
): Uint8Array {
  return bmpFile(places, height, width, 8, colours);
}

function bmpFile(pixels: readonly number[], height: number, width: number, bits: number, table: readonly number[]) {
  const row = width * bits / 8;
  const stride = Math.ceil(row / 4) * 4;
  const start = 54 + table.length;
  const file = new Uint8Array(start + stride * height);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true); // negative: the first row is the top one
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  view.setUint32(46, table.length / 4, true);
  file.set(table, 54);
  for (let y = 0; y < height; y++) file.set(pixels.slice(y * row, (y + 1) * row), start + y * stride);
  return file;
}

/** A GIF of one pixel and two frames: red, then blue. */
export function redThenBlueGif(): Uint8Array {
  const frame = (place: number) => [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44 | (place << 3), 1, 0];
  return Uint8Array.of(
    ...new TextEncoder().encode("GIF89a"),
    ...[1, 0, 1, 0, 0x80, 0, 0],
    ...[255, 0, 0, 0, 0, 255],
    ...frame(0),
    ...frame(1),
    0x3b,
  );
}

/** Runs `f` with a new folder that holds these files, by path; the folder is removed afterwards. */
export async function withFiles<T>(
  files: Readonly<Record<string, Uint8Array | string>>,
  f: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, contents] of Object.entries(files)) {
      const parts = path.split("/");
      await Deno.mkdir([folder, ...parts.slice(0, -1)].join("/"), { recursive: true });
      const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    return await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
