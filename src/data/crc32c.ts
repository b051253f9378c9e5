/** The checksum of every byte, by the polynomial 0x1EDC6F41 with its bits reversed. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ ((value & 1) * 0x82f63b78);
  return value;
});

/**
 * The checksum CRC-32C of some bytes.
 *
 * Source: RFC 3720, appendix B.4.
 *
 * @param bytes The bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "./crc32c.ts";
 *
 * assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]) & 0xff];
  return ~crc >>> 0;
}
