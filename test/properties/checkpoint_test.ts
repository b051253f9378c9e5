import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Either } from "../../src/core/either.ts";
import { repeatedName } from "../../src/files/json.ts";
import {
  byteLength,
  decode,
  type Dtype,
  encode,
  type StoredTensor,
  type TensorFile,
} from "../../src/files/safetensors.ts";
import { left, right } from "../support/either.ts";

const dtypes: readonly Dtype[] = ["F32", "I32", "U8", "BOOL", "I64", "F16", "BF16", "F64"];

const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "0", "10", "2", "", "a.b.c", '"', "\u2028"),
);
const metadataName = name.filter((text) => !text.startsWith("momentum_contrast_"));

const tensor: fc.Arbitrary<StoredTensor> = fc.record({
  name: name.filter((text) => text !== "__metadata__"),
  dtype: fc.constantFrom(...dtypes),
  shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
}).chain((info) =>
  fc.uint8Array({ minLength: byteLength(info), maxLength: byteLength(info) }).map((data) => ({ ...info, data }))
);

const file: fc.Arbitrary<TensorFile> = fc.record({
  tensors: fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 }),
  metadata: fc.array(fc.tuple(metadataName, fc.string({ unit: "binary" })), { maxLength: 4 }).map((pairs) =>
    Object.fromEntries(pairs)
  ),
});

const byName = (tensors: readonly StoredTensor[]): Map<string, Omit<StoredTensor, "name">> =>
  new Map(tensors.map(({ name, dtype, shape, data }) => [name, { dtype, shape, data: data.slice() }]));

Deno.test("decode after encode is the identity, metadata and empty tensors included", () => {
  fc.assert(fc.property(file, ({ tensors, metadata }) => {
    const decoded = right(decode(encode(tensors, metadata)));
    assertEquals(byName(decoded.tensors), byName(tensors));
    assertEquals(decoded.tensors.length, tensors.length);
    assertEquals(Object.entries(decoded.metadata).sort(), Object.entries(metadata).sort());
  }));
});

Deno.test("every tensor begins at a multiple of its element's size", () => {
  fc.assert(fc.property(file, ({ tensors, metadata }) => {
    const bytes = encode(tensors, metadata);
    for (const { dtype, data } of right(decode(bytes)).tensors) {
      assertEquals((data.byteOffset - bytes.byteOffset) % byteLength({ dtype, shape: [] }), 0);
    }
  }));
});

Deno.test("every truncation of a saved file is refused, by name", () => {
  fc.assert(fc.property(file, fc.double({ min: 0, max: 1, noNaN: true }), ({ tensors, metadata }, share) => {
    const bytes = encode(tensors, metadata);
    const cut = bytes.subarray(0, Math.min(bytes.length - 1, Math.floor(share * bytes.length)));
    assertEquals(left(decode(cut))._tag, "Truncated");
  }));
});

Deno.test("bytes after the end of a saved file are refused", () => {
  fc.assert(fc.property(file, fc.uint8Array({ minLength: 1, maxLength: 9 }), ({ tensors, metadata }, extra) => {
    assert(Either.isLeft(decode(Uint8Array.from([...encode(tensors, metadata), ...extra]))));
  }));
});

Deno.test("every flipped bit of a saved file is refused, wherever it is", () => {
  const bytes = encode([
    { name: "queue.keys", dtype: "F32", shape: [2, 3], data: new Uint8Array(24).map((_, i) => i * 7) },
    { name: "step", dtype: "I32", shape: [], data: Uint8Array.of(9, 0, 0, 0) },
    { name: "mask", dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) },
  ], { config: '{"a":1}', position: "{}" });
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[at] ^= 1 << bit;
      assert(Either.isLeft(decode(flipped)), `bit ${bit} of byte ${at}`);
    }
  }
});

Deno.test("every changed byte of any saved file is refused", () => {
  const change = fc.integer({ min: 1, max: 255 });
  fc.assert(fc.property(file, fc.nat(), change, ({ tensors, metadata }, where, mask) => {
    const bytes = encode(tensors, metadata);
    bytes[where % bytes.length] ^= mask;
    assert(Either.isLeft(decode(bytes)));
  }));
});

/** A file as another program writes it: no checksum, the header as given. */
function foreign(header: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

Deno.test("a file of another program loads without a checksum", () => {
  const decoded = right(decode(foreign(
    '{"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"__metadata__":{"format":"pt"},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}, "z":{"dtype":"I64","shape":[0],"data_offsets":[4,4]}}  ',
    [0, 0, 128, 63, 5, 6],
  )));
  assertEquals(decoded.metadata, { format: "pt" });
  assertEquals(decoded.tensors.map(({ name }) => name), ["a", "z", "b"]);
  assertEquals([...decoded.tensors[2].data], [5, 6]);
});

Deno.test("what no safetensors file may hold is refused, and the fault is named", () => {
  const entry = (dtype: unknown, shape: unknown, offsets: unknown, extra: object = {}) =>
    JSON.stringify({ x: { dtype, shape, data_offsets: offsets, ...extra } });
  const cases: readonly [file: Uint8Array, tag: string, what: string][] = [
    [Uint8Array.of(), "Truncated", "the file"],
    [Uint8Array.of(1, 2, 3), "Truncated", "the file"],
    [new TextEncoder().encode("SQLite format 3\0 and so on"), "OtherFormat", "the file"],
    [new TextEncoder().encode("PK\x03\x04 and so on"), "OtherFormat", "the file"],
    [Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46), "OtherFormat", "the file"],
    [Uint8Array.of(0x80, 2, 0, 0, 0, 0, 0, 0), "Truncated", "the file"], // a header of 640 bytes is none of them
    [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), "MalformedHeader", "the header's length"],
    [Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123), "Truncated", "the file"],
    [foreign(""), "MalformedHeader", "the header"],
    [foreign(" {}"), "MalformedHeader", "the header"],
    [foreign("{"), "MalformedHeader", "the header"],
    [foreign('{"x":1,}'), "MalformedHeader", "the header"],
    [foreign("[]"), "MalformedHeader", "the header"],
    [foreign('{"x":1,"x":1}'), "MalformedHeader", "the header"],
    [foreign('{"__metadata__":[]}'), "MalformedHeader", "__metadata__"],
    [foreign('{"__metadata__":{"a":1}}'), "MalformedHeader", "__metadata__.a"],
    [foreign('{"x":1}'), "InvalidTensor", 'tensor "x"'],
    [foreign(entry("F31", [], [0, 4])), "InvalidTensor", 'tensor "x".dtype'],
    [foreign(entry("toString", [], [0, 4])), "InvalidTensor", 'tensor "x".dtype'],
    [foreign(entry("F32", [-1], [0, 4])), "InvalidTensor", 'tensor "x".shape'],
    [foreign(entry("F32", [0.5], [0, 2])), "InvalidTensor", 'tensor "x".shape'],
    [foreign(entry("F32", "2", [0, 2])), "InvalidTensor", 'tensor "x".shape'],
    [foreign(entry("F32", [1], [0])), "InvalidTensor", 'tensor "x".data_offsets'],
    [foreign(entry("F32", [1], [4, 0])), "InvalidTensor", 'tensor "x".data_offsets'],
    [foreign(entry("F32", [2], [0, 4]), [0, 0, 0, 0]), "InvalidTensor", 'tensor "x".data_offsets'],
    [foreign(entry("F32", [1], [0, 4]), [0, 0, 0]), "Truncated", "the tensors' data"],
    [foreign(entry("F32", [1], [0, 4]), [0, 0, 0, 0, 0]), "InvalidTensor", "the tensors' data"],
    [foreign(entry("U8", [1], [1, 2]), [0, 0]), "InvalidTensor", 'tensor "x"'],
    [foreign(entry("U8", [1], [0, 1], { other: 1 }), [0]), "InvalidTensor", 'tensor "x"'],
    [
      foreign(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        [0, 0, 0],
      ),
      "InvalidTensor",
      'tensor "b"',
    ],
    [foreign('{"__metadata__":{"momentum_contrast_format":"1"}}'), "WrongChecksum", "__metadata__"],
  ];
  for (const [bytes, tag, what] of cases) {
    const fault = left(decode(bytes));
    assertEquals([fault._tag, fault.what], [tag, what]);
    assert(fault.expected !== "" && fault.found !== "");
  }
});

Deno.test("a name that comes twice in one object is found, and only that", () => {
  assertEquals(repeatedName('{"a":{"b":1},"c":{"b":2},"d":["a","a",{"a":"a"}]}'), undefined);
  assertEquals(repeatedName('{"a":{"b":1, "c":0, "b" : 2}}'), "b");
  assertEquals(repeatedName('{"\\u0061":1,"a":2}'), "a");
  assertEquals(repeatedName('{"x\\"":1,"x":"\\":{"}'), undefined);
  fc.assert(fc.property(fc.jsonValue(), (value) => assertEquals(repeatedName(JSON.stringify(value)), undefined)));
});

Deno.test("what cannot be told apart in a file is not stored", () => {
  const x = { name: "x", dtype: "U8", shape: [1], data: Uint8Array.of(1) } as const;
  assertThrows(() => encode([x, x]), RangeError, '"x" twice');
  assertThrows(() => encode([{ ...x, name: "__metadata__" }]), RangeError, "__metadata__");
  assertThrows(() => encode([{ ...x, shape: [2] }]), RangeError, "expected 2 bytes, found 1");
  assertThrows(() => encode([x], { momentum_contrast_sha256: "" }), RangeError, "reserved");
});
