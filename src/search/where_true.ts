import { op, type Tensor } from "../engine/mod.ts";

/**
 * The places of what is true in a matrix, row by row: [row, column, row, column, ...].
 *
 * @param matrix bool [N, M].
 */
export function whereTrue(matrix: Tensor): Int32Array {
  return op("Cast", op("Where", [matrix]), { DstT: "int32" })[0].dataSync<"int32">(); // Where gives int64
}

/**
 * The places of what is true in a matrix, as {@linkcode whereTrue} gives them, and the values of another one there.
 *
 * @param matrix bool [N, M].
 * @param values float32 [N, M].
 */
export function valuesWhere(
  matrix: Tensor,
  values: Tensor,
): { readonly places: Int32Array; readonly values: Float32Array } {
  const [places] = op("Cast", op("Where", [matrix]), { DstT: "int32" });
  return { places: places.dataSync<"int32">(), values: op("GatherNd", [values, places])[0].dataSync<"float32">() };
}
