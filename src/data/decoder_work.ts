/**
 * What the thread that decodes TIFF, AVIF and HEIC does.
 *
 * @module
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import { Either } from "../core/either.ts";
import { reasonOf } from "../core/reason.ts";
import { loadMagick, type Magick, magickPackage } from "../dependencies/magick.ts";
import { writeBytesAtomicSync } from "../files/atomic.ts";
import { convertedFormat } from "./converted_format.ts";
import { converterFolder } from "./converter.ts";
import { answerTo, type ToDecode } from "./decoder_thread.ts";

/** The most bytes that the decoder may take for an image. */
const MEMORY = 2 ** 30;

/** How long it is not tried again to load a decoder that could not be loaded, milliseconds. */
const PAUSE = 60_000;

let loading: Promise<Magick> | undefined;
let failed: { readonly at: number; readonly error: Error } | undefined;

async function decoder(folder: string | undefined): Promise<Magick> {
  if (failed !== undefined && performance.now() - failed.at < PAUSE) throw failed.error;
  try {
    return await (loading ??= load(folder));
  } catch (thrown) {
    loading = undefined;
    const { name, version } = magickPackage;
    const what = `expected ${name}@${version}, which decodes TIFF, AVIF and HEIC`;
    failed = {
      at: performance.now(),
      error: new Error(`${what}, found that it cannot be loaded: ${reasonOf(thrown)}`),
    };
    throw failed.error;
  }
}

async function load(known: string | undefined): Promise<Magick> {
  const folder = known === undefined ? await converterFolder()() : Either.right(known);
  if (Either.isLeft(folder)) throw new Error(folder.left.reason);
  return await loadMagick(pathToFileURL(`${folder.right}/`), MEMORY);
}

async function convert({ bytes, most, to, folder }: ToDecode): Promise<void> {
  const png = asPng(await decoder(folder), bytes, most);
  try {
    Deno.mkdirSync(dirname(to), { recursive: true });
    writeBytesAtomicSync(to, png);
  } catch (thrown) {
    throw new Error(`expected to keep its PNG as ${to}, found that it cannot be written: ${reasonOf(thrown)}`);
  }
}

/** The first frame of an image as PNG, turned as it is to be displayed. Its size is looked at before it is decoded. */
function asPng(magick: Magick, bytes: Uint8Array, most: number): Uint8Array {
  const { width, height } = decoding(() => magick.MagickImageInfo.create(bytes));
  if (4 * width * height > most) {
    const limit = most.toLocaleString("en");
    throw new RangeError(`expected at most ${limit} pixels, found ${width}x${height}, of which each counts as four`);
  }
  const first = new magick.MagickReadSettings({ frameIndex: 0, frameCount: 1 });
  const png = decoding(() =>
    magick.ImageMagick.read(bytes, first, (image): Uint8Array | number => {
      if (image.depth > 8 && convertedFormat(bytes) === "TIFF") return image.depth;
      image.autoOrient();
      image.strip();
      return image.write("PNG", (file) => file.slice());
    })
  );
  if (typeof png !== "number") return png;
  throw new RangeError(`expected a TIFF of 8 bits a channel, found ${png}: save it as PNG, whose 16 bits are read`);
}

function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (thrown) {
    // ImageMagick adds the names of its own files, in quotation marks, and where it noticed the damage.
    throw new Error(`damaged or not supported (${reasonOf(thrown).replace(/\s*(`|@ ).*$/s, "")})`);
  }
}

parentPort?.on("message", (asked: ToDecode) => void answerTo(asked, convert));
