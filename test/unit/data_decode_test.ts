import { assert, assertEquals, assertThrows } from "@std/assert";
import { EngineError } from "../../src/engine/mod.ts";
import { liveTensors } from "../../src/core/scope.ts";
import { decodeImage, imageFormat, resizeAndCrop } from "../../src/engine/ops/decode.ts";
import { bmp, jpeg, paletteBmp, png, redThenBlueGif } from "../support/image_files.ts";

const decoded = (file: Uint8Array, channels: 1 | 3 = 3): readonly number[] => [...decodeImage(file, channels).bytes];

Deno.test("a PNG decodes to the pixels that were encoded, row by row", () => {
  const pixels = Array.from({ length: 2 * 3 * 3 }, (_, index) => index * 14);
  const { height, width, channels, bytes } = decodeImage(png(pixels, 2, 3), 3);
  assertEquals([height, width, channels], [2, 3, 3]);
  assertEquals([...bytes], pixels);
});

Deno.test("a grey PNG gives three equal channels, or one", () => {
  assertEquals(decoded(png([7, 200], 1, 2)), [7, 7, 7, 200, 200, 200]);
  assertEquals(decoded(png([7, 200], 1, 2), 1), [7, 200]);
});

Deno.test("transparent pixels lie on white: colour alpha + 255 (1 - alpha)", () => {
  assertEquals(decoded(png([10, 20, 30, 0, 10, 20, 30, 255, 0, 100, 255, 51], 1, 3)), [
    ...[255, 255, 255],
    ...[10, 20, 30],
    ...[204, 224, 255], // 0.2 x + 0.8 255
  ]);
  assertEquals(decoded(png([0, 51], 1, 1)), [204, 204, 204]); // grey and alpha
});

Deno.test("a colour image as one channel is its luminance", () => {
  assertEquals(decoded(png([255, 0, 0, 0, 255, 0, 0, 0, 255], 1, 3), 1), [76, 150, 29]);
});

Deno.test("a JPEG at the best quality decodes to within 2 levels of the pixels that were encoded", () => {
  const colour = [200, 40, 90];
  const pixels = Array.from({ length: 64 }, () => colour).flat();
  const bytes = decoded(jpeg(pixels, 8, 8));
  assertEquals(bytes.length, 192);
  assert(bytes.every((value, index) => Math.abs(value - colour[index % 3]) <= 2));
});

Deno.test("a BMP's blue, green and red are put in order, and its fourth byte is dropped", () => {
  assertEquals(decoded(bmp([3, 2, 1, 6, 5, 4], 2, 1)), [1, 2, 3, 4, 5, 6]);
  assertEquals(decoded(bmp([3, 2, 1, 0], 1, 1)), [1, 2, 3]);
});

Deno.test("a BMP with a table of colours shows the colours, not the places in the table", () => {
  const file = paletteBmp([1, 0], 1, 2, [3, 2, 1, 0, 30, 20, 10, 0]);
  assertEquals(decoded(file), [10, 20, 30, 1, 2, 3]);
});

Deno.test("of a GIF the first frame is taken", () => {
  assertEquals(decoded(redThenBlueGif()), [255, 0, 0]);
});

Deno.test("a file's format is told by its first bytes", () => {
  assertEquals(imageFormat(png([0], 1, 1)), "PNG");
  assertEquals(imageFormat(jpeg([0, 0, 0], 1, 1)), "JPEG");
  assertEquals(imageFormat(redThenBlueGif()), "GIF");
  assertEquals(imageFormat(bmp([0, 0, 0], 1, 1)), "BMP");
  assertEquals(imageFormat(new TextEncoder().encode("a text")), undefined);
  assertEquals(imageFormat(new Uint8Array()), undefined);
});

Deno.test("damaged files are refused, and nothing stays behind", () => {
  const whole = jpeg(Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 37) % 256), 32, 32);
  const before = liveTensors();
  assertThrows(() => decodeImage(whole.subarray(0, whole.length / 2), 3), EngineError);
  assertThrows(() => decodeImage(png([1, 2, 3], 1, 1).subarray(0, 40), 3), EngineError);
  assertThrows(() => decodeImage(new TextEncoder().encode("a text"), 3), TypeError, "Cannot decode an image");
  assertEquals(liveTensors(), before);
});

Deno.test("an image of the right size is left as it is", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  assertEquals(resizeAndCrop({ bytes, height: 2, width: 2, channels: 1 }, 2), bytes);
});

Deno.test("the longer side is cut at both ends", () => {
  const wide = { bytes: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80), height: 2, width: 4, channels: 1 };
  assertEquals([...resizeAndCrop(wide, 2)], [20, 30, 60, 70]);
  const tall = { bytes: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80), height: 4, width: 2, channels: 1 };
  assertEquals([...resizeAndCrop(tall, 2)], [30, 40, 50, 60]);
});

Deno.test("making smaller averages over the pixels that fall together", () => {
  // One pixel of four is bright; sampling between the middle two would see none of them.
  const stripes = Uint8Array.from({ length: 16 * 16 }, (_, index) => index % 4 === 0 ? 200 : 0);
  const small = resizeAndCrop({ bytes: stripes, height: 16, width: 16, channels: 1 }, 4);
  const inner = [...small].filter((_, index) => index % 4 === 1 || index % 4 === 2);
  assert(inner.every((value) => Math.abs(value - 50) <= 2), `${inner}`);
});

Deno.test("making larger keeps the range and the corners", () => {
  const large = resizeAndCrop({ bytes: Uint8Array.of(0, 255, 0, 255), height: 2, width: 2, channels: 1 }, 4);
  assertEquals([...large.subarray(0, 4)], [0, 64, 191, 255]); // half-pixel centres: 0, 0.25, 0.75, 1
});
