import { assert, assertEquals, assertThrows } from "@std/assert";
import { dtypeOf, EngineError, fromBytes, jit, op, readBytes, type Tensor, tf, toFloat } from "../../src/engine/mod.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { key, normal, uniform } from "../../src/core/random.ts";
import { dispose, liveTensors, scope } from "../../src/core/scope.ts";
import { withBfloat16 } from "../support/bfloat16.ts";
import { assertClose } from "../support/close.ts";

Deno.test("jit gives what eager execution gives, gradients included", () => {
  const f = ({ x, w }: { x: Tensor; w: Tensor }) => {
    const { loss, aux, gradients } = valueAndGrad(({ w }: { w: Tensor }) => {
      const h = tf.relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
      return { loss: tf.mean(tf.square(h)), aux: { h } };
    }, { w });
    return { loss, h: aux.h, gradients };
  };
  const args = { x: normal(key(1), [5, 3]), w: normal(key(2), [3, 4]) };
  const eager = f(args);
  const compiled = jit(f)(args);
  assertClose(compiled.loss, eager.loss, "reduction");
  assertClose(compiled.h, eager.h, "reduction");
  assertClose(compiled.gradients.w, eager.gradients.w, "gradient");
});

Deno.test("jit traces once per structure, shapes and dtypes", () => {
  let traces = 0;
  const double = jit((x: { a: Tensor }) => {
    traces++;
    return { a: tf.add(x.a, x.a) };
  });
  assertEquals([...double({ a: tf.tensor1d([1, 2]) }).a.dataSync()], [2, 4]);
  assertEquals([...double({ a: tf.tensor1d([3, 4]) }).a.dataSync()], [6, 8]);
  assertEquals(traces, 1);
  assertEquals([...double({ a: tf.tensor1d([1, 2, 3]) }).a.dataSync()], [2, 4, 6]);
  assertEquals(traces, 2);
  assertEquals([...double({ a: tf.tensor1d([1, 2], "int32") }).a.dataSync()], [2, 4]);
  assertEquals(traces, 3);
  const bytes = fromBytes(new Uint8Array([1, 2]), [2]); // tfjs calls it int32; the signature must not
  assertEquals(dtypeOf(double({ a: bytes }).a), "uint8");
  assertEquals(traces, 4);
});

Deno.test("jit passes inputs, constants, repeated and unused values through", () => {
  const constant = tf.tensor1d([7, 8]);
  const f = jit((x: Tensor, unused: Tensor) => {
    tf.exp(unused);
    const sum = tf.add(x, 1);
    return { same: x, first: sum, second: sum, constant };
  });
  const result = f(tf.tensor1d([1, 2]), tf.scalar(5));
  assertEquals([...result.same.dataSync()], [1, 2]);
  assertEquals([...result.first.dataSync()], [2, 3]);
  assertEquals([...result.second.dataSync()], [2, 3]);
  assertEquals([...result.constant.dataSync()], [7, 8]);
});

Deno.test("a large tensor in the closure is captured as it was, and may be released afterwards", () => {
  const big = tf.fill([2000], 3);
  const f = jit((x: Tensor) => tf.add(tf.sum(big), x));
  assertEquals(f(tf.scalar(1)).dataSync()[0], 6001);
  big.dispose();
  assertEquals(f(tf.scalar(2)).dataSync()[0], 6002);
});

Deno.test("jit handles ops with list inputs, several outputs and outputs of unknown rank", () => {
  const f = jit((x: Tensor) => {
    const [first, second] = tf.split(x, 2, 1);
    const joined = op("ConcatV2", [[second, first], tf.scalar(1, "int32")])[0];
    const [sum] = op("AddN", [[x, x, x]]);
    const ones = tf.ones([2]);
    const empty = tf.tensor1d([]);
    const image = tf.reshape(x, [2, 1, 1, 2]);
    const normalised = op("FusedBatchNormV3", [image, ones, tf.zeros([2]), empty, empty], { epsilon: 1e-3 })[0];
    return { joined, sum, stacked: tf.stack([x, x]), normalised };
  });
  const result = f(tf.tensor2d([[1, 2], [3, 4]]));
  assertEquals([...result.joined.dataSync()], [2, 1, 4, 3]);
  assertEquals([...result.sum.dataSync()], [3, 6, 9, 12]);
  assertEquals([...result.stacked.dataSync()], [1, 2, 3, 4, 1, 2, 3, 4]);
  const unit = 1 / Math.sqrt(1 + 1e-3);
  assertClose(tf.reshape(result.normalised, [4]), [-unit, -unit, unit, unit], "elementwise");
});

Deno.test("a compiled function inside another trace is inlined", () => {
  const inner = jit((x: Tensor) => tf.square(x));
  const outer = jit((x: Tensor) => tf.add(inner(x), 1));
  assertEquals(outer(tf.scalar(3)).dataSync()[0], 10);
});

Deno.test("reading a value while tracing is refused", () => {
  const f = jit(function reader(x: Tensor) {
    x.dataSync();
    return x;
  });
  assertThrows(() => f(tf.scalar(1)), TypeError, `Cannot read a tensor's value while tracing "reader"`);
  assertThrows(() => jit((x: Tensor) => (readBytes(x), x))(tf.scalar(1)), TypeError, "while tracing");
});

Deno.test("a traced tensor that escapes is refused, at the trace or where it is used", () => {
  let escaped: Tensor | undefined;
  const f = jit(function leaky(x: Tensor) {
    escaped = tf.keep(tf.add(x, 1));
    return x;
  });
  assertThrows(() => f(tf.scalar(1)), TypeError, `Cannot compile "leaky": 1 of its tensors were kept`);
  assertThrows(() => tf.add(escaped!, 1), TypeError, "Cannot use a traced tensor");
  escaped!.dispose();
});

Deno.test("arguments and results that are not trees of tensors are refused by path", () => {
  assertThrows(
    () => jit((x) => x)({ a: { b: 3 } } as unknown as Tensor),
    TypeError,
    `at "a", at "b": expected tensors in nested records, found a number`,
  );
  assertThrows(
    () => jit(((x: Tensor) => ({ list: [x] })) as unknown as (x: Tensor) => Tensor)(tf.scalar(1)),
    TypeError,
    `at "list": expected tensors in nested records, found an array`,
  );
});

Deno.test("a tensor that was released is refused by path, one that an earlier call took over included", () => {
  const f = jit(function next({ a }: { a: Tensor }) {
    return { a: tf.add(a, 1) };
  }, { donated: [0] });
  const state = { a: tf.tensor1d([1]) };
  f(state);
  const message = `Cannot use argument 0 of "next", at "a": expected a live tensor, found a released one`;
  assertThrows(() => f(state), TypeError, message);
});

Deno.test("a failing trace frees what it has captured", () => {
  const megabytes = 8;
  const resident = () => Deno.memoryUsage().rss / 2 ** 20;
  const fail = () => {
    const captured = tf.fill([megabytes * 2 ** 18], 1);
    const bad = jit((x: Tensor) => op("MatMul", [tf.add(x, captured), x])[0]);
    assertThrows(() => bad(tf.scalar(1)), EngineError);
    captured.dispose();
  };
  fail();
  const before = resident();
  for (let time = 0; time < 40; time++) fail();
  assert(resident() - before < 10 * megabytes, `${resident() - before} MiB more than before`);
});

Deno.test("a failing trace leaves the engine usable and nothing alive", () => {
  const before = liveTensors();
  const bad = jit((x: Tensor) => op("MatMul", [x, x])[0]);
  const x = tf.ones([2, 3]);
  assertThrows(() => bad(x), Error, "MatMul on ([2,3], [2,3])");
  assertEquals([...tf.add(x, 1).dataSync()], [2, 2, 2, 2, 2, 2]);
  assertEquals(liveTensors() - before, 2);
});

Deno.test("a call makes exactly its results, and tracing leaves the caller's tensors alone", () => {
  const x = { a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) };
  const f = jit(({ a, b }: { a: Tensor; b: Tensor }) => ({ sum: tf.add(a, tf.mul(b, 2)), product: tf.mul(a, b) }));
  const before = liveTensors();
  const handles = tf.memory().numDataBuffers;
  for (let call = 1; call <= 3; call++) {
    const result = f(x);
    assertEquals(liveTensors() - before, 2);
    assertEquals(tf.memory().numDataBuffers - handles, 2);
    dispose(result);
  }
  assertEquals([...x.a.dataSync(), ...x.b.dataSync()], [1, 2, 3, 4]);
});

Deno.test("results of a compiled function belong to the caller's scope", () => {
  const f = jit((x: Tensor) => tf.square(x));
  const x = tf.scalar(3);
  const before = liveTensors();
  const y = scope(() => tf.add(f(x), 1));
  assertEquals(y.dataSync()[0], 10);
  assertEquals(liveTensors() - before, 1);
});

Deno.test("bfloat16 changes the last digits only", () => {
  const f = (x: Tensor, w: Tensor) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
  const x = uniform(key(3), [64, 64]);
  const w = uniform(key(4), [64, 64]);
  const exact = f(x, w).dataSync();
  const rounded = withBfloat16("always", () => jit(f, { precision: "bfloat16" })(x, w).dataSync());
  const worst = Math.max(...exact.map((value, index) => Math.abs(value - rounded[index]) / Math.abs(value)));
  assert(worst < 2 ** -6, `relative error ${worst}`);
});

Deno.test("XLA compiles the same function", () => {
  const f = (x: Tensor) => tf.softmax(tf.mul(toFloat(x), 2) as tf.Tensor2D);
  const x = tf.tensor2d([[1, 2, 3], [0, 0, 1]]);
  assertClose(jit(f, { xla: true })(x), f(x), "elementwise");
});
