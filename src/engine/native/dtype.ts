/** The name of a TensorFlow element type. */
export type DType =
  | "float32"
  | "float64"
  | "int32"
  | "uint8"
  | "int16"
  | "int8"
  | "string"
  | "complex64"
  | "int64"
  | "bool"
  | "bfloat16"
  | "uint16"
  | "float16"
  | "resource"
  | "variant"
  | "uint32"
  | "uint64";

/** TensorFlow's element types by name, and their numbers in the C API's `TF_DataType`. */
export const dtypes: Readonly<Record<DType, number>> = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
};

const names = new Map<number, DType>(Object.entries(dtypes).map(([name, number]) => [number, name as DType]));

const widths: Partial<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  uint8: 1,
  int16: 2,
  int8: 1,
  complex64: 8,
  int64: 8,
  bool: 1,
  bfloat16: 2,
  uint16: 2,
  float16: 2,
  uint32: 4,
  uint64: 8,
  string: 24, // a TF_TString
};

/** The name of a `TF_DataType`. */
export function dtypeName(number: number): DType {
  const name = names.get(number);
  if (name === undefined) throw new RangeError(`Cannot name TensorFlow dtype ${number}: it is not supported`);
  return name;
}

/** Bytes an element takes. */
export function dtypeWidth(dtype: DType): number {
  const width = widths[dtype];
  if (width === undefined) throw new TypeError(`Cannot size a tensor of dtype ${dtype}: its elements are opaque`);
  return width;
}
