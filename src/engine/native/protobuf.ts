/**
 * The small part of the protocol-buffer wire format that TensorFlow and TensorBoard need: ConfigProto and events are
 * written, OpDef is read.
 *
 * @module
 */

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A negative number is written as the 64-bit number with the same bits. */
function varint(value: number | bigint): number[] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return bits < 128n ? [Number(bits)] : [Number(bits & 127n) | 128, ...varint(bits >> 7n)];
}

/** Field `number` holding a varint (an integer, an enum or a boolean). */
export function integerField(number: number, value: number | boolean): number[] {
  return [...varint(number * 8), ...varint(Number(value))];
}

/** Field `number` holding bytes: a string or a nested message. */
export function bytesField(number: number, value: string | readonly number[]): number[] {
  const bytes = typeof value === "string" ? [...utf8.encode(value)] : value;
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** Field `number` holding a 64-bit float. */
export function doubleField(number: number, value: number): number[] {
  return [...varint(number * 8 + 1), ...new Uint8Array(Float64Array.of(value).buffer)];
}

/** Field `number` holding a 32-bit float. */
export function floatField(number: number, value: number): number[] {
  return [...varint(number * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)];
}

/** A field as it stands on the wire. Fixed-width fields are skipped. */
export type Field = { readonly number: number; readonly integer: number; readonly bytes: Uint8Array };

/** The varint and length-delimited fields of a message, in order. */
export function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  const none = new Uint8Array();
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < message.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        found.push({ number, integer: readVarint(), bytes: none });
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = readVarint();
        found.push({ number, integer: 0, bytes: message.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError(`Cannot read protocol buffer: wire type ${tag % 8} at byte ${at} is not supported`);
    }
  }
  return found;
}

/** A length-delimited field's bytes as text. */
export function asText(field: Field): string {
  return text.decode(field.bytes);
}
