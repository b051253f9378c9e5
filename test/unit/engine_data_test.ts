import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { scope } from "../../src/core/scope.ts";
import { choose } from "../../src/engine/compile/mod.ts";
import {
  batched,
  elementFunction,
  type Elements,
  iterator,
  mapped,
  prefetched,
  queue,
  queued,
  type Spec,
} from "../../src/engine/data/mod.ts";
import { EngineError, jit, op, readBytes, type Tensor, tf } from "../../src/engine/mod.ts";

/** The values of the first component of every element that is left. */
function all(elements: Elements): number[][] {
  const reader = iterator(elements);
  const found: number[][] = [];
  for (let element = reader.next(); element !== undefined; element = reader.next()) {
    found.push([...element[0].dataSync()]);
    element.forEach((component) => component.dispose());
  }
  reader.close();
  return found;
}

/** The rows of a tensor as a data set. */
function rows(row: Spec, tensor: Tensor): Elements {
  const source = queue([row]);
  source.enqueue([tensor]);
  source.end();
  return queued(source);
}

const place = { dtype: "int32", shape: [] } as const;

const places = (count: number): Tensor => tf.tensor1d(Array.from({ length: count }, (_, place) => place), "int32");

Deno.test("a data set's elements come in their order, whatever the number of threads and the time each takes", () => {
  const slow = ([place]: Tensor[]) => {
    // The earlier an element, the longer it takes: products of matrices whose size falls with the place.
    const size = op("Mul", [op("Sub", [tf.scalar(40, "int32"), place])[0], tf.scalar(8, "int32")])[0];
    const matrix = op("Fill", [op("Pack", [[size, size]], { N: 2 })[0], tf.scalar(0)])[0];
    const zero = op("Cast", [op("Max", [op("MatMul", [matrix, matrix])[0], tf.tensor1d([0, 1], "int32")])[0]], {
      DstT: "int32",
    })[0];
    return [op("AddV2", [place, zero])[0]];
  };
  const expected = Array.from({ length: 40 }, (_, place) => [place]);
  for (const threads of [undefined, 1, 7]) {
    assertEquals(
      all(prefetched(mapped(rows(place, places(40)), elementFunction("slow", [place], slow), threads), 3)),
      expected,
    );
  }
});

Deno.test("batches are elements stacked, and the last one is what is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (count, size) => {
      const found = all(batched(rows(place, places(count)), size));
      assertEquals(found.flat(), Array.from({ length: count }, (_, place) => place));
      assertEquals(found.map((batch) => batch.length), [
        ...Array<number>(Math.floor(count / size)).fill(size),
        ...count % size === 0 ? [] : [count % size],
      ]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("what is put into a queue comes out in its order, strings too, and closing it ends the data set", () => {
  const source = queue([{ dtype: "string", shape: [] }, { dtype: "int32", shape: [2] }]);
  const negated = elementFunction("negated", source.components, ([name, pair]) => [name, op("Neg", [pair])[0]]);
  const reader = iterator(prefetched(mapped(queued(source), negated), 2));
  source.enqueue([tf.tensor1d(["a", "bc"]), tf.tensor2d([[1, 2], [3, 4]], [2, 2], "int32")]);
  source.enqueue([tf.tensor1d([""]), tf.tensor2d([[5, 6]], [1, 2], "int32")]);
  const taken = [1, 2, 3].map(() => reader.next()!.map((component) => [...component.dataSync()] as unknown[]));
  assertEquals(taken, [[["a"], [-1, -2]], [["bc"], [-3, -4]], [[""], [-5, -6]]]);
  source.end();
  assertEquals(reader.next(), undefined);
  reader.close();
  source.free();
});

Deno.test("an iterator that waits for a queue can be closed", () => {
  const source = queue([{ dtype: "int32", shape: [] }]);
  const same = elementFunction("same", source.components, ([x]) => [x]);
  const reader = iterator(prefetched(mapped(queued(source), same), 2));
  source.enqueue([places(1)]);
  assertEquals([...reader.next()![0].dataSync()], [0]); // now the data set waits for the second one
  source.end();
  reader.close();
  source.free();
});

Deno.test("an error costs the element that meets it, and the data set goes on", () => {
  const text = { dtype: "string", shape: [] } as const;
  const decode = elementFunction("decode", [text], ([text]) => op("DecodeRaw", [text], { out_type: "int32" }));
  const reader = iterator(mapped(rows(text, tf.tensor1d(["four", "five!", "also"])), decode));
  assertEquals(reader.next()![0].shape, [1]);
  assertThrows(() => reader.next(), EngineError, "Cannot run IteratorGetNext");
  assertEquals(reader.next()![0].shape, [1]);
  assertEquals(reader.next(), undefined);
  reader.close();
});

Deno.test("a function of elements may close over a large tensor, which it keeps", () => {
  const table = scope(() => tf.add(tf.range(0, 5000), 0.5));
  const row = elementFunction("row", [place], ([place]) => op("GatherV2", [table, place, tf.scalar(0, "int32")]));
  const halves = mapped(rows(place, places(3)), row);
  table.dispose();
  assertEquals(all(halves), [[0.5], [1.5], [2.5]]);
});

Deno.test("one of several functions runs, chosen by a number", () => {
  const next = ([x]: Tensor[]) => [tf.add(x, 1)];
  const fails = ([x]: Tensor[]) => op("CheckNumerics", [tf.log(tf.neg(x))], { message: "not a number" });
  const chosen = (which: number) =>
    scope(() => [
      ...choose(tf.scalar(which, "int32"), [next, fails, ([x]) => [tf.mul(x, 10)]], [tf.tensor1d([1, 2])], [
        { dtype: "float32", shape: [-1] },
      ])[0].dataSync(),
    ]);
  assertEquals(chosen(0), [2, 3]);
  assertEquals(chosen(2), [10, 20]);
  assertThrows(() => chosen(1), EngineError);
  // Inside a compiled function too.
  const compiled = jit((which: Tensor, x: Tensor) =>
    choose(which, [([x]) => [tf.neg(x)], ([x]) => [tf.square(x)]], [x], [{ dtype: "float32", shape: [2] }])[0]
  );
  assertEquals([...compiled(tf.scalar(1, "int32"), tf.tensor1d([3, 4])).dataSync()], [9, 16]);
});

Deno.test("a data set of many elements takes no more memory than those in flight", () => {
  const fill = elementFunction("fill", [place], ([x]) => op("Fill", [tf.tensor1d([1 << 20], "int32"), x])); // 4 MiB
  const reader = iterator(prefetched(mapped(rows(place, places(400)), fill, 2), 2));
  let most = 0;
  const before = Deno.memoryUsage().rss;
  for (let element = reader.next(); element !== undefined; element = reader.next()) {
    assert(readBytes(element[0]).length === 4 << 20);
    element[0].dispose();
    most = Math.max(most, Deno.memoryUsage().rss - before);
  }
  reader.close();
  assert(most < 200 * 2 ** 20, `expected less than 200 MiB more, found ${(most / 2 ** 20).toFixed()}`);
});
