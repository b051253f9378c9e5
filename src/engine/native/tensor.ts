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

/**
 * A uint8 tensor that holds a copy of `bytes`. tfjs calls its dtype "int32"; {@linkcode dtypeOf} knows better.
 *
 * @param bytes The values, row by row.
 * @param shape The shape of the result, which has as many elements as there are bytes.
 * @throws {RangeError} if it has not, or a size is not a whole number of at least 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dtypeOf, fromBytes } from "@momentum-contrast/moco";
 *
 * const image = fromBytes(Uint8Array.of(0, 127, 255), [1, 3]);
 * assertEquals(dtypeOf(image), "uint8");
 * assertEquals([...image.dataSync()], [0, 127, 255]);
 * ```
 */
export function fromBytes(bytes: Uint8Array, shape: readonly number[]): Tensor {
  const id = createTensor(shape, "uint8", bytes);
  return backend().createOutputTensor({ id, shape: [...shape], dtype: 4 });
}

/**
 * A float32 tensor of the same values. A tensor that is already float32 is copied by reference.
 *
 * @param x A tensor of any numeric dtype.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromBytes, toFloat } from "@momentum-contrast/moco";
 *
 * const x = toFloat(fromBytes(Uint8Array.of(0, 255), [2]));
 * assertEquals([...x.dataSync()], [0, 255]);
 * assertEquals(x.dtype, "float32");
 * ```
 */
export function toFloat(x: Tensor): Tensor {
  return dtypeOf(x) === "float32" ? tf.clone(x) : op("Cast", [x], { DstT: "float32" })[0];
}

/**
 * A copy of a tensor's bytes, little-endian, row by row.
 *
 * @param x The tensor.
 * @throws {TypeError} while tracing: the tensor has no value yet.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readBytes, tf } from "@momentum-contrast/moco";
 *
 * assertEquals([...readBytes(tf.scalar(258, "int32"))], [2, 1, 0, 0]);
 * ```
 */
export function readBytes(x: Tensor): Uint8Array {
  return bytesOf(idOf(x));
}

/**
 * The tensor's element type according to TensorFlow.
 *
 * @param x The tensor.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dtypeOf, tf } from "@momentum-contrast/moco";
 *
 * assertEquals(dtypeOf(tf.scalar(1)), "float32");
 * ```
 */
export function dtypeOf(x: Tensor): DType {
  return dtypeOfTensor(idOf(x));
}

/** The id by which the engine knows a tensor. */
export function idOf(x: Tensor): number {
  return backend().getInputTensorIds([x])[0];
}
