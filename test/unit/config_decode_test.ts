import { assertEquals } from "@std/assert";
import * as decode from "../../src/config/decode.ts";

Deno.test("decoders take what they say, bounds included, and refuse the rest", () => {
  const taken = <A>(decoder: decode.Decoder<A>, value: unknown) => decoder.decode(value, "x")._tag === "Right";
  const share = decode.number({ min: 0, max: 1 });
  assertEquals([0, 0.5, 1, -0.1, 1.1, NaN, Infinity, "1", null].map((value) => taken(share, value)), [
    ...[true, true, true],
    ...[false, false, false, false, false, false],
  ]);
  assertEquals([0, 1e-9, 5, -1].map((value) => taken(decode.number({ above: 0 }), value)), [false, true, true, false]);
  assertEquals([1, 1.5, 2 ** 60].map((value) => taken(decode.integer({ min: 1 }), value)), [true, false, false]);
  assertEquals([[1, 2], [2, 1], [1], [1, "2"]].map((value) => taken(decode.range(), value)), [
    true,
    false,
    false,
    false,
  ]);
  assertEquals(["", "a", 1].map((value) => taken(decode.string, value)), [false, true, false]);
  assertEquals([true, "true", 1].map((value) => taken(decode.boolean, value)), [true, false, false]);
});

Deno.test("what a decoder expects is said in words", () => {
  assertEquals(decode.number({ min: 0, max: 1 }).expected, "a number in [0, 1]");
  assertEquals(decode.number({ above: 0, max: 8 }).expected, "a number greater than 0 and at most 8");
  assertEquals(decode.integer({ min: 1 }).expected, "a whole number of at least 1");
  assertEquals(decode.number({ max: 3 }).expected, "a number of at most 3");
  assertEquals(decode.number().expected, "a number");
  assertEquals(decode.literal("a", "b").expected, '"a" or "b"');
});

Deno.test("a list reports the place of each fault, a record those of all its fields", () => {
  const decoder = decode.record<{ readonly sizes: readonly number[]; readonly name?: string }>({
    sizes: decode.field(decode.list(decode.integer()), [1], "sizes"),
    name: decode.optional(decode.string, "a name"),
  });
  const paths = (value: unknown) => {
    const decoded = decoder.decode(value, "");
    return decoded._tag === "Left" ? decoded.left.map(({ path }) => path) : decoded.right;
  };
  assertEquals(paths({}), { sizes: [1] });
  assertEquals(paths({ sizes: [1, "a", 3, 0.5], name: "" }), ["sizes.1", "sizes.3", "name"]);
});

Deno.test("a required field that is absent is missing", () => {
  const decoder = decode.record<{ readonly a: number }>({ a: decode.required(decode.number(), "a number") });
  assertEquals(decoder.decode({}, "at"), {
    _tag: "Left",
    left: [{ _tag: "Missing", path: "at.a", expected: "a number", found: "nothing" }],
  });
});

Deno.test("a refined decoder refuses what its condition does not hold for", () => {
  const even = decode.refine(decode.integer(), "an even number", (value) => value % 2 === 0);
  assertEquals(even.decode(2, "x"), { _tag: "Right", right: 2 });
  assertEquals(even.decode(3, "x"), {
    _tag: "Left",
    left: [{ _tag: "Invalid", path: "x", expected: "an even number", found: "3" }],
  });
});
