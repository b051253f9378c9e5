import type { StoredTensor } from "../../files/safetensors.ts";

/** Whether a tensor holds floating-point numbers. */
export function isFloating({ dtype }: StoredTensor): boolean {
  return ["F16", "BF16", "F32", "F64"].includes(dtype);
}

/**
 * A tensor of floating point as float32. Every float16 and bfloat16 is a float32; a float64 becomes the nearest one.
 *
 * @throws {TypeError} if the dtype is none of F16, BF16, F32 and F64.
 */
export function widened(tensor: StoredTensor): StoredTensor {
  const { name, dtype } = tensor;
  if (dtype === "F32") return tensor;
  const { buffer } = tensor.data.slice();
  switch (dtype) {
    case "F16":
      return float32(tensor, Float32Array.from(new Float16Array(buffer)));
    case "F64":
      return float32(tensor, Float32Array.from(new Float64Array(buffer)));
    case "BF16": // the upper half of a float32
      return float32(tensor, new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer));
    default:
      throw new TypeError(`Cannot widen "${name}": expected F16, BF16, F32 or F64, found ${dtype}`);
  }
}

function float32(tensor: StoredTensor, values: Float32Array<ArrayBuffer>): StoredTensor {
  return { ...tensor, dtype: "F32", data: new Uint8Array(values.buffer) };
}
