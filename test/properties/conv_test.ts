import fc from "fast-check";
import { type Block, conv as wantedConv, convGradients } from "../../reference/conv.ts";
import { key, split, uniform } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { jit, type Tensor, tf } from "../../src/engine/mod.ts";
import { conv } from "../../src/nn/conv.ts";
import { seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { passes } from "../support/gradients.ts";

/** Windows that fit on their images. Gradients of filters take another way from 64 channels on. */
const cases = fc.record({
  images: sizes(1, 3),
  height: sizes(1, 9),
  width: sizes(1, 9),
  inputs: fc.constantFrom(1, 3, 8, 64, 65),
  outputs: sizes(1, 3),
  size: sizes(1, 4),
  stride: sizes(1, 3),
  padding: sizes(0, 2),
  seed: seeds,
}).filter(({ height, width, size, padding }) => Math.min(height, width) + 2 * padding >= size);

/** Whole numbers of at most 2, whose products and sums are exact in float32. */
function wholeNumbers(from: ReturnType<typeof key>, shape: readonly number[]): Tensor {
  return tf.floor(uniform(from, shape, -2, 3));
}

function blockOf(x: Tensor): Block {
  return { shape: x.shape, values: x.dataSync() };
}

function asTensor({ shape, values }: Block): Tensor {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

for (const how of ["eager", "compiled"] as const) {
  Deno.test(`a convolution and its gradients are the reference's, ${how}`, () => {
    fc.assert(
      fc.property(cases, ({ images, height, width, inputs, outputs, size, stride, padding, seed }) =>
        scope(() => {
          const [forX, forW, forDy] = split(key(seed), 3);
          const layer = conv({ channels: outputs, size, stride, padding });
          const x = wholeNumbers(forX, [images, height, width, inputs]);
          const weight = wholeNumbers(forW, [size, size, inputs, outputs]);
          const wanted = wantedConv(blockOf(x), blockOf(weight), { stride, padding });
          const dy = wholeNumbers(forDy, wanted.shape);
          const run = (x: Tensor, weight: Tensor, dy: Tensor) => {
            const { output, dx, dParams } = passes(layer, { params: { weight }, buffers: {} }, x, dy);
            return { output, dx, dw: dParams.weight as Tensor };
          };
          const found = (how === "eager" ? run : jit(run))(x, weight, dy);
          const { dx, dw } = convGradients(blockOf(x), blockOf(weight), blockOf(dy), { stride, padding });
          assertClose(found.output, asTensor(wanted), "exact", "value");
          assertClose(found.dx, asTensor(dx), "exact", "gradient of the images");
          assertClose(found.dw, asTensor(dw), "exact", "gradient of the filters");
        })),
      { numRuns: how === "eager" ? 200 : 60 },
    );
  });
}
