import type { Tensor } from "../backend.ts";
import { op } from "../op.ts";

/**
 * The diagonal of a square matrix, bit for bit. Not differentiable.
 *
 * @param x float32 [N, N].
 * @returns float32 [N].
 */
export function diagonal(x: Tensor): Tensor {
  return op("MatrixDiagPart", [x])[0];
}
