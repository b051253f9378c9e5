import { assert, assertEquals } from "@std/assert";
import { castsOf } from "../../src/engine/compile/mixed_precision.ts";
import { type Spec, traceFunction } from "../../src/engine/compile/trace_function.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { key, normal } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { hasGpu } from "../../src/engine/native/mod.ts";
import { conv2d } from "../../src/engine/ops/conv.ts";
import { addSame } from "../../src/engine/ops/add.ts";
import { rectify } from "../../src/engine/ops/relu.ts";
import { linear } from "../../src/nn/dense.ts";
import { withBfloat16 } from "../support/bfloat16.ts";
import { assertClose } from "../support/close.ts";

const full = (...shape: number[]): Spec => ({ dtype: "float32", shape });
const half = (...shape: number[]): Spec => ({ dtype: "bfloat16", shape });
const ints: Spec = { dtype: "int32", shape: [4] };

const [toFull, toHalf, asItIs] = ["float32", "bfloat16", undefined] as const;

type Case = readonly [about: string, op: string, inputs: Spec[], casts: (string | undefined)[]];

const ofLayers: readonly Case[] = [
  ["products compute in bfloat16", "MatMul", [full(2, 3), half(3, 4)], [toHalf, asItIs]],
  ["sizes stay integers", "Conv2DBackpropInput", [ints, full(1, 1, 3, 4), half(2, 8, 8, 4)], [asItIs, toHalf, asItIs]],
  ["activations keep their precision", "Relu", [half(2, 3)], [asItIs]],
  ["and that of float32", "AddV2", [full(2, 3), full(2, 3)], [asItIs, asItIs]],
  ["what is broadcast follows the other", "BiasAdd", [half(2, 3), full(3)], [asItIs, toHalf]],
  ["the same the other way", "Mul", [full(), half(2, 3)], [toHalf, asItIs]],
  ["of two that are as large, float32 stays", "AddV2", [half(2, 3), full(2, 3)], [toFull, asItIs]],
  ["sums over an axis are float32", "Sum", [half(2, 3), ints], [toFull, asItIs]],
  ["losses are float32", "SparseSoftmaxCrossEntropyWithLogits", [half(2, 3), ints], [toFull, asItIs]],
  ["a cast casts what it is given", "Cast", [half(2, 3)], [asItIs]],
  ["members send what they are given", "CollectiveReduceV2", [half(9), ints, ints, ints], Array(4).fill(asItIs)],
  ["batch norm has parameters in float32", "FusedBatchNormV3", [half(2, 1, 4, 16), half(16)], [asItIs, toFull]],
  ["and is float32 for odd channels", "FusedBatchNormV3", [half(2, 1, 4, 24), full(24)], [toFull, asItIs]],
  [
    "its gradient takes two activations",
    "FusedBatchNormGradV3",
    [full(2, 1, 4, 16), half(2, 1, 4, 16), full(16)],
    [toHalf, asItIs, asItIs],
  ],
  ["ReLU's gradient is that of its activations", "ReluGrad", [full(2, 3), half(2, 3)], [toHalf, asItIs]],
  ["max pooling's too", "MaxPoolGrad", [full(2, 3), full(2, 1), half(2, 1)], [asItIs, asItIs, toFull]],
];
const ofTfjs: readonly Case[] = [
  ["products compute in bfloat16", "BatchMatMulV2", [full(2, 3), half(3, 4)], [toHalf, asItIs]],
  ["what moves numbers keeps them", "Slice", [half(2, 3), ints, ints], [asItIs, asItIs, asItIs]],
  ["arithmetic is float32", "Mul", [half(2, 3), full()], [toFull, asItIs]],
  ["a sum of gradients keeps their precision", "AddV2", [half(2, 3), half(2, 3)], [asItIs, asItIs]],
  ["a smaller float32 is not rounded", "ConcatV2", [full(2, 1), half(2, 9), ints], [asItIs, toFull, asItIs]],
];

for (const [from, cases] of [["a layer", ofLayers], ["tfjs", ofTfjs]] as const) {
  for (const [about, op, inputs, casts] of cases) {
    Deno.test(`mixed precision of ${from}: ${about}`, () => {
      assertEquals(castsOf(op, inputs, from === "a layer"), casts);
    });
  }
}

Deno.test("what follows a product is float32", () => {
  scope(() => {
    const [p, q, k] = [[8, 16], [8, 16], [32, 16]].map((shape, index) => normal(key(index), shape));
    const f = jit((p: Tensor, q: Tensor, k: Tensor) => {
      const [first, second] = [p, q].map((x) => tf.matMul(x as tf.Tensor2D, k as tf.Tensor2D, false, true)); // [8, 32]
      const logits = tf.div(tf.concat([tf.fill([8, 1], 1.001), first], 1), 0.07);
      return { first, second, logits, sum: tf.add(first, second) };
    }, { precision: "bfloat16" });
    const { first, second, logits, sum } = withBfloat16("always", () => f(p, q, k));
    const wanted = tf.div(tf.concat([tf.fill([8, 1], 1.001), first as tf.Tensor2D], 1), 0.07);
    assertClose(logits, wanted, "elementwise", "logits");
    assertClose(sum, tf.add(first, second), "exact", "a sum of products");
  });
});

Deno.test("gradients of a layer's parameters are float32", () => {
  scope(() => {
    const [x, v, w] = [[32, 16], [16, 8], [16, 8]].map((shape, index) => normal(key(index), shape));
    const f = jit((x: Tensor, v: Tensor, w: Tensor) => {
      const { gradients } = valueAndGrad(({ v, w }: { v: Tensor; w: Tensor }) => {
        const [first, second] = [linear(x, v), linear(x, w)].map((y) => tf.sum(tf.square(y)));
        return { loss: tf.add(first, second), aux: {} };
      }, { v, w });
      return { ...gradients, sum: tf.add(gradients.v, gradients.w) };
    }, { precision: "bfloat16" });
    const gradients = withBfloat16("always", () => f(x, v, w));
    assertClose(gradients.sum, tf.add(gradients.v, gradients.w), "exact");
  });
});

Deno.test("results are float32, whatever the precision inside", () => {
  scope(() => {
    const x = normal(key(0), [32, 32]) as tf.Tensor2D;
    const f = jit((x: Tensor) => {
      const product = tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D);
      return { product, rectified: tf.relu(product) };
    }, { precision: "bfloat16" });
    const { product, rectified } = withBfloat16("always", () => f(x));
    assertEquals([product.dtype, rectified.dtype], ["float32", "float32"]);
    const values = product.dataSync();
    assertEquals(rectified.dataSync(), values.map((value) => Math.max(0, value)));
    // What bfloat16 holds has 16 bits.
    if (!hasGpu()) assert(new Uint32Array(values.slice().buffer).every((bits) => (bits & 0xffff) === 0));
  });
});

// Sixteen images. What is fused has at least 2^20 numbers in at least 64 channels, or 2^22 numbers.
const sums = [
  { side: 32, channels: 64, isFused: true },
  { side: 16, channels: 64, isFused: false },
  { side: 64, channels: 32, isFused: false },
  { side: 128, channels: 16, isFused: true },
];
for (const { side, channels, isFused } of sums) {
  Deno.test(`a rectified sum and its gradient in bfloat16 are near to float32: ${side} pixels, ${channels} channels`, () => {
    scope(() => {
      const x = normal(key(1), [16, side, side, 4]);
      const [v, w] = [normal(key(2), [1, 1, 4, channels]), normal(key(3), [1, 1, 4, channels])];
      const u = normal(key(4), [1, 1, channels, 4]);
      const border = { before: 0, after: [0, 0] } as const;
      const f = (x: Tensor, v: Tensor, w: Tensor, u: Tensor) =>
        valueAndGrad(({ v, w }: { v: Tensor; w: Tensor }) => {
          const sum = addSame(conv2d(x, v, 1, border), conv2d(x, w, 1, border));
          const y = rectify(sum);
          // The gradient of y is the sum of those of its two uses.
          const [first, second] = [conv2d(y, u, 1, border), conv2d(y, tf.mul(u, 0.5), 1, border)];
          return { loss: tf.mean(tf.add(tf.square(first), tf.square(second))), aux: { y } };
        }, { v, w });
      const inBfloat16 = withBfloat16("always", () => jit(f, { precision: "bfloat16" })(x, v, w, u));
      const inFloat32 = jit(f)(x, v, w, u);
      const kernelsIn = (precision: "float32" | "bfloat16") => {
        const compilation = { precision, mixed: precision === "bfloat16", xla: false };
        const specs = [x, v, w, u].map(({ shape }): Spec => ({ dtype: "float32", shape }));
        const traced = traceFunction("f", compilation, specs, ([x, v, w, u]) => [f(x, v, w, u).gradients.v]);
        return traced.kernels.size;
      };
      // One for the sum, and one for the gradient's.
      assertEquals([kernelsIn("bfloat16"), kernelsIn("float32")], [isFused && !hasGpu() ? 2 : 0, 0]);
      const [rounded, wanted] = [inBfloat16, inFloat32].map(({ aux, gradients }) => ({ ...aux, ...gradients }));
      for (const name of ["y", "v", "w"] as const) {
        const [difference, length] = [tf.sub(rounded[name], wanted[name]), wanted[name]].map((each) =>
          tf.norm(each).dataSync()[0]
        );
        assert(difference > 0 && difference < 0.01 * length, `${name}: relative error ${difference / length}`);
      }
    });
  });
}

Deno.test({
  name: "kernels are compiled before the first run, not beside its activations",
  // It is read from Linux's /proc, and on a GPU nothing is fused.
  ignore: Deno.build.os !== "linux" || Deno.env.get("MOCO_TEST_DEVICE") === "gpu",
  fn: async () => {
    const script = new URL("../support/kernel_memory.ts", import.meta.url).pathname;
    const { stdout } = await new Deno.Command("deno", { args: ["run", "--no-check", "-A", script] }).output();
    const [first, second] = JSON.parse(new TextDecoder().decode(stdout));
    assert(first < second + 80, `expected at most 80 MiB above ${second}, found ${first}`);
  },
});
