/**
 * The axes of a tensor here and in PyTorch: a convolution's weights are [height, width, in, out] here and [out, in,
 * height, width] there, a linear layer's [in, out] here and [out, in] there. A queue is [K, D] here and [D, K] there.
 * All other tensors have the same axes in both.
 *
 * @module
 */
import type { StoredTensor } from "../../files/safetensors.ts";

/** For each rank, which axis of ours each axis of PyTorch's is. */
const toTheirs: Readonly<Record<number, readonly number[]>> = { 2: [1, 0], 4: [3, 2, 0, 1] };

/** For each rank, which axis of PyTorch's each axis of ours is. */
const toOurs: Readonly<Record<number, readonly number[]>> = { 2: [1, 0], 4: [2, 3, 1, 0] };

/** The shape in PyTorch of a tensor of our shape. */
export function theirShape(shape: readonly number[]): readonly number[] {
  return toTheirs[shape.length]?.map((axis) => shape[axis]) ?? shape;
}

/** A float32 tensor with PyTorch's axes in place of ours. */
export function withTheirAxes(tensor: StoredTensor): StoredTensor {
  return transposed(tensor, toTheirs[tensor.shape.length]);
}

/** A float32 tensor with our axes in place of PyTorch's. */
export function withOurAxes(tensor: StoredTensor): StoredTensor {
  return transposed(tensor, toOurs[tensor.shape.length]);
}

function transposed(tensor: StoredTensor, order: readonly number[] | undefined): StoredTensor {
  if (order === undefined) return tensor;
  const shape = order.map((axis) => tensor.shape[axis]);
  const strides = tensor.shape.map((_, axis) => tensor.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [rows, steps] = [Array(4 - order.length).fill(1), Array(4 - order.length).fill(0)];
  const [a, b, c, d] = [...rows, ...shape];
  const [alongA, alongB, alongC, alongD] = [...steps, ...order.map((axis) => strides[axis])];
  const from = new Uint32Array(tensor.data.slice().buffer); // bits, so that each stays as it is
  const to = new Uint32Array(from.length);
  let place = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        const start = i * alongA + j * alongB + k * alongC;
        for (let l = 0; l < d; l++) to[place++] = from[start + l * alongD];
      }
    }
  }
  return { ...tensor, shape, data: new Uint8Array(to.buffer) };
}
