/**
 * How many threads an op of a function takes: estimated from the function's work, and without effect on its values.
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { dispose, jit, key, normal, scope, type Tensor, tf, valueAndGrad } from "../../mod.ts";
import { currentTrace } from "../../src/engine/compile/graph.ts";
import { withControlDependencies } from "../../src/engine/compile/mod.ts";
import { threadsFor, waitsForLastGradient } from "../../src/engine/compile/policy.ts";
import { workOf } from "../../src/engine/compile/work.ts";
import { hasGpu, idOf, op } from "../../src/engine/native/mod.ts";
import { geluExact } from "../../src/engine/ops/gelu.ts";
import { withBfloat16 } from "../support/bfloat16.ts";
import { assertClose } from "../support/close.ts";

const microsecond = 1000; // nanoseconds
const millisecond = 1000 * microsecond;

function withCores<T>(cores: number, f: () => T): T {
  const before = Deno.env.get("TF_NUM_INTRAOP_THREADS");
  Deno.env.set("TF_NUM_INTRAOP_THREADS", `${cores}`);
  try {
    return f();
  } finally {
    if (before === undefined) Deno.env.delete("TF_NUM_INTRAOP_THREADS");
    else Deno.env.set("TF_NUM_INTRAOP_THREADS", before);
  }
}

Deno.test("the work of an op is its products, 80 in a nanosecond, and its results, two in one", () => {
  const conv = 4 * 8 * 8 * 32; // numbers of a result [4, 8, 8, 32]
  const filter = 3 * 3 * 16; // products for each
  const products = conv * filter / 80;
  assertEquals(workOf("Conv2D", [[4, 8, 8, 16], [3, 3, 16, 32]], [[4, 8, 8, 32]], {}), products + conv / 2);
  const toImages = workOf("Conv2DBackpropInput", [[4], [3, 3, 16, 32], [4, 8, 8, 32]], [[4, 8, 8, 16]], {});
  assertEquals(toImages, products + 4 * 8 * 8 * 16 / 2);
  const toFilter = workOf("Conv2DBackpropFilter", [[4, 8, 8, 16], [4], [4, 8, 8, 32]], [[3, 3, 16, 32]], {});
  assertEquals(toFilter, products + 3 * 3 * 16 * 32 / 2);
  assertEquals(workOf("MatMul", [[5, 7], [7, 3]], [[5, 3]], { transpose_a: false }), 5 * 7 * 3 / 80 + 5 * 3 / 2);
  assertEquals(workOf("MatMul", [[7, 5], [7, 3]], [[5, 3]], { transpose_a: true }), 5 * 7 * 3 / 80 + 5 * 3 / 2);
  assertEquals(
    workOf("BatchMatMulV2", [[2, 7, 5], [2, 7, 3]], [[2, 5, 3]], { adj_x: true }),
    2 * (5 * 7 * 3 / 80 + 7.5),
  );
  assertEquals(workOf("Relu", [[10, 10]], [[10, 10]], {}), 50);
  assertEquals(workOf("Unique", [[10]], [[-1], [10]], {}), 4.5);
});

Deno.test("ops of a function with little work take one thread each, where spreading them would cost more", () => {
  const threads = (cores: number, work: number) =>
    withCores(cores, () => threadsFor({ work: 100 * work, size: 100, longestPath: 100 * work }));
  const one = hasGpu() ? "all" : "one";
  assertEquals(threads(2, 79 * microsecond), one);
  assertEquals(threads(2, 81 * microsecond), "all");
  assertEquals(threads(16, 17 * microsecond), one);
  assertEquals(threads(16, 19 * microsecond), "all");
  assertEquals(threads(1, 1 * microsecond), "all"); // there is nothing to choose
});

Deno.test("in bfloat16, larger ops take one thread each if others always run beside them", () => {
  const threads = (cores: number, longestPath: number, precision: "float32" | "bfloat16") => {
    let found: string | undefined;
    const f = jit((x: Tensor) => {
      found = withCores(cores, () => threadsFor({ work: 10 * millisecond, size: 10, longestPath }));
      return tf.neg(x);
    }, { precision });
    scope(() => dispose(withBfloat16("always", () => f(tf.ones([2])))));
    return found;
  };
  assertEquals(threads(2, 5 * millisecond, "bfloat16"), hasGpu() ? "all" : "one");
  assertEquals(threads(2, 5.1 * millisecond, "bfloat16"), "all");
  assertEquals(threads(2, 5 * millisecond, "float32"), "all");
  assertEquals(threads(4, 2.5 * millisecond, "bfloat16"), hasGpu() ? "all" : "one");
  assertEquals(threads(4, 2.6 * millisecond, "bfloat16"), "all");
});

Deno.test("the longest path through a function goes along inputs and control dependencies", () => {
  const product = 8 * 8 * 8 / 80 + 8 * 8 / 2; // of two [8, 8]
  const after = (build: (x: Tensor) => Tensor) => {
    let found: number | undefined;
    const f = jit((x: Tensor) => {
      const y = build(x);
      found = currentTrace()!.longestPath;
      return y;
    });
    scope(() => dispose(f(tf.ones([8, 8]))));
    return found;
  };
  const squared = (x: Tensor) => op("MatMul", [x, x])[0];
  const sum = 8 * 8 / 2;
  assertAlmostEquals(after((x) => squared(squared(x)))!, 2 * product);
  assertAlmostEquals(after((x) => op("AddV2", [squared(squared(x)), squared(x)])[0])!, 2 * product + sum);
  const second = (x: Tensor) => op("MatMul", [withControlDependencies([x], [squared(x)])[0], x])[0];
  assertAlmostEquals(after(second)!, 2 * product + sum); // the control dependency is an op that writes x
  assert(after((x) => geluExact(geluExact(x)))! >= 2 * sum, "kernels are left out");
});

Deno.test({
  name: "updates wait for the last gradient but one, so that they run beside the last, where ops take one thread",
  ignore: hasGpu(), // every op takes all of it
  fn: () =>
    scope(() => {
      const x = tf.ones([64, 8]);
      const [first, second, third] = [1, 2, 3].map((seed) => normal(key(seed), [8, 8]));
      const params: Record<string, Tensor> = { first, second, third };
      const loss = ({ first, second, third }: typeof params) =>
        tf.mean(tf.matMul(tf.matMul(tf.matMul(x, first), second), third));
      const found = (cores: number) =>
        withCores(cores, () => {
          let ready: Record<string, number> = {};
          const f = jit((params: Record<string, Tensor>) => {
            const { gradients } = valueAndGrad((params) => ({ loss: loss(params), aux: {} }), params);
            const readyOf = (x: Tensor) => currentTrace()!.symbols.get(idOf(x))!.ready;
            ready = Object.fromEntries(Object.entries(gradients).map(([name, x]) => [name, readyOf(x)]));
            return gradients;
          });
          return { gradients: f(params), ready };
        });
      const [one, all] = [found(2), found(1)]; // a single core has nothing that could run beside
      assert(all.ready.third < all.ready.second && all.ready.second < all.ready.first);
      assert(one.ready.third > one.ready.second, "the third does not wait for the second");
      assert(one.ready.third < one.ready.first, "it waits for the last");
      assert(one.ready.second < one.ready.first);
      assertEquals([one.ready.first, one.ready.second], [all.ready.first, all.ready.second]);
      const eager = valueAndGrad((params) => ({ loss: loss(params), aux: {} }), params).gradients;
      assertClose(one.gradients, eager, "elementwise");
    }),
});

Deno.test("the gradient of a gradient passes through gradients that wait", () =>
  scope(() => {
    const x = tf.ones([64, 8]);
    const [first, second, third] = [1, 2, 3].map((seed) => normal(key(seed), [8, 8]));
    type Params = Record<"first" | "second" | "third", Tensor>;
    const penalty = (params: Params) =>
      valueAndGrad((params: Params) => {
        const { gradients } = valueAndGrad(({ first, second, third }: Params) => ({
          loss: tf.mean(tf.square(tf.matMul(tf.matMul(tf.matMul(x, first), second), third))),
          aux: {},
        }), params);
        return { loss: tf.addN(Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)))), aux: {} };
      }, params).gradients;
    const params = { first, second, third };
    assertClose(withCores(2, () => jit(penalty)(params)), penalty(params), { relative: 1e-5, absolute: 1e-4 });
  }));

Deno.test("updates wait only for a last gradient that takes a two-hundredth of a core's work", () => {
  const waits = (alone: number, work: number, cores = 2) => {
    const trace = { work: 100 * work, size: 100, longestPath: 100 * work };
    return withCores(cores, () => waitsForLastGradient(trace, alone));
  };
  const small = 70 * microsecond;
  const least = 100 * small / 2 / 200;
  assertEquals(waits(least, small), !hasGpu());
  assertEquals(waits(0.99 * least, small), false);
  assertEquals(waits(millisecond, millisecond), false); // all threads work on each op
  assertEquals(waits(least, small, 1), false);
});

Deno.test("functions with little and with much work take each other's tensors, also donated ones", () => {
  const n = 512;
  const small = jit((x: Tensor) => geluExact(x), { donated: [0] }); // XLA compiles a part of it
  const large = jit((x: Tensor) => op("MatMul", [x, x])[0], { donated: [0] });
  let x: Tensor = tf.fill([n, n], 1 / n); // its square is itself
  for (let i = 0; i < 3; i++) x = large(x);
  assertAlmostEquals(x.mean().dataSync()[0], 1 / n, 1e-6);
  const g = (v: number) => 0.5 * v * (1 + erf(v / Math.SQRT2));
  x = small(x);
  assertAlmostEquals(x.mean().dataSync()[0], g(1 / n), 1e-7);
  x = large(x);
  assertAlmostEquals(x.mean().dataSync()[0], n * g(1 / n) ** 2, 1e-7);
  assertAlmostEquals(tf.add(x, 1).mean().dataSync()[0], 1 + n * g(1 / n) ** 2, 1e-5); // an eager op takes it too
  x.dispose();
});

/** erf near 0: 2 / sqrt(pi) (v - v^3 / 3). */
function erf(v: number): number {
  return 2 / Math.sqrt(Math.PI) * (v - v ** 3 / 3);
}
