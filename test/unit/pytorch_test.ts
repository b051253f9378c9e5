import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { StoredTensor, TensorFile } from "../../src/files/safetensors.ts";
import { pickle } from "../../src/interchange/pytorch/write_pickle.ts";
import { readPyTorch } from "../../src/interchange/pytorch/read.ts";

const fixture = (name: string) => Deno.readFileSync(new URL(`../fixtures/pytorch/${name}`, import.meta.url));

async function read(bytes: Uint8Array<ArrayBuffer>): Promise<TensorFile> {
  const found = await readPyTorch(bytes);
  if (found._tag === "Left") throw new Error(`${found.left.what}: ${found.left.expected}, ${found.left.found}`);
  return found.right;
}

async function refusal(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const found = await readPyTorch(bytes);
  return found._tag === "Left" ? `expected ${found.left.expected}, found ${found.left.found}` : "read";
}

/** A tensor's elements as numbers. */
function numbers({ dtype, data }: StoredTensor): number[] {
  const { buffer } = data.slice();
  if (dtype === "F32") return [...new Float32Array(buffer)];
  if (dtype === "I64") return [...new BigInt64Array(buffer)].map(Number);
  if (dtype === "F16") return [...new Float16Array(buffer)];
  throw new TypeError(dtype);
}

const sum = (tensor: StoredTensor) => numbers(tensor).reduce((total, value) => total + value, 0);

for (const name of ["moco.pth.tar", "moco_legacy.pth.tar"]) {
  Deno.test(`${name}: tensors have the values that PyTorch wrote, and what lies beside them is metadata`, async () => {
    const { tensors, metadata } = await read(fixture(name));
    const sums: Record<string, number> = JSON.parse(new TextDecoder().decode(fixture("sums.json")));
    assertEquals(tensors.map((tensor) => tensor.name), Object.keys(sums));
    for (const tensor of tensors) assertAlmostEquals(sum(tensor), sums[tensor.name], 1e-9, tensor.name);
    assertEquals(metadata, { epoch: "200", arch: "resnet50" });
    assertEquals(tensors.find(({ name }) => name === "module.encoder_q.conv1.weight")?.shape, [8, 3, 7, 7]);
  });
}

Deno.test("half precision, a transposed view, a part of a storage and a parameter", async () => {
  const { tensors } = await read(fixture("half.pth"));
  const by = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  assertEquals([by.get("conv1.weight")?.dtype, by.get("bf")?.dtype, by.get("bf")?.data.length], ["F16", "BF16", 6]);
  assertEquals([by.get("t")?.shape, numbers(by.get("t")!)], [[4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]]);
  assertEquals(numbers(by.get("view")!), [3, 4, 5]);
  assertEquals(numbers(by.get("param")!), [1, 1]);
});

Deno.test("options beside the weights are passed over, and a plain dictionary of tensors is the weights", async () => {
  const [options, plain] = await Promise.all([read(fixture("args.pth")), read(fixture("plain.pth"))]);
  assertEquals(options.tensors, plain.tensors);
  assert(plain.tensors.length > 5);
});

Deno.test("what a training keeps beside the weights does not hinder: numpy's numbers, arrays, counters, paths", async () => {
  for (const name of ["beside.pth", "beside_legacy.pth"]) {
    const { tensors } = await read(fixture(name));
    assertEquals(tensors.map((tensor) => [tensor.name, numbers(tensor)]), [["w", [0, 1, 2, 3, 4, 5]], ["extra", [
      1,
      1,
    ]]]);
  }
});

Deno.test("arrays of numpy are read by every protocol, row by row and column by column", async () => {
  for (const protocol of [2, 3, 4, 5]) {
    const { tensors } = await read(fixture(`arrays${protocol}.pkl`));
    assertEquals(tensors.map((tensor) => [tensor.name, tensor.shape, numbers(tensor)]), [
      ["rows", [2, 3], [0, 1, 2, 3, 4, 5]],
      ["columns", [2, 3], [0, 1, 2, 3, 4, 5]],
      ["count", [2], [1, 2]],
    ], `protocol ${protocol}`);
  }
  assertEquals(
    await refusal(fixture("big_endian.pkl")),
    "expected a little-endian array of b1, u1, i1, i2, u2, i4, u4, i8, u8, f2, f4, f8, found >f4",
  );
});

Deno.test("a dictionary of Python 2, which is given its items as a list of pairs, is a dictionary", async () => {
  const text = (value: string) => [0x55, value.length, ...new TextEncoder().encode(value)]; // SHORT_BINSTRING
  const array = { name: "w", dtype: "F32", shape: [1], data: new Uint8Array(4) } as const;
  const pair = [0x5d, 0x28, ...text("w"), ...pickle({ array }).slice(2, -1), 0x65]; // a list of name and array
  const ordered = [...new TextEncoder().encode("ccollections\nOrderedDict\n"), 0x5d, ...pair, 0x61, 0x85, 0x52];
  const { tensors } = await read(stream(...ordered));
  assertEquals(tensors, [array]);
  const odd = [...new TextEncoder().encode("ccollections\nOrderedDict\n"), 0x5d, 0x5d, 0x61, 0x85, 0x52];
  assertEquals(await refusal(stream(...odd)), "expected a key and a value, found a list");
});

Deno.test("a storage that is a part of another one is refused, because its place is not known", async () => {
  const whole = fixture("plain.pth");
  assert((await read(whole)).tensors.length > 0);
  const text = (value: string) => [0x58, value.length, 0, 0, 0, ...new TextEncoder().encode(value)];
  const name = (of: string) => [0x63, ...new TextEncoder().encode(of)];
  const part = [0x28, ...text("0_1"), 0x4b, 1, 0x4b, 1, 0x74];
  const storage = [0x28, ...text("storage"), ...name("torch\nFloatStorage\n"), ...text("0"), ...text("cpu"), 0x4b, 2];
  const rebuilt = (view: readonly number[]) => [
    ...[...name("torch._utils\n_rebuild_tensor\n"), 0x28, ...storage, ...view, 0x74, 0x51],
    ...[0x4b, 0, 0x4b, 1, 0x85, 0x4b, 1, 0x85, 0x74, 0x52],
  ];
  const dict = (view: readonly number[]) => stream(0x7d, ...text("w"), ...rebuilt(view), 0x73);
  assertEquals(await refusal(dict([0x4e])), "expected storage 0, found none");
  assertEquals(await refusal(dict(part)), "expected a whole storage, found a part of another one");
});

Deno.test("what is no data is refused by its name, and nothing runs", async () => {
  assertEquals(
    await refusal(fixture("evil.pth")),
    "expected tensors and plain data only, found the Python name posix.system",
  );
  assertEquals(
    await refusal(fixture("whole_model.pth")),
    "expected tensors and plain data only, found the Python name __main__.R",
  );
});

/** numpy's arrays in a pickle, as Detectron2's model zoo has them. */
const numpy = pickle({
  dict: [["model", {
    dict: [["w", { array: { name: "w", dtype: "F32", shape: [2, 3], data: new Uint8Array(24).fill(63) } }]],
  }]],
});

Deno.test("numpy's arrays have their shapes and bytes, and only theirs", async () => {
  const { tensors } = await read(numpy);
  assertEquals(tensors, [{ name: "w", dtype: "F32", shape: [2, 3], data: new Uint8Array(24).fill(63) }]);
  for (let length = 0; length < numpy.length; length++) {
    assert((await refusal(numpy.slice(0, length))).startsWith("expected "), `${length} bytes`);
  }
  for (let at = 0; at < numpy.length; at++) {
    for (const bit of [1, 16, 128]) {
      const changed = numpy.slice();
      changed[at] ^= bit;
      await refusal(changed); // reads or refuses, and never throws
    }
  }
});

Deno.test("a file that is something else is called by its format, where that is known", async () => {
  const files: readonly (readonly [contents: string, found: string])[] = [
    ["", "an empty file"],
    ["<!DOCTYPE html>", "something else"],
    [
      "version https://git-lfs.github.com/spec/v1\noid sha256:0",
      "a pointer of Git LFS: the file itself was not downloaded",
    ],
    ["SQLite format 3\0", "a SQLite database, as collections are"],
  ];
  for (const [contents, found] of files) {
    const bytes = new TextEncoder().encode(contents);
    assertEquals(await refusal(bytes), `expected safetensors or a file of torch.save, found ${found}`);
  }
});

Deno.test("a file that is cut off anywhere is refused", async () => {
  for (const name of ["plain.pth", "moco_legacy.pth.tar"]) {
    const whole = fixture(name);
    for (let length = 0; length < whole.length; length += Math.max(1, Math.floor(whole.length / 300))) {
      assert((await refusal(whole.slice(0, length))).startsWith("expected "), `${name} of ${length} bytes`);
    }
  }
});

Deno.test("a file with changed bytes is read or refused, and never throws", async () => {
  let refused = 0;
  for (const name of ["half.pth", "moco_legacy.pth.tar"]) {
    const whole = fixture(name);
    for (let seed = 0; seed < 300; seed++) {
      const bytes = whole.slice();
      for (let change = 0; change < 3; change++) bytes[(seed * 7919 + change * 104729) % 2500] ^= 1 << (seed % 8);
      if ((await refusal(bytes)) !== "read") refused++;
    }
  }
  assert(refused > 400, `${refused}`);
});

/** A pickle in the old format around these instructions. */
function stream(...instructions: readonly number[]): Uint8Array<ArrayBuffer> {
  const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  const small = [0x80, 2, 0x4b, 1, 0x2e];
  return Uint8Array.from([magic, small, small, [0x80, 2], instructions, [0x2e, 0x80, 2, 0x5d, 0x2e]].flat());
}

Deno.test("hostile pickles are refused at once", async () => {
  const dict = 0x7d, put = 0x71, get = 0x68, item = 0x73, none = 0x4e;
  const text = (value: string) => [0x58, value.length, 0, 0, 0, ...new TextEncoder().encode(value)];
  // Each dictionary holds the one before twice: 2^40 ways through them.
  const laughs = [dict, put, 0];
  for (let n = 0; n < 40; n++) laughs.push(dict, ...text("a"), get, n, item, ...text("b"), get, n, item, put, n + 1);
  const cases: readonly (readonly [number[], string])[] = [
    [laughs, "expected each dictionary once, found one again at a"],
    [[dict, put, 0, ...text("a"), get, 0, item], "expected each dictionary once, found one again at a."],
    [Array(100_000).fill(0x5d), "expected a dictionary of tensors, found a list"],
    [[0x52], "expected a value on the stack, found none"],
    [[0x74], "expected a mark on the stack, found none"],
    [[none, none, none, item], "expected a dictionary, found None"],
    [[get, 9], "expected a value that was remembered, found none under 9"],
    [[0x8b, 0xff, 0xff, 0xff, 0x7f], "expected an integer of up to 1024 bytes, found 2147483647"],
    [[0x8d, 0, 0, 0, 0, 0, 1, 0, 0], "expected 1099511627776 more bytes"],
    [[0x69], "expected an instruction of a pickle of data, found the code 0x69"],
    [[dict], "expected tensors by name, found none"],
  ];
  for (const [instructions, wanted] of cases) {
    const started = performance.now();
    const found = await refusal(stream(...instructions));
    assertEquals(found.slice(0, wanted.length), wanted);
    assert(performance.now() - started < 1000);
  }
});
