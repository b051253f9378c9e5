import { onOneLine, printable, printableLine } from "../../src/core/printable.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { jit, readBytes, type Tensor, tf } from "../../src/engine/mod.ts";
import { valueAndGrad, valueAndGradOfSum } from "../../src/core/autodiff.ts";
import { partOf } from "../../src/core/devices.ts";
import { foldIn, key, normal, permutation, split, uniform } from "../../src/core/random.ts";
import { dispose, keep, liveTensors, release, scope } from "../../src/core/scope.ts";
import { entries, leaves, map, type Tree, zip } from "../../src/core/tree.ts";

const tree = () => ({ a: tf.scalar(1), b: { c: tf.scalar(2), d: tf.scalar(3), none: {} } });
const values = (tree: Tree) => entries(tree).map(([path, leaf]) => [path, leaf.dataSync()[0]]);

Deno.test("a tree's entries are its leaves by dotted path, in order", () => {
  assertEquals(values(tree()), [["a", 1], ["b.c", 2], ["b.d", 3]]);
  assertEquals(leaves(tree()).length, 3);
  assertEquals(entries(tf.scalar(5)).map(([path]) => path), [""]);
});

Deno.test("map and zip keep the structure, empty records included", () => {
  const doubled = map((leaf) => tf.mul(leaf, 2), tree());
  assertEquals(values(doubled), [["a", 2], ["b.c", 4], ["b.d", 6]]);
  assertEquals(doubled.b.none, {});
  assertEquals(values(zip((_, x, y) => tf.sub(x, y), doubled, tree())), [["a", 1], ["b.c", 2], ["b.d", 3]]);
});

Deno.test("zip and entries name the path of what does not fit", () => {
  assertThrows(
    () => zip((_, x) => x, tree(), { a: tf.scalar(1), b: tf.scalar(2) }),
    TypeError,
    `Cannot zip trees at "b": expected a record of {c, d, none}, found a tensor of shape []`,
  );
  assertThrows(
    () => zip((_, x) => x, { a: { b: tf.scalar(1) } }, { a: { c: tf.scalar(2) } }),
    TypeError,
    `at "a": expected a record of {b}, found a record of {c}`,
  );
  assertThrows(
    () => entries({ a: { b: 3 } } as unknown as Tree),
    TypeError,
    `Cannot read tree at "a.b": expected a tensor or a record of trees, found a number`,
  );
});

Deno.test("the same key gives the same draw, another key another, compiled or not", () => {
  const draw = (k: Tensor) => ({ u: uniform(k, [50]), n: normal(k, [50]), p: permutation(k, 50), s: split(k)[1] });
  const once = draw(key(3));
  const again = draw(key(3));
  const compiled = jit(draw)(key(3));
  const other = draw(key(4));
  for (const name of ["u", "n", "p", "s"] as const) {
    assertEquals(readBytes(again[name]), readBytes(once[name]));
    assertEquals(readBytes(compiled[name]), readBytes(once[name]));
    assertNotEquals(readBytes(other[name]), readBytes(once[name]));
  }
});

Deno.test("keys that come from one key are all different", () => {
  const root = key(11);
  const seen = new Set([root, ...split(root, 100)].map((k) => `${k.dataSync()}`));
  for (let i = 0; i < 200; i++) seen.add(`${foldIn(root, i).dataSync()}`);
  assertEquals(seen.size, 301);
  assertEquals(foldIn(root, 5).dataSync(), foldIn(root, tf.scalar(5, "int32")).dataSync());
  assertNotEquals(key(1).dataSync(), key(2 ** 32 + 1).dataSync());
});

Deno.test("draws have the moments of their distribution", () => {
  const n = 20000;
  const moments = (x: Tensor) => {
    const { mean, variance } = tf.moments(x);
    return [mean.dataSync()[0], variance.dataSync()[0]];
  };
  const [uniformMean, uniformVariance] = moments(uniform(key(5), [n], -1, 3));
  assert(Math.abs(uniformMean - 1) < 0.05 && Math.abs(uniformVariance - 16 / 12) < 0.05);
  const [normalMean, normalVariance] = moments(normal(key(6), [n], 2, 0.5));
  assert(Math.abs(normalMean - 2) < 0.02 && Math.abs(normalVariance - 0.25) < 0.02);
  const draws = uniform(key(5), [n], -1, 3).dataSync();
  assert(draws.every((x) => x >= -1 && x < 3));
});

Deno.test("a permutation holds every index once and leaves few in place", () => {
  const order = permutation(key(7), 1000).dataSync();
  assertEquals([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert(order.filter((value, index) => value === index).length < 10);
});

Deno.test("a seed that is no whole number of at least 0 is refused", () => {
  assertThrows(() => key(-1), RangeError, "expected seed to be a whole number of at least 0, found -1");
  assertThrows(() => key(0.5), RangeError);
});

Deno.test("a counter that is no whole number of 32 bits is refused, because it would give another one's key", () => {
  for (const data of [0.5, NaN, 2 ** 31, -(2 ** 31) - 1]) {
    assertThrows(() => foldIn(key(0), data), RangeError, `found ${data}`);
  }
  const keys = [2 ** 31 - 1, -(2 ** 31), -1, 0].map((data) => `${foldIn(key(0), data).dataSync()}`);
  assertEquals(new Set(keys).size, 4);
});

Deno.test("a part is taken of a batch that is made of equal parts", () => {
  assertEquals([...partOf(tf.tensor1d([0, 1, 2, 3]), { index: 0, count: 2 }).dataSync()], [0, 2]);
  assertThrows(
    () => partOf(tf.tensor1d([0, 1, 2]), { index: 0, count: 2 }),
    TypeError,
    "Cannot take a part: expected a multiple of 2 rows, found 3",
  );
});

Deno.test("a scope does not take a promise, whose tensors it would free too early", () => {
  assertThrows(() => scope(() => Promise.resolve(1)), TypeError, "expected a result, found a promise of one");
});

Deno.test("trees with other names are refused, those that every object has included", () => {
  const tree = { toString: tf.scalar(1) };
  assertThrows(() => zip((_, a) => a, tree, { w: tf.scalar(1) }), TypeError, "expected a record of {toString}");
});

Deno.test("scope frees what its result does not hold; release frees what the next state does not hold", () => {
  const before = liveTensors();
  const state = scope(() => ({ a: tf.add(1, 2), b: tf.square(tf.scalar(3)) }));
  assertEquals(liveTensors() - before, 2);
  const next = { a: state.a, b: tf.scalar(1) };
  release(state, next);
  assertEquals(state.a.isDisposed, false);
  assertEquals(state.b.isDisposed, true);
  dispose(next);
  assertEquals(liveTensors(), before);
  const kept = scope(() => {
    keep({ x: tf.scalar(1) });
    return tf.scalar(2);
  });
  assertEquals(liveTensors() - before, 2);
  assertEquals(kept.dataSync()[0], 2);
});

Deno.test("valueAndGrad: loss, auxiliary results and gradients; nothing else stays alive", () => {
  const params = { w: tf.tensor1d([1, 2]), unused: tf.tensor1d([9]) };
  const constant = tf.tensor1d([3, 4]);
  const before = liveTensors();
  const { loss, aux, gradients } = scope(() =>
    valueAndGrad(({ w }) => {
      const product = tf.mul(tf.square(w), constant);
      return { loss: tf.sum(product), aux: { product } };
    }, params)
  );
  assertEquals(loss.dataSync()[0], 3 + 16);
  assertEquals([...aux.product.dataSync()], [3, 16]);
  assertEquals([...gradients.w.dataSync()], [6, 16]);
  assertEquals([...gradients.unused.dataSync()], [0]);
  assertEquals(liveTensors() - before, 4);
  assertThrows(
    () => valueAndGrad(({ w }) => ({ loss: w, aux: {} }), params),
    TypeError,
    "expected a scalar loss, found shape [2]",
  );
});

Deno.test("valueAndGradOfSum: as valueAndGrad of the sum, with what each term carries over to the next", () => {
  const params = { w: tf.tensor1d([1, 2]), unused: tf.tensor1d([9]) };
  const start = { sum: tf.scalar(0) as Tensor };
  const before = liveTensors();
  const { loss, aux, carried, gradients } = scope(() =>
    valueAndGradOfSum(
      ({ w }, factor: number, { sum }) => {
        const product = tf.mul(tf.square(w), factor);
        return { loss: tf.sum(product), aux: { product }, carried: { sum: tf.add(tf.mul(sum, 10), factor) } };
      },
      params,
      [1, 2, 3],
      start,
    )
  );
  assertEquals(loss.dataSync()[0], 30);
  assertEquals(aux.map(({ product }) => [...product.dataSync()]), [[1, 4], [2, 8], [3, 12]]);
  assertEquals(carried.sum.dataSync()[0], 123);
  assertEquals([...gradients.w.dataSync()], [12, 24]);
  assertEquals([...gradients.unused.dataSync()], [0]);
  assertEquals(liveTensors() - before, 1 + 3 + 1 + 2);
  aux.forEach(dispose);
  dispose({ loss, carried, gradients });
  valueAndGradOfSum(
    ({ w }, factor: number, same) => ({ loss: tf.sum(tf.mul(w, factor)), aux: {}, carried: same }),
    params,
    [1, 2, 3],
    start,
  );
  assertEquals(liveTensors() - before, 1 + 1 + 2); // loss, carried and gradients, without a scope around it
  assertThrows(
    () => valueAndGradOfSum(({ w }) => ({ loss: tf.sum(w), aux: {}, carried: {} }), params, [], {}),
    TypeError,
    "expected a sum of at least one term, found none",
  );
});

Deno.test("a sum borrows what its terms return, and one that fails leaves nothing alive", () => {
  const params = { w: tf.scalar(2) };
  const { gradients } = valueAndGradOfSum(({ w }) => ({ loss: w, aux: {}, carried: {} }), params, [0, 1], {});
  assertEquals(params.w.dataSync()[0], 2);
  assertEquals(gradients.w.dataSync()[0], 2);
  const before = liveTensors();
  const failing = ({ w }: typeof params, term: number, carried: Tree) => {
    if (term === 1) throw new Error("no second term");
    return { loss: tf.square(w), aux: { w }, carried };
  };
  assertThrows(() => valueAndGradOfSum(failing, params, [0, 1], { w: params.w }), Error, "no second term");
  assertEquals(liveTensors(), before);
});

Deno.test("a gradient that fails leaves nothing alive", () => {
  const params = { w: tf.tensor1d([1, 2]) };
  const before = liveTensors();
  const failing = tf.customGrad((x) => ({
    value: tf.square(x as Tensor),
    gradFunc: () => {
      throw new Error("no gradient");
    },
  }));
  assertThrows(
    () => scope(() => valueAndGrad(({ w }) => ({ loss: tf.sum(failing(w)), aux: { w } }), params)),
    Error,
    "no gradient",
  );
  assertEquals(liveTensors(), before);
});

Deno.test("no control character of a text reaches the terminal, and JSON stays the same JSON", () => {
  const texts = [
    "cat\x1b[2J",
    "\x9b31m",
    "a\rb",
    "\u202egnp.exe",
    "\0\x7f\u061c\u200e\u200f",
    "line\n\tnext",
    "Ünïcödé 猫",
  ];
  const shown = texts.map(printable);
  assertEquals(shown.slice(0, 2), ["cat\\u001b[2J", "\\u009b31m"]);
  assertEquals(shown[4], "\\u0000\\u007f\\u061c\\u200e\\u200f");
  assertEquals(shown.slice(5), texts.slice(5));
  for (const text of texts) assertEquals(JSON.parse(printable(JSON.stringify(text))), text);
  assertEquals(printableLine("line\n\tnext"), "line\\u000a\\u0009next");
  const error = { _tag: "A", path: "a\nb", faults: [{ found: "c\td", count: 3, none: undefined }] };
  const shownError = { _tag: "A", path: "a\\u000ab", faults: [{ found: "c\\u0009d", count: 3, none: undefined }] };
  assertEquals(onOneLine(error), shownError);
});
