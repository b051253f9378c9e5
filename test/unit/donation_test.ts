import { assert, assertEquals, assertThrows } from "@std/assert";
import { backend, type Tensor, tf } from "../../src/engine/native/backend.ts";
import { clear, stage, staged, stagingArea } from "../../src/engine/compile/donation.ts";
import { withTensor } from "../../src/engine/native/eager.ts";
import { EngineError } from "../../src/engine/install/errors.ts";
import { jit } from "../../src/engine/compile/jit.ts";
import { threadsFor } from "../../src/engine/compile/policy.ts";
import { op } from "../../src/engine/native/op.ts";
import { hasGpu, runtime } from "../../src/engine/native/runtime.ts";
import { key, normal } from "../../src/core/random.ts";
import { dispose, liveTensors, scope } from "../../src/core/scope.ts";
import { entries, type Tree } from "../../src/core/tree.ts";
import { ema } from "../../src/methods/ema.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { descend, type Progress } from "../../src/optim/descend.ts";
import { lars } from "../../src/optim/lars.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Optimizer } from "../../src/optim/types.ts";

const vector = (...values: number[]) => tf.tensor1d(values);
const plus = (x: { a: Tensor; b: Tensor }, y: Tensor) => ({ a: tf.add(x.a, y), b: tf.mul(x.b, y) });

for (const xla of [false, true]) {
  Deno.test(`donated arguments are freed, others are borrowed, and results are the same (xla: ${xla})`, () => {
    const compiled = jit(plus, { donated: [0], xla });
    for (const factor of [2, 3]) { // traced, then again
      const before = liveTensors();
      const [x, y] = [{ a: vector(1, 2), b: vector(3, 4) }, vector(factor, factor)];
      const result = compiled(x, y);
      assert(x.a.isDisposed && x.b.isDisposed && !y.isDisposed);
      assertEquals([...result.a.dataSync()], [1 + factor, 2 + factor]);
      assertEquals([...result.b.dataSync()], [3 * factor, 4 * factor]);
      assertEquals([...y.dataSync()], [factor, factor]);
      dispose({ result, y });
      assertEquals(liveTensors(), before);
    }
  });
}

Deno.test("what shares a donated tensor's memory keeps its values", () => {
  scope(() => {
    const step = jit((x: { a: Tensor; b: Tensor }) => ({ a: tf.mul(x.a, 2), b: tf.neg(x.b) }), { donated: [0] });
    const a = normal(key(1), [100, 100]);
    const [same, view, values] = [tf.clone(a), tf.reshape(a, [10_000]), a.dataSync().slice()];
    const result = step({ a, b: tf.clone(a) }); // one tensor in two places
    assertEquals(same.dataSync(), values);
    assertEquals(view.dataSync(), values);
    assertEquals(result.a.dataSync(), values.map((value) => 2 * value));
    assertEquals(result.b.dataSync(), values.map((value) => -value));
  });
});

Deno.test("a call that fails frees what was donated, and leaves nothing for the next one", () => {
  const at = jit((x: Tensor, index: Tensor) => op("GatherV2", [x, index, tf.scalar(0, "int32")])[0], { donated: [0] });
  const [inside, outside] = [tf.tensor1d([1], "int32"), tf.tensor1d([7], "int32")];
  dispose(at(vector(1, 2, 3), inside)); // traced
  const before = liveTensors();
  const lost = vector(4, 5, 6);
  if (!hasGpu()) assertThrows(() => at(lost, outside), EngineError); // a GPU's gather gives zeros
  else dispose(at(lost, outside));
  assert(lost.isDisposed);
  assertEquals([...at(vector(7, 8, 9), inside).dataSync()], [8]);
  assertEquals(liveTensors(), before + 1);
});

Deno.test("a place that has no argument is refused", () => {
  const f = jit((x: Tensor) => tf.neg(x), { name: "f", donated: [0, 1] });
  const x = vector(1);
  assertThrows(() => f(x), RangeError, 'Cannot donate argument 1 of "f": expected a place below 1');
  assertEquals([...x.dataSync()], [1]);
  x.dispose();
});

Deno.test("what a function did not take is cleared away", { ignore: hasGpu() }, () => {
  scope(() => {
    const area = stagingArea([{ dtype: "float32", shape: [2] }], { precision: "float32", xla: false })!;
    const threads = threadsFor({ work: 0, size: 1, longestPath: 0 }); // where a function runs that does little
    const put = (x: Tensor) => stage(area, backend().getInputTensorIds([x]), threads);
    const take = jit(() => staged(area)[0]);
    put(vector(1, 2));
    clear(area, threads);
    put(vector(3, 4));
    assertEquals([...take().dataSync()], [3, 4]);
  });
});

Deno.test("nothing is taken over while another function is traced, or when tracing fails", () => {
  const inner = jit((x: Tensor) => tf.add(x, 1), { donated: [0] });
  const outer = jit((x: Tensor) => tf.mul(x, inner(x)));
  const x = vector(2, 3);
  assertEquals([...outer(x).dataSync()], [6, 12]);
  assert(!x.isDisposed);
  const failing = jit((x: Tensor) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), { donated: [0] });
  assertThrows(() => failing(x));
  assertEquals([...x.dataSync()], [2, 3]);
});

/** Where tensors lie, by path. */
function addresses(tree: Tree): Record<string, bigint> {
  const address = (leaf: Tensor) =>
    withTensor(
      backend().getInputTensorIds([leaf])[0],
      (tensor) => Deno.UnsafePointer.value(runtime().C.TF_TensorData(tensor)),
    );
  return Object.fromEntries(
    entries(tree).filter(([, leaf]) => leaf.rank > 0).map(([path, leaf]) => [path, address(leaf)]),
  );
}

Deno.test(
  "a sum is written over the donated operand, whatever stands first and was made first",
  { ignore: hasGpu() },
  () => {
    const sums: ((v: Tensor, g: Tensor) => Tensor)[] = [
      (v, g) => tf.add(g, tf.mul(v, 0.9)),
      (v, g) => tf.add(tf.mul(0.9, v), g),
      (v, g) => tf.add(tf.add(g, 1), tf.mul(0.9, v)),
    ];
    for (const sum of sums) {
      scope(() => {
        // The product lies in memory of its own, which is free after the sum.
        const step = jit((v: Tensor, x: tf.Tensor2D) => ({ v: sum(v, tf.matMul(x, x)) }), { donated: [0] });
        const x = normal(key(1), [40, 40]) as tf.Tensor2D;
        const first = step(normal(key(2), [40, 40]), x);
        const before = addresses(first);
        assertEquals(addresses(step(first.v, x)), before);
      });
    }
  },
);

const optimizers: Record<string, Optimizer> = {
  "SGD": sgd({ learningRate: 0.1 }),
  "SGD with weight decay": sgd({ learningRate: 0.1, weightDecay: 0.1 }),
  "AdamW": adamW({ learningRate: 0.1 }),
  "LARS": lars({ learningRate: 0.1 }),
};

for (const [name, optimizer] of Object.entries(optimizers)) {
  Deno.test(
    `the next state lies where the donated one did: ${name} and the momentum update`,
    { ignore: hasGpu() },
    () => {
      type Parameters = { readonly w: Tensor; readonly b: Tensor };
      type State = Progress & { readonly query: Parameters; readonly key: Parameters };
      const step = jit(({ query, key, ...progress }: State): State => {
        const moved = ema(key, query, 0.9);
        const w = tf.matMul(moved.w as tf.Tensor2D, query.w as tf.Tensor2D);
        const gradients = { w, b: tf.sum(tf.mul(w, moved.b), 0) };
        const { params, ...next } = descend(optimizer, progress, query, gradients);
        return { ...next, query: params, key: moved };
      }, { donated: [0] });
      const parameters = (seed: number) => ({ w: normal(key(seed), [40, 40]), b: normal(key(seed + 2), [40]) });
      const query = parameters(1);
      const fresh = { step: tf.scalar(0, "int32"), query, key: parameters(2) };
      const first = step({ ...fresh, optimizer: optimizer.init(query) });
      const before = addresses(first);
      const second = step(first);
      assertEquals(addresses(second), before);
      dispose(second);
    },
  );
}
