/**
 * A reader of TensorBoard's event files, written from their description and not from our writer.
 *
 * @module
 */

/** An event, as far as a test asks for it. */
export type ReadEvent = {
  readonly time: number;
  readonly step: number;
  readonly version?: string;
  /** Whether it says that a program starts. */
  readonly isStart: boolean;
  readonly scalars: ReadonlyMap<string, number>;
  readonly images: ReadonlyMap<string, { readonly height: number; readonly width: number; readonly png: Uint8Array }>;
};

/** The events of a file. One that is cut off ends it, as it does for TensorBoard. Throws where a checksum is wrong. */
export function readEvents(bytes: Uint8Array): readonly ReadEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    if (at + 16 + length > bytes.length) break;
    const data = bytes.subarray(at + 12, at + 12 + length);
    const stated = [view.getUint32(at + 8, true), view.getUint32(at + 12 + length, true)];
    const found = [masked(bytes.subarray(at, at + 8)), masked(data)];
    if (`${stated}` !== `${found}`) throw new Error(`The record at byte ${at} has wrong checksums`);
    events.push(eventOf(data));
    at += 16 + length;
  }
  return events;
}

/** CRC-32C bit by bit, rotated right by 15 bits, plus the constant of the format. */
function masked(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const value = BigInt(~crc >>> 0);
  return Number((((value >> 15n) | (value << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

type Field = { readonly number: number; readonly value: number; readonly bytes: Uint8Array };

function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, shift] = [0n, 0n];
    for (;; shift += 7n) {
      const byte = BigInt(bytes[at++]);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return Number(value);
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, type] = [key >> 3, key & 7];
    if (type === 0) fields.push({ number, value: varint(), bytes: new Uint8Array() });
    else if (type === 1) {
      fields.push({ number, value: view.getFloat64(at, true), bytes: new Uint8Array() });
      at += 8;
    } else if (type === 5) {
      fields.push({ number, value: view.getFloat32(at, true), bytes: new Uint8Array() });
      at += 4;
    } else if (type === 2) {
      const length = varint();
      fields.push({ number, value: NaN, bytes: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`Field ${number} has the unknown type ${type}`);
  }
  return fields;
}

function eventOf(bytes: Uint8Array): ReadEvent {
  const fields = fieldsOf(bytes);
  const value = (number: number) => fields.find((field) => field.number === number)?.value;
  const inside = (number: number) =>
    fields.filter((field) => field.number === number).flatMap((one) => fieldsOf(one.bytes));
  const scalars = new Map<string, number>();
  const images = new Map<string, { height: number; width: number; png: Uint8Array }>();
  for (const { bytes } of inside(5)) {
    const parts = fieldsOf(bytes);
    const tag = new TextDecoder().decode(parts.find(({ number }) => number === 1)!.bytes);
    const scalar = parts.find(({ number }) => number === 2);
    const image = parts.find(({ number }) => number === 4);
    if (scalar !== undefined) scalars.set(tag, scalar.value);
    if (image === undefined) continue;
    const [height, width, , png] = [1, 2, 3, 4].map((number) =>
      fieldsOf(image.bytes).find((one) => one.number === number)!
    );
    images.set(tag, { height: height.value, width: width.value, png: png.bytes });
  }
  const version = fields.find(({ number }) => number === 3);
  return {
    time: value(1) ?? 0,
    step: value(2) ?? 0,
    ...version === undefined ? {} : { version: new TextDecoder().decode(version.bytes) },
    isStart: inside(7).some(({ number, value }) => number === 1 && value === 1),
    scalars,
    images,
  };
}
