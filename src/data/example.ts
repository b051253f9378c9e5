/**
 * Where the features of a `tf.train.Example` lie in its bytes. Nothing but short values is read.
 *
 * Source: tensorflow/core/example/feature.proto; Protocol Buffers, "Encoding".
 *
 * @module
 */
import type { ReadAt } from "./read_at.ts";
import type { Span } from "./image_header.ts";

/** The first value of a feature: where its bytes lie, or a whole number. Features without either are left out. */
export type Feature = Span | bigint;

/** The most fields that a message may have. */
const MOST_FIELDS = 10_000;

/** The most bytes of a feature's name, or of a text that is read. */
const MOST_TEXT = 1024;

const [varint, eightBytes, counted, fourBytes] = [0, 1, 2, 5];

/** A field of a message: its number, and its value, which is a whole number or where its bytes lie. */
type Field = { readonly number: number; readonly value: Span | bigint };

/**
 * The features of an example, by name.
 *
 * @param read The example's bytes.
 * @param length How many they are.
 * @returns Undefined if the bytes are no example.
 */
export function exampleFeatures(read: ReadAt, length: number): ReadonlyMap<string, Feature> | undefined {
  const features = new Map<string, Feature>();
  try {
    // Example { features = 1 { feature = 1 { key = 1, value = 2 { bytes_list = 1 { value = 1 } } } } }
    // For labels the value is int64_list = 3 { value = 1 }.
    for (const all of spansOf(read, { start: 0, length }, 1)) {
      for (const entry of spansOf(read, all, 1)) {
        const [key] = spansOf(read, entry, 1);
        const [value] = spansOf(read, entry, 2);
        const found = value && valueOf(read, value);
        if (key !== undefined && found !== undefined) features.set(textAt(read, key), found);
      }
    }
    return features;
  } catch (thrown) {
    if (thrown instanceof NotAMessage) return undefined;
    throw thrown;
  }
}

/** The text at a place, no more than its first 1,024 bytes. */
export function textAt(read: ReadAt, { start, length }: Span): string {
  return new TextDecoder().decode(read(start, Math.min(length, MOST_TEXT)));
}

class NotAMessage extends Error {}

function valueOf(read: ReadAt, feature: Span): Feature | undefined {
  const [bytes] = spansOf(read, feature, 1);
  if (bytes !== undefined) return spansOf(read, bytes, 1)[0];
  const [integers] = spansOf(read, feature, 3);
  const first = integers && fieldsIn(read, integers).next().value;
  if (first === undefined) return undefined;
  return typeof first.value === "bigint" ? first.value : numberAt(read, first.value.start).value; // or they are packed
}

/** Where the values of a message's fields with a number lie. */
function spansOf(read: ReadAt, message: Span, number: number): readonly Span[] {
  return [...fieldsIn(read, message)].flatMap((field) =>
    field.number === number && typeof field.value !== "bigint" ? [field.value] : []
  );
}

function* fieldsIn(read: ReadAt, { start, length }: Span): Generator<Field, undefined> {
  const end = start + length;
  for (let at = start, count = 0; at < end; count++) {
    if (count === MOST_FIELDS) throw new NotAMessage();
    const tag = numberAt(read, at);
    const [number, kind] = [Number(tag.value >> 3n), Number(tag.value & 7n)];
    if (number === 0) throw new NotAMessage();
    at = tag.end;
    if (kind === varint) {
      const { value, end: next } = numberAt(read, at);
      yield { number, value };
      at = next;
      continue;
    }
    const size = kind === counted ? numberAt(read, at) : { value: fixedSize(kind), end: at };
    const value = { start: size.end, length: Number(size.value) };
    at = value.start + value.length;
    if (at > end) throw new NotAMessage();
    yield { number, value };
  }
}

function fixedSize(kind: number): bigint {
  if (kind === eightBytes) return 8n;
  if (kind === fourBytes) return 4n;
  throw new NotAMessage();
}

/** A number in groups of seven bits, and where it ends. */
function numberAt(read: ReadAt, at: number): { readonly value: bigint; readonly end: number } {
  const most = 10;
  let value = 0n;
  for (const [index, byte] of read(at, most).entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asIntN(64, value), end: at + index + 1 };
  }
  throw new NotAMessage();
}
