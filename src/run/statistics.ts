import type { StoredTensor } from "../files/safetensors.ts";

/** What a tensor's finite values are like. */
export type Statistics = {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** The standard deviation. */
  readonly deviation: number;
  /** How many values are not finite. */
  readonly notFinite: number;
};

/** Statistics of the dtypes that this library writes; undefined for others. */
export function statistics(tensor: StoredTensor): Statistics | undefined {
  const values = numbers(tensor);
  if (values === undefined) return undefined;
  let [count, sum, minimum, maximum] = [0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { minimum, maximum, mean, deviation: Math.sqrt(squares / count), notFinite: values.length - count };
}

function numbers({ dtype, data }: StoredTensor): Float32Array | Float64Array | Int32Array | Uint8Array | undefined {
  const copy = data.slice().buffer; // aligned
  switch (dtype) {
    case "F32":
      return new Float32Array(copy);
    case "F64":
      return new Float64Array(copy);
    case "I32":
      return new Int32Array(copy);
    case "U8":
    case "BOOL":
      return new Uint8Array(copy);
    default:
      return undefined;
  }
}
