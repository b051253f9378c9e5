/**
 * The safetensors format, as pure functions over bytes. A file has 8 bytes of header length (unsigned, little-endian),
 * a JSON header with each tensor's dtype, shape and place, and the tensors' bytes without gaps.
 *
 * Files that {@linkcode encode} writes carry a checksum of the whole file, so {@linkcode decode} refuses them if any
 * bit has changed. Files of other programs carry none; only their structure is checked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Either, pipe } from "../core/either.ts";
import type { FormatError } from "./errors.ts";
import { isCount, isRecord, parseJson, repeatedName } from "./json.ts";
import { otherFormatOf } from "./other_format.ts";

/** A dtype as the format spells it. */
export type Dtype =
  | "BOOL"
  | "U8"
  | "I8"
  | "I16"
  | "U16"
  | "F16"
  | "BF16"
  | "I32"
  | "U32"
  | "F32"
  | "I64"
  | "U64"
  | "F64";

/** Bytes of one element, for each dtype. */
export const dtypeBytes: Readonly<Record<Dtype, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

/** A tensor's name, dtype and shape, which is all that the header needs. */
export type TensorInfo = {
  /** Any name except `__metadata__`. */
  readonly name: string;
  /** The dtype of the elements. */
  readonly dtype: Dtype;
  /** Row-major. */
  readonly shape: readonly number[];
};

/** A tensor in a file: `data` are its little-endian bytes. */
export type StoredTensor = TensorInfo & { readonly data: Uint8Array };

/** The contents of a file. */
export type TensorFile = {
  /** In the order of their bytes in the file. */
  readonly tensors: readonly StoredTensor[];
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** The beginning of a file, and the order in which the tensors' bytes follow it. */
export type Layout<T extends TensorInfo = TensorInfo> = {
  /** Length and header. The checksum's 64 digits are zeros. */
  readonly head: Uint8Array;
  /** Where the checksum's digits belong in `head`. */
  readonly checksumAt: number;
  /** Wide dtypes first, so that every tensor is aligned. */
  readonly order: readonly T[];
};

/** The metadata names that say that a file has a checksum, and what it is. Either alone causes the check. */
const CHECKSUM = "momentum_contrast_sha256";
const FORMAT = "momentum_contrast_format";
const UNSET = "0".repeat(64);
const METADATA = "__metadata__";

/** The format's own limit on the header's length, bytes. */
const LONGEST_HEADER = 100_000_000;

/** How many bytes a tensor of this dtype and shape has. */
export function byteLength({ dtype, shape }: Pick<TensorInfo, "dtype" | "shape">): number {
  return shape.reduce((product, size) => product * size, 1) * dtypeBytes[dtype];
}

/**
 * The beginning of a file, before its checksum is known. A writer emits `head`, then the bytes of each tensor in
 * `order`, and finally puts the SHA-256 of all these bytes (in hexadecimal) at `checksumAt`. One tensor is in memory at
 * a time.
 *
 * @param tensors Names, dtypes and shapes.
 * @param metadata Free text by name; names that begin with `momentum_contrast_` are reserved.
 * @throws {RangeError} if a name occurs twice or is reserved, or a shape is not a list of sizes.
 */
export function layout<T extends TensorInfo>(
  tensors: readonly T[],
  metadata: Readonly<Record<string, string>> = {},
): Layout<T> {
  const seen = new Set<string>();
  for (const { name, shape } of tensors) {
    if (name === METADATA) throw new RangeError(`Cannot store a tensor: expected a name, found "${METADATA}"`);
    if (seen.has(name)) throw new RangeError(`Cannot store tensors: expected each name once, found "${name}" twice`);
    if (!shape.every(isCount)) {
      throw new RangeError(`Cannot store tensor "${name}": expected a shape of sizes, found [${shape}]`);
    }
    seen.add(name);
  }
  for (const name of [CHECKSUM, FORMAT]) {
    if (Object.hasOwn(metadata, name)) {
      throw new RangeError(`Cannot store metadata: expected free names, found the reserved "${name}"`);
    }
  }
  const order = tensors.toSorted((a, b) => dtypeBytes[b.dtype] - dtypeBytes[a.dtype]); // stable
  let offset = 0;
  const items = order.map((tensor) => {
    const begin = offset;
    offset += byteLength(tensor);
    const { name, dtype, shape } = tensor;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, offset] })}`;
  });
  const own = { [CHECKSUM]: UNSET, [FORMAT]: "1" };
  const free = Object.entries(metadata).map(([name, text]) => `,${JSON.stringify(name)}:${JSON.stringify(text)}`);
  const about = `"${METADATA}":${JSON.stringify(own).slice(0, -1)}${free.join("")}}`;
  const header = new TextEncoder().encode(`{${[about, ...items].join(",")}}`);
  const padded = Math.ceil(header.length / 8) * 8;
  if (padded > LONGEST_HEADER) {
    throw new RangeError(`Cannot store tensors: expected a header of at most ${LONGEST_HEADER} bytes, found ${padded}`);
  }
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(header, 8);
  return { head, checksumAt: 8 + `{"${METADATA}":{"${CHECKSUM}":"`.length, order };
}

/**
 * Encodes a file that holds these tensors and this metadata.
 *
 * @param tensors Each with its little-endian bytes.
 * @param metadata Free text by name; names that begin with `momentum_contrast_` are reserved.
 * @throws {RangeError} if a name occurs twice or is reserved, or the number of a tensor's bytes does not match its
 *   shape.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeSafetensors, encodeSafetensors } from "@momentum-contrast/moco";
 *
 * const tensors = [{ name: "x", dtype: "U8", shape: [2], data: Uint8Array.of(1, 2) }] as const;
 * const decoded = decodeSafetensors(encodeSafetensors(tensors, { note: "two bytes" }));
 * assertEquals(decoded._tag === "Right" && decoded.right, { tensors, metadata: { note: "two bytes" } });
 * ```
 */
export function encode(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  for (const tensor of tensors) {
    if (tensor.data.length !== byteLength(tensor)) {
      throw new RangeError(
        `Cannot store tensor "${tensor.name}": expected ${byteLength(tensor)} bytes, found ${tensor.data.length}`,
      );
    }
  }
  const { head, checksumAt, order } = layout(tensors, metadata);
  const bytes = new Uint8Array(order.reduce((length, { data }) => length + data.length, head.length));
  bytes.set(head);
  let offset = head.length;
  for (const { data } of order) {
    bytes.set(data, offset);
    offset += data.length;
  }
  bytes.set(new TextEncoder().encode(checksum([bytes])), checksumAt);
  return bytes;
}

/** The SHA-256 of consecutive pieces of bytes, in hexadecimal. */
function checksum(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** What is required of a file. */
export type CheckOptions = {
  /** Whether the file must state its checksum. Default false: without one, only the file's structure is checked. */
  readonly mustBeChecked?: boolean;
};

/**
 * The contents of a file, or the first fault found in it. The tensors' data are views of `bytes`, not copies.
 *
 * A file that says it was written by this library must also match the checksum that it states. `metadata` is returned
 * without the entries about the checksum.
 *
 * @param bytes The whole file.
 * @param options What is required of it.
 * @returns Right the contents, or left what is wrong with the bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeSafetensors } from "@momentum-contrast/moco";
 *
 * const decoded = decodeSafetensors(Uint8Array.of(1, 2, 3));
 * assertEquals(decoded._tag === "Left" && decoded.left._tag, "Truncated");
 * ```
 */
export function decode(
  bytes: Uint8Array,
  { mustBeChecked = false }: CheckOptions = {},
): Either<FormatError, TensorFile> {
  return pipe(
    headerLength(bytes),
    Either.flatMap((length) =>
      pipe(
        Either.Do,
        Either.bindW("header", () => headerOf(bytes.subarray(8, 8 + length))),
        Either.bindW("metadata", ({ header: { [METADATA]: about = {} } }) => metadataOf(about)),
        Either.bindW("tensors", ({ header: { [METADATA]: _, ...entries } }) =>
          tensorsOf(entries, bytes.subarray(8 + length))),
        Either.tap(({ metadata }) =>
          checked(bytes, length, metadata, mustBeChecked)
        ),
      )
    ),
    Either.map(({ tensors, metadata: { [CHECKSUM]: _checksum, [FORMAT]: _format, ...metadata } }) => ({
      tensors,
      metadata,
    })),
  );
}

function fault(_tag: FormatError["_tag"], what: string, expected: string, found: string): Either<FormatError, never> {
  return Either.left({ _tag, what, expected, found });
}

function headerLength(bytes: Uint8Array): Either<FormatError, number> {
  const other = otherFormatOf(bytes);
  if (other !== undefined) return fault("OtherFormat", "the file", "one in the format safetensors", other);
  if (bytes.length < 8) return fault("Truncated", "the file", "at least 8 bytes", String(bytes.length));
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) {
    return fault("MalformedHeader", "the header's length", `at most ${LONGEST_HEADER} bytes`, String(length));
  }
  const end = 8 + Number(length);
  if (end > bytes.length) return fault("Truncated", "the file", `at least ${end} bytes`, String(bytes.length));
  return Either.right(Number(length));
}

function headerOf(bytes: Uint8Array): Either<FormatError, { readonly [name: string]: unknown }> {
  if (bytes[0] !== 0x7b) {
    const found = bytes.length === 0 ? "nothing" : `byte ${bytes[0]}`;
    return fault("MalformedHeader", "the header", 'a first byte of "{"', found);
  }
  return pipe(
    Either.tryCatch(
      () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      () => ({ expected: "text in UTF-8", found: "other bytes" }),
    ),
    Either.flatMap((text) =>
      pipe(
        parseJson(text),
        Either.mapLeft((reason) => ({ expected: "JSON", found: reason })),
        Either.filterOrElse(
          () => repeatedName(text) === undefined,
          () => ({ expected: "each name once", found: `${JSON.stringify(repeatedName(text))} twice` }),
        ),
      )
    ),
    Either.bimap(
      (found): FormatError => ({ _tag: "MalformedHeader", what: "the header", ...found }),
      (header) => header as { readonly [name: string]: unknown }, // its first byte is "{"
    ),
  );
}

function metadataOf(about: unknown): Either<FormatError, Readonly<Record<string, string>>> {
  if (!isRecord(about)) return fault("MalformedHeader", METADATA, "a record", show(about));
  for (const [name, text] of Object.entries(about)) {
    if (typeof text !== "string") return fault("MalformedHeader", `${METADATA}.${name}`, "a text", show(text));
  }
  return Either.right(about as Readonly<Record<string, string>>);
}

/** Where the bytes of a tensor begin and end in the data. */
type Place = TensorInfo & { readonly begin: number; readonly end: number };

function tensorsOf(
  header: { readonly [name: string]: unknown },
  data: Uint8Array,
): Either<FormatError, readonly StoredTensor[]> {
  return pipe(
    Object.entries(header),
    Either.traverseArray(([name, entry]) => placeOf(name, entry)),
    // An empty tensor sorts before the tensor that begins at the same place.
    Either.map((places) => places.toSorted((a, b) => a.begin - b.begin || a.end - b.end)),
    Either.tap((places) => withoutGap(places, data.length)),
    Either.map((places) => places.map(({ begin, end, ...info }) => ({ ...info, data: data.subarray(begin, end) }))),
  );
}

function withoutGap(places: readonly Place[], length: number): Either<FormatError, void> {
  let offset = 0;
  for (const { name, begin, end } of places) {
    if (begin !== offset) {
      const found = begin < offset ? "an overlap" : "a gap";
      return fault("InvalidTensor", `tensor "${name}"`, `to begin at byte ${offset}`, `${begin}, ${found}`);
    }
    offset = end;
  }
  if (offset > length) return fault("Truncated", "the tensors' data", `${offset} bytes`, String(length));
  if (offset < length) {
    return fault("InvalidTensor", "the tensors' data", `${offset} bytes`, `${length}, some without a tensor`);
  }
  return Either.right(undefined);
}

function placeOf(name: string, entry: unknown): Either<FormatError, Place> {
  const fail = (field: string, expected: string, found: unknown): Either<FormatError, never> =>
    fault("InvalidTensor", `tensor "${name}"${field}`, expected, show(found));
  if (!isRecord(entry)) return fail("", "a record of dtype, shape and data_offsets", entry);
  const { dtype, shape, data_offsets: offsets, ...others } = entry;
  const [extra] = Object.keys(others);
  if (extra !== undefined) return fail("", "dtype, shape and data_offsets alone", extra);
  if (typeof dtype !== "string" || !Object.hasOwn(dtypeBytes, dtype)) {
    return fail(".dtype", `one of ${Object.keys(dtypeBytes).join(", ")}`, dtype);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) return fail(".shape", "a list of sizes", shape);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail(".data_offsets", "a begin and an end", offsets);
  }
  // A size of 0 leaves no values, but TensorFlow multiplies the sizes beside it all the same.
  if (!Number.isSafeInteger(shape.reduce((product, size) => product * Math.max(1, size), 1))) {
    return fail(".shape", "sizes whose product is below 2^53", shape);
  }
  const [begin, end] = offsets as [number, number];
  const info: TensorInfo = { name, dtype: dtype as Dtype, shape };
  if (end - begin !== byteLength(info)) {
    return fail(".data_offsets", `${byteLength(info)} bytes for ${dtype} [${shape}]`, end - begin);
  }
  return Either.right({ ...info, begin, end });
}

/** Refuses a file with a wrong checksum, if it states one or its format says that it has one. */
function checked(
  bytes: Uint8Array,
  headerLength: number,
  { [CHECKSUM]: stated, [FORMAT]: format }: Readonly<Record<string, string>>,
  mustBeChecked: boolean,
): Either<FormatError, void> {
  if (stated === undefined && format === undefined) {
    if (!mustBeChecked) return Either.right(undefined);
    return fault("WrongChecksum", "the file's SHA-256", "one, as every checkpoint of a run states it", "none");
  }
  const header = bytes.subarray(8, 8 + headerLength);
  const lead = new TextEncoder().encode(`{"${METADATA}":{"${CHECKSUM}":"`);
  if (stated === undefined || stated.length !== UNSET.length || !lead.every((byte, i) => header[i] === byte)) {
    return fault("WrongChecksum", METADATA, `"${CHECKSUM}" of 64 digits first`, show(stated));
  }
  const at = 8 + lead.length;
  const found = checksum([bytes.subarray(0, at), new TextEncoder().encode(UNSET), bytes.subarray(at + UNSET.length)]);
  return found === stated ? Either.right(undefined) : fault("WrongChecksum", "the file's SHA-256", stated, found);
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
