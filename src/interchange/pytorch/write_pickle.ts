/**
 * Values as a pickle: plain data, and arrays of numpy. What is written names numpy's array and its dtype, and nothing
 * else.
 *
 * @module
 */
import type { StoredTensor } from "../../files/safetensors.ts";

/** What can be written. */
export type Picklable = string | number | boolean | readonly Picklable[] | Dict | { readonly array: StoredTensor };

type Dict = { readonly dict: readonly (readonly [key: string, value: Picklable])[] };

/**
 * The bytes of a pickle of protocol 3, which every Python 3 reads.
 *
 * @param value The value; arrays are float32.
 * @throws {TypeError} if a number is not a whole number of 32 bits, or an array has another dtype.
 */
export function pickle(value: Picklable): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Uint8Array.of(0x80, 3)];
  write(value, parts);
  parts.push(Uint8Array.of(0x2e)); // STOP
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function write(value: Picklable, to: Uint8Array[]): void {
  if (typeof value === "string") return void to.push(text(value));
  if (typeof value === "number") return void to.push(int(value));
  if (typeof value === "boolean") return void to.push(Uint8Array.of(value ? 0x88 : 0x89)); // NEWTRUE, NEWFALSE
  if ("array" in value) return writeArray(value.array, to);
  if ("dict" in value) {
    to.push(Uint8Array.of(0x7d, 0x28)); // EMPTY_DICT, MARK
    for (const [key, inner] of value.dict) {
      write(key, to);
      write(inner, to);
    }
    return void to.push(Uint8Array.of(0x75)); // SETITEMS
  }
  to.push(Uint8Array.of(0x5d, 0x28)); // EMPTY_LIST, MARK
  for (const item of value) write(item, to);
  to.push(Uint8Array.of(0x65)); // APPENDS
}

/** An array as numpy pickles it: an empty one is made, and then given its shape, its dtype and its bytes. */
function writeArray({ name, dtype, shape, data }: StoredTensor, to: Uint8Array[]): void {
  if (dtype !== "F32") throw new TypeError(`Cannot pickle "${name}": expected F32, found ${dtype}`);
  const [MARK, TUPLE, REDUCE, BUILD, NONE, FALSE, TUPLE3] = [0x28, 0x74, 0x52, 0x62, 0x4e, 0x89, 0x87];
  to.push(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"));
  to.push(Uint8Array.of(MARK), int(0), Uint8Array.of(TUPLE), bytes(Uint8Array.of(0x62)));
  to.push(Uint8Array.of(TUPLE3, REDUCE, MARK), int(1));
  to.push(Uint8Array.of(MARK), ...shape.map(int), Uint8Array.of(TUPLE));
  to.push(global("numpy", "dtype"), text("f4"), int(0), int(1), Uint8Array.of(TUPLE3, REDUCE));
  to.push(Uint8Array.of(MARK), int(3), text("<"), Uint8Array.of(NONE, NONE, NONE), int(-1), int(-1), int(0));
  to.push(Uint8Array.of(TUPLE, BUILD, FALSE), bytes(data), Uint8Array.of(TUPLE, BUILD));
}

function global(module: string, name: string): Uint8Array {
  return new TextEncoder().encode(`c${module}\n${name}\n`); // GLOBAL
}

function text(value: string): Uint8Array {
  return sized(0x58, new TextEncoder().encode(value)); // BINUNICODE
}

function bytes(value: Uint8Array): Uint8Array {
  return sized(0x42, value); // BINBYTES
}

function sized(code: number, value: Uint8Array): Uint8Array {
  const made = new Uint8Array(5 + value.length);
  made[0] = code;
  new DataView(made.buffer).setUint32(1, value.length, true);
  made.set(value, 5);
  return made;
}

function int(value: number): Uint8Array {
  if ((value | 0) !== value) throw new TypeError(`Cannot pickle a number: expected 32 bits, found ${value}`);
  const made = new Uint8Array(5);
  made[0] = 0x4a; // BININT
  new DataView(made.buffer).setInt32(1, value, true);
  return made;
}
