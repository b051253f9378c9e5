import { assertEquals } from "@std/assert";
import { parseClothes } from "../../src/data/fashion_mnist.ts";

const row = (value: number) => Array.from({ length: 784 }, (_, index) => (value + index) % 256);
const parse = (value: unknown, count: number) => parseClothes(new TextEncoder().encode(JSON.stringify(value)), count);

Deno.test("a class of Fashion-MNIST is its rows, without the empty ones", () => {
  assertEquals(parse({ data: [row(1), [], row(9), []] }, 2), {
    _tag: "Right",
    right: Uint8Array.of(...row(1), ...row(9)),
  });
});

Deno.test("a class of Fashion-MNIST with another number of images or pixels is refused", () => {
  const fault = (value: unknown, count = 1) => {
    const parsed = parse(value, count);
    return parsed._tag === "Left" ? parsed.left : undefined;
  };
  assertEquals(fault({ data: [row(1)] }, 2), { what: "data", expected: "2 images", found: "1" });
  assertEquals(fault({ data: [row(1).slice(1)] }), { what: "data.0", expected: "784 bytes", found: "a list of 783" });
  assertEquals(fault({ data: [[256, ...row(1).slice(1)]] })?.what, "data.0");
  assertEquals(fault({ data: 3 })?.expected, "a list of images");
  assertEquals(fault(null)?.expected, "a list of images");
  const cut = parseClothes(new TextEncoder().encode('{"data":[[1,'), 1);
  assertEquals(cut._tag === "Left" && cut.left.expected, "JSON");
});
