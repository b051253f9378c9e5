/**
 * Momentum Contrast in TypeScript: pretrain image encoders without labels, on a current TensorFlow, from Deno.
 *
 * Training is one pure function: `step(state, views) -> { state, metrics }`. It runs eagerly, or compiled by
 * {@linkcode jit} into one TensorFlow function.
 *
 * @module
 */

// The engine: tfjs's ops on TensorFlow, compiled functions
export {
  type Attributes,
  type DType,
  EngineError,
  type EngineInfo,
  engineInfo,
  jit,
  type JitOptions,
  type Tensor,
  tf,
} from "./src/engine/mod.ts";

// Core: trees of tensors, random keys, gradients, ownership
export { entries, isLeaf, leaves, map, type Tree, zip } from "./src/core/tree.ts";
export { foldIn, type Key, key, normal, permutation, split, uniform } from "./src/core/random.ts";
export { valueAndGrad } from "./src/core/autodiff.ts";
export { dispose, keep, liveTensors, release, scope } from "./src/core/scope.ts";

// The algorithm: Momentum Contrast v1 and v2
export { createMoco } from "./src/moco/moco.ts";
export { type MocoConfig, type MocoState } from "./src/moco/state.ts";
export { type Contrast, contrastAccuracy, infoNce } from "./src/moco/info_nce.ts";
export { ema } from "./src/moco/ema.ts";
export { enqueue, initQueue, type Queue } from "./src/moco/queue.ts";
export { byGroup, inOrder, shuffle, unshuffle } from "./src/moco/shuffle.ts";
export { l2Normalize } from "./src/moco/l2_normalize.ts";
export type { Method, Metrics, Views } from "./src/moco/types.ts";

// Networks: layers as { init, apply } pairs
export { batchNorm, type BatchNormOptions } from "./src/nn/batch_norm.ts";
export { conv, type ConvOptions } from "./src/nn/conv.ts";
export { dense, type DenseOptions } from "./src/nn/dense.ts";
export { globalAveragePool, maxPool } from "./src/nn/pool.ts";
export { linearHead, mlpHead } from "./src/nn/heads.ts";
export { relu } from "./src/nn/relu.ts";
export { resnet18, resnet34, resnet50, type ResNetOptions } from "./src/nn/resnet.ts";
export { sequential } from "./src/nn/sequential.ts";
export type { Layer, Mode, Network, Params, Shape } from "./src/nn/types.ts";
