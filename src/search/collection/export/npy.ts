/**
 * A matrix as a `.npy` file, which NumPy reads.
 *
 * Source: numpy.lib.format, version 1.0: the magic string, the header's length as uint16, the header as a Python
 * literal that spaces fill up to a multiple of 64 bytes, and the values, row-major and little-endian.
 *
 * @param values [rows, columns], row-major.
 * @param columns Numbers of a row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeNpy } from "./npy.ts";
 *
 * const file = encodeNpy(Float32Array.of(1, 2), 2);
 * const header = new TextDecoder().decode(file.subarray(10, 67));
 * assertEquals(header, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}");
 * assertEquals(file.length, 128 + 8);
 * ```
 */
export function encodeNpy(values: Float32Array, columns: number): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length / columns}, ${columns})}`;
  const before = 10; // bytes before the header
  const start = Math.ceil((before + text.length + 1) / 64) * 64;
  const header = `${text.padEnd(start - before - 1)}\n`;
  const file = new Uint8Array(start + values.byteLength);
  file.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  file.set(new TextEncoder().encode(header), before);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  return file;
}
