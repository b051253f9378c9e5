/**
 * Records of TFRecord files.
 *
 * Source: TensorFlow, "TFRecord and tf.train.Example"; tensorflow/core/lib/hash/crc32c.h.
 *
 * @module
 */
import { crc32c } from "./crc32c.ts";
import type { ReadAt } from "./read_at.ts";

/** A record's length and the length's checksum come before its data, and the data's checksum after it; bytes. */
export const [RECORD_HEAD, RECORD_TAIL] = [12, 4];

/** The length of the data of the record at a place; not a number if the file ends there. */
export function recordLength(read: ReadAt, at: number): number {
  const bytes = read(at, 8);
  return bytes.length < 8 ? NaN : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

/** Whether the length of the record at a place has the checksum that the record states. */
export function hasIntactLength(read: ReadAt, at: number): boolean {
  const bytes = read(at, RECORD_HEAD);
  if (bytes.length < RECORD_HEAD) return false;
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  return stated === maskedChecksum(bytes.subarray(0, 8));
}

/** Whether the data of the record at a place has the checksum that the record states. */
export function isIntact(read: ReadAt, at: number): boolean {
  const length = recordLength(read, at);
  const bytes = read(at + RECORD_HEAD, length + RECORD_TAIL);
  if (bytes.length !== length + RECORD_TAIL) return false;
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getUint32(length, true);
  return stated === maskedChecksum(bytes.subarray(0, length));
}

/** A record of some data. */
export function tfRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD_HEAD + data.length + RECORD_TAIL);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, RECORD_HEAD);
  view.setUint32(RECORD_HEAD + data.length, maskedChecksum(data), true);
  return record;
}

/** The checksum of some bytes as records state it: CRC-32C, turned by 15 bits, plus a constant. */
export function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
