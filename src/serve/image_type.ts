import { startsAsImage } from "../data/image_header.ts";

/** The types of the formats that every browser shows, by their first bytes. No markup is among them. */
const types: readonly (readonly [start: string, type: string])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG", "image/png"],
  ["GIF8", "image/gif"],
  ["BM", "image/bmp"],
  ["RIFF", "image/webp"],
];

/** The type of an image by its first bytes; undefined if it is none that every browser shows. */
export function typeOf(bytes: Uint8Array): string | undefined {
  if (!startsAsImage(bytes.subarray(0, 16))) return undefined;
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return types.find(([signature]) => start.startsWith(signature))?.[1];
}
