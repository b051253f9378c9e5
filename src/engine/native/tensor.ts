/**
 * What TensorFlow knows about a tensor and tfjs does not tell: its bytes and its element type.
 *
 * @module
 */
import { backend, type Tensor, tf } from "./backend.ts";
import type { DType } from "./dtype.ts";
import { createTensor } from "./eager.ts";
import { bytesOf, dtypeOfTensor } from "./execute.ts";
import { op } from "./op.ts";

/** A uint8 tensor that holds a copy of `bytes`. tfjs calls its dtype "int32"; {@linkcode dtypeOf} knows better. */
export function fromBytes(bytes: Uint8Array, shape: readonly number[]): Tensor {
  const id = createTensor(shape, "uint8", bytes);
  return backend().createOutputTensor({ id, shape: [...shape], dtype: 4 });
}

/** A float32 tensor of the same values. A tensor that is already float32 is copied by reference. */
export function toFloat(x: Tensor): Tensor {
  return dtypeOf(x) === "float32" ? tf.clone(x) : op("Cast", [x], { DstT: "float32" })[0];
}

/**
 * A copy of a tensor's bytes, little-endian, row by row.
 *
 * @throws {TypeError} while tracing: the tensor has no value yet.
 */
export function readBytes(x: Tensor): Uint8Array {
  return bytesOf(idOf(x));
}

/** The tensor's element type according to TensorFlow. */
export function dtypeOf(x: Tensor): DType {
  return dtypeOfTensor(idOf(x));
}

/** The id by which the engine knows a tensor. */
export function idOf(x: Tensor): number {
  return backend().getInputTensorIds([x])[0];
}
