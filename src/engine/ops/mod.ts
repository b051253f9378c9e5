/**
 * Ops that tfjs lacks, or for which it has no gradient or no fast kernel.
 *
 * @module
 */
export { addSame } from "./add.ts";
export { biasAdd, matrixProduct } from "./affine.ts";
export { scaledDotProductAttention } from "./attention.ts";
export { barrier } from "./barrier.ts";
export { batchNormInference, batchNormTraining, type Normalized } from "./batch_norm.ts";
export type { Border } from "./border.ts";
export { conv2d } from "./conv.ts";
export { crossEntropy } from "./cross_entropy.ts";
export { decodeFile, decodeFiles, type Encoding, encodingNumber, STL10_SIDE } from "./decode.ts";
export { diagonal, withDiagonal } from "./diagonal.ts";
export { fileBytes, type Reading, READING_NUMBERS, readingNumbers } from "./file_bytes.ts";
export { gatherInRows, gatherRows } from "./gather.ts";
export { geluExact } from "./gelu.ts";
export { batchMatMul, encodePng, selectRows } from "./image.ts";
export { normalizeRows } from "./layer_norm.ts";
export { patches } from "./patches.ts";
export { invertPermutation } from "./permutation.ts";
export { globalMean, maxPool2d } from "./pool.ts";
export { statelessBits, statelessGamma, statelessIntegers, statelessNormal, statelessUniform } from "./random.ts";
export { runRecomputed } from "./recompute.ts";
export { rectify } from "./relu.ts";
export { type Grid, resampled, shrunkJpeg, squares, turned } from "./resample.ts";
export { scatterRows } from "./scatter.ts";
export { countAtMost } from "./search.ts";
export { select } from "./select.ts";
export { halfSquaredNorm } from "./squared_norm.ts";
