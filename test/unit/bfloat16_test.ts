import { assert, assertEquals } from "@std/assert";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { key, normal } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import { hasFastBfloat16, jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { hasGpu } from "../../src/engine/native/mod.ts";
import { batchNormTraining } from "../../src/engine/ops/batch_norm.ts";
import { conv2d } from "../../src/engine/ops/conv.ts";
import { rectify } from "../../src/engine/ops/relu.ts";
import { multipliesFasterInBfloat16 } from "../../src/engine/native/bfloat16.ts";
import { createMoco } from "../../src/methods/moco.ts";
import { mlpHead } from "../../src/nn/heads.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import { sgd } from "../../src/optim/sgd.ts";
import { withBfloat16 } from "../support/bfloat16.ts";

Deno.test("processors that multiply faster in bfloat16 are told by their maker and instructions", () => {
  const [zen3, zen4] = ["avx2 fma", "avx2 avx512f avx512_bf16"];
  const sapphireRapids = `${zen4} avx512_fp16`;
  assertEquals(multipliesFasterInBfloat16("AuthenticAMD", zen3), false);
  assertEquals(multipliesFasterInBfloat16("AuthenticAMD", zen4), true);
  assertEquals(multipliesFasterInBfloat16("GenuineIntel", zen4), true, "Cooper Lake");
  assertEquals(multipliesFasterInBfloat16("GenuineIntel", sapphireRapids), false, "AMX is hidden");
  assertEquals(multipliesFasterInBfloat16("GenuineIntel", `${sapphireRapids} amx_tile amx_bf16`), true);
  assertEquals(multipliesFasterInBfloat16("", ""), false);
});

const product = (a: Tensor, b: Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);

Deno.test("where bfloat16 is no faster, a function stays in float32", () => {
  scope(() => {
    const [a, b] = [normal(key(1), [32, 32]), normal(key(2), [32, 32])];
    const exact = jit(product)(a, b).dataSync();
    const inBfloat16 = (answer: "always" | "never") =>
      withBfloat16(answer, () => jit(product, { precision: "bfloat16" })(a, b).dataSync());
    assertEquals(inBfloat16("never"), exact);
    assert(inBfloat16("always").some((value, index) => value !== exact[index]));
  });
});

Deno.test({
  name: "a function of very small ops stays in float32, a larger one does not",
  ignore: hasGpu() || !hasFastBfloat16(),
  fn: () => {
    scope(() => {
      for (const [size, isSmall] of [[16, true], [512, false]] as const) {
        const [a, b] = [normal(key(1), [size, size]), normal(key(2), [size, size])];
        const exact = jit(product)(a, b).dataSync();
        const found = jit(product, { precision: "bfloat16" })(a, b).dataSync();
        assertEquals(found.every((value, index) => value === exact[index]), isSmall);
      }
    });
  },
});

Deno.test("a step in bfloat16 is near to the step in float32", () => {
  const method = createMoco({
    backbone: resnet18({ stem: "small", width: 0.25 }),
    head: mlpHead(32),
    input: [16, 16, 3],
    optimizer: sgd({ learningRate: 1, momentum: 0, weightDecay: 0 }), // parameters move by their gradients
    queueSize: 64,
    momentum: 0.99,
    temperature: 0.2,
  });
  scope(() => {
    const state = method.init(key(0));
    const views = { query: normal(key(1), [32, 16, 16, 3]), key: normal(key(2), [32, 16, 16, 3]) };
    const inBfloat16 = withBfloat16("always", () => jit(method.step, { precision: "bfloat16" })(state, views));
    const inFloat32 = jit(method.step)(state, views);
    const [loss, exact] = [inBfloat16, inFloat32].map(({ metrics }) => metrics.loss.dataSync()[0]);
    assert(Math.abs(loss - exact) < 0.01 * exact, `loss ${loss}, in float32 ${exact}`);
    const start = entries(state.query.params);
    const [rounded, wanted] = [inBfloat16, inFloat32].map(({ state }) => entries(state.query.params));
    for (const [place, [path, before]] of start.entries()) {
      const gradient = tf.sub(wanted[place][1], before);
      const error = relativeError(tf.sub(rounded[place][1], before), gradient);
      // Rounding adds up over 40 layers and back. Of noise as images, a third of the first layers' gradients is noise.
      assert(error < (path.startsWith("head") ? 0.1 : 0.6), `${path}: relative error ${error}`);
      // Noise stands nearly at right angles to a gradient, so that it hardly makes it shorter.
      const [length, wantedLength] = [tf.sub(rounded[place][1], before), gradient].map((each) =>
        tf.norm(each).dataSync()[0]
      );
      assert(length > 0.8 * wantedLength, `${path}: length ${length}, in float32 ${wantedLength}`);
    }
  });
});

for (const [size, stride, channels] of [[3, 1, 32], [3, 2, 32], [1, 1, 64], [1, 2, 64], [3, 1, 24]]) {
  Deno.test(`a convolution in bfloat16 has close values and gradients: ${size}, ${stride}, ${channels}`, () => {
    scope(() => {
      const x = normal(key(1), [16, 8, 8, channels]);
      const w = normal(key(2), [size, size, channels, channels]);
      const padding = (size - 1) / 2;
      const border = { before: padding, after: [padding, padding] } as const;
      const f = (x: Tensor, w: Tensor) =>
        valueAndGrad(({ x, w }: { x: Tensor; w: Tensor }) => {
          const y = conv2d(x, w, stride, border);
          return { loss: tf.sum(tf.square(y)), aux: { y } };
        }, { x, w });
      const inBfloat16 = withBfloat16("always", () => jit(f, { precision: "bfloat16" })(x, w));
      const inFloat32 = jit(f)(x, w);
      const [rounded, wanted] = [inBfloat16, inFloat32].map(({ aux, gradients }) => ({ ...aux, ...gradients }));
      for (const name of ["y", "x", "w"] as const) {
        const error = relativeError(rounded[name], wanted[name]);
        assert(error > 0 && error < 0.01, `${name}: relative error ${error}`);
      }
    });
  });
}

for (const channels of [16, 24]) {
  Deno.test(`batch norm between convolutions in bfloat16 has close values and gradients: ${channels}`, () => {
    scope(() => {
      const x = normal(key(1), [16, 8, 8, channels]);
      const w = normal(key(2), [3, 3, channels, channels]);
      const [ones, zeros] = [tf.ones([channels]), tf.zeros([channels])];
      const conv = (x: Tensor, w: Tensor) => conv2d(x, w, 1, { before: 1, after: [1, 1] });
      const f = (x: Tensor, w: Tensor) =>
        valueAndGrad(({ x, w }: { x: Tensor; w: Tensor }) => {
          const h = batchNormTraining(conv(x, w), ones, zeros, zeros, ones, { epsilon: 1e-5, momentum: 0.1 }).y;
          const y = conv(rectify(h), w);
          return { loss: tf.mean(tf.square(y)), aux: { y } };
        }, { x, w });
      const inBfloat16 = withBfloat16("always", () => jit(f, { precision: "bfloat16" })(x, w));
      const inFloat32 = jit(f)(x, w);
      const [rounded, wanted] = [inBfloat16, inFloat32].map(({ aux, gradients }) => ({ ...aux, ...gradients }));
      for (const [name, most] of [["y", 0.01], ["x", 0.05], ["w", 0.02]] as const) {
        const error = relativeError(rounded[name], wanted[name]);
        assert(error > 0 && error < most, `${name}: relative error ${error}`);
      }
    });
  });
}

function relativeError(actual: Tensor, expected: Tensor): number {
  return tf.div(tf.norm(tf.sub(actual, expected)), tf.norm(expected)).dataSync()[0];
}
