import { defineOp, op, type Tensor, tf } from "../native/mod.ts";

const patchesOp = defineOp({
  name: "SpaceToDepth",
  inputs: ["x"],
  forward: ({ x }, { size }) => op("SpaceToDepth", [x], { block_size: size, data_format: "NHWC" }),
  gradient: ([gradient], _, { size }) => ({
    x: () => op("DepthToSpace", [gradient], { block_size: size, data_format: "NHWC" })[0],
  }),
  saves: { inputs: [], outputs: [] },
});

/**
 * Square patches of images, each as a vector of its pixels, row by row.
 *
 * @param x float32 [N, height, width, C].
 * @param size Height and width of a patch, pixels; divides both sides of an image.
 * @returns float32 [N, height / size, width / size, size^2 C]. Differentiable.
 */
export function patches(x: Tensor, size: number): Tensor {
  // The op refuses patches of one pixel.
  return size === 1 ? tf.clone(x) : patchesOp({ x }, { size })[0];
}
