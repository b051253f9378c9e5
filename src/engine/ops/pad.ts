import { type Tensor, tf } from "../backend.ts";
import { defineOp, op } from "../op.ts";

const padOp = defineOp({
  name: "PadImages",
  inputs: ["x"],
  forward: ({ x }, { paddings, value }) => {
    const amounts = tf.tensor2d(paddings as number[], [4, 2], "int32");
    return value === 0 ? op("Pad", [x, amounts]) : op("PadV2", [x, amounts, tf.scalar(value as number)]);
  },
  gradient: ([gradient], _, { paddings, shape }) => ({
    x: () => {
      const before = (paddings as number[]).filter((_, index) => index % 2 === 0);
      return op("Slice", [gradient, tf.tensor1d(before, "int32"), tf.tensor1d(shape as number[], "int32")])[0];
    },
  }),
  saves: { inputs: [], outputs: [] },
});

/**
 * Images with a border.
 *
 * @param x float32 [N, height, width, C].
 * @param before Pixels above and to the left.
 * @param after Pixels below and to the right: [height, width].
 * @param value What the border holds.
 * @returns float32 [N, before + height + after, before + width + after, C]. Differentiable.
 */
export function padImages(x: Tensor, before: number, after: readonly [number, number], value = 0): Tensor {
  const paddings = [0, 0, before, after[0], before, after[1], 0, 0];
  return padOp({ x }, { paddings, value, shape: x.shape })[0];
}
