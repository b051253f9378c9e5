import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  defineOp,
  dtypeOf,
  EngineError,
  engineInfo,
  fromBytes,
  op,
  readBytes,
  tf,
  toFloat,
} from "../../src/engine/mod.ts";
import { giveBackMemory } from "../../src/engine/native/resident.ts";
import { scope } from "../../src/core/scope.ts";
import { memoryBy } from "../../src/engine/native/memory.ts";
import { processorFlags } from "../../src/engine/native/processor.ts";

Deno.test("the engine says which TensorFlow it runs and on what", () => {
  const info = engineInfo();
  assertMatch(info.tensorflow, /^2\.\d+\.\d+/);
  assertEquals(info.devices.some((device) => device.type === "CPU"), true);
});

Deno.test("the processor's instruction sets are known under narrow permissions", {
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
}, () => {
  const flags = processorFlags().split(" ");
  assert(flags.includes("sse2")); // every x86-64 processor has it
});

Deno.test("every dtype of tfjs goes in and comes out", () => {
  assertEquals([...tf.tensor1d([1.5, -2]).dataSync()], [1.5, -2]);
  assertEquals([...tf.tensor1d([1, -2], "int32").dataSync()], [1, -2]);
  assertEquals([...tf.tensor1d([true, false], "bool").dataSync()], [1, 0]);
  assertEquals(tf.tensor1d(["grüße", "", "a".repeat(100)]).dataSync() as unknown, ["grüße", "", "a".repeat(100)]);
  assertEquals([...tf.complex([1, 2], [3, 4]).dataSync()], [1, 3, 2, 4]);
  // Through an op, so that the values are the engine's and not what tfjs still held.
  assertEquals([...tf.reverse(tf.tensor1d([true, false, false], "bool")).dataSync()], [0, 0, 1]);
  assertEquals([...tf.real(tf.complex([1, 2], [3, 4])).dataSync()], [1, 2]);
  assertEquals(tf.concat([tf.tensor1d(["a"]), tf.tensor1d(["bc"])]).dataSync() as unknown, ["a", "bc"]);
});

Deno.test("uint8 tensors keep their dtype through tfjs's ops", () => {
  const x = fromBytes(new Uint8Array([1, 2, 250, 4]), [2, 2]);
  assertEquals(dtypeOf(x), "uint8");
  assertEquals(dtypeOf(tf.slice(x, [1, 0], [1, 2])), "uint8");
  assertEquals([...readBytes(tf.transpose(x))], [1, 250, 2, 4]);
  assertEquals(dtypeOf(toFloat(x)), "float32");
  assertEquals([...toFloat(x).dataSync()], [1, 2, 250, 4]);
});

Deno.test("bytes that do not fill the shape are refused", () => {
  assertThrows(() => fromBytes(new Uint8Array(5), [2, 3]), RangeError, "expected 6 bytes, found 5");
  for (const [shape, size] of [[[-1, -1], -1], [[1, NaN], NaN], [[0.5, 2], 0.5]] as const) {
    assertThrows(() => fromBytes(new Uint8Array(1), shape), RangeError, `whole numbers of at least 0, found ${size}`);
  }
});

Deno.test("shapes that TensorFlow cannot multiply are refused, although they hold nothing", () => {
  const expected = "expected sizes whose product is below 2^53";
  assertThrows(() => fromBytes(new Uint8Array(0), [2 ** 32, 2 ** 32, 0]), RangeError, expected);
  assertThrows(
    () => fromBytes(new Uint8Array(1), Array(255).fill(1)),
    RangeError,
    "expected at most 254 axes, found 255",
  );
});

Deno.test("the texts of strings are freed with their tensor", { ignore: Deno.build.os !== "linux" }, () => {
  const residentMegabytes = () => Deno.memoryUsage().rss / 2 ** 20;
  const megabyte = new Uint8Array(1 << 20).fill(65);
  const makeAndFree = () => {
    const texts = tf.tensor1d([megabyte] as unknown as string[], "string");
    const [lengths] = op("StringLength", [texts]);
    assertEquals(lengths.dataSync()[0], megabyte.length);
    texts.dispose();
    lengths.dispose();
  };
  for (let i = 0; i < 20; i++) makeAndFree();
  const before = residentMegabytes();
  for (let i = 0; i < 300; i++) makeAndFree();
  assert(residentMegabytes() - before < 60, `${before} MiB before, ${residentMegabytes()} after`);
});

Deno.test("files that a container has read count as free memory, because they make room", () => {
  const files: Record<string, string> = {
    "/proc/meminfo": "MemTotal: 16000000 kB\nMemAvailable: 15000000 kB\n",
    "/sys/fs/cgroup/memory.max": "8000000000\n",
    "/sys/fs/cgroup/memory.current": "7900000000\n",
    "/sys/fs/cgroup/memory.stat": "anon 900000000\ninactive_file 7000000000\n",
  };
  assertEquals(memoryBy((path) => files[path] ?? ""), { total: 8e9, free: 7.1e9 });
  files["/sys/fs/cgroup/memory.max"] = "max\n";
  assertEquals(memoryBy((path) => files[path] ?? ""), { total: 16_384_000_000, free: 15_360_000_000 });
});

Deno.test("an op that TensorFlow refuses is named with its input shapes", () => {
  const error = assertThrows(() => op("MatMul", [tf.ones([2, 3]), tf.ones([2, 3])]), EngineError);
  assertMatch(error.message, /^Cannot run MatMul on \(float32 \[2, 3\], float32 \[2, 3\]\): .*2,3/s);
  assertThrows(() => op("NoSuchOp", [tf.scalar(1)]), EngineError, "NoSuchOp");
  assertThrows(() => op("Relu", [tf.scalar(1)], { slope: 1 }), TypeError, `Cannot set attribute "slope" of Relu`);
});

Deno.test("a differentiable op of several outputs sends each output's gradient back", () => {
  const sumAndProduct = defineOp({
    name: "SumAndProduct",
    inputs: ["a", "b"],
    forward: ({ a, b }) => [tf.add(a, b), tf.mul(a, b)],
    gradient: ([sum, product], { inputs: { a, b } }) => ({
      a: () => tf.add(sum, tf.mul(product, b)),
      b: () => tf.add(sum, tf.mul(product, a)),
    }),
    saves: { inputs: ["a", "b"], outputs: [] },
  });
  // f = 2 (a + b) + 3 a b
  const [da, db] = tf.grads((a: tf.Tensor, b: tf.Tensor) => {
    const [sum, product] = sumAndProduct({ a, b });
    return tf.add(tf.mul(sum, 2), tf.mul(product, 3));
  })([tf.scalar(5), tf.scalar(7)]);
  assertEquals(da.dataSync()[0], 2 + 3 * 7);
  assertEquals(db.dataSync()[0], 2 + 3 * 5);
});

Deno.test("the libraries' pages are given back, and read again as they are needed", {
  ignore: Deno.build.os !== "linux",
}, () => {
  // Eagerly: a compiled function gives back at its first run.
  const value = () =>
    scope(() => tf.topk(tf.matMul(tf.tensor2d([[3, 4]]), tf.tensor2d([[3], [4]])), 1).values.dataSync()[0]);
  assertEquals(value(), 25);
  const before = Deno.memoryUsage().rss;
  giveBackMemory();
  const mebibytes = (before - Deno.memoryUsage().rss) / 2 ** 20;
  assert(mebibytes > 0.5, `expected more than 0.5 MiB given back, found ${mebibytes.toFixed(1)}`);
  assertEquals(value(), 25);
});
