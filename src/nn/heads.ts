import { dense } from "./dense.ts";
import { relu } from "./relu.ts";
import { sequential } from "./sequential.ts";
import type { Layer } from "./types.ts";

/**
 * MoCo v1's head: one linear layer.
 *
 * Source: arXiv:1911.05722, section 3.3.
 *
 * @param dimension The number of features that are contrasted; 128 in the paper.
 * @returns Features [N, in] to [N, dimension].
 */
export function linearHead(dimension: number): Layer {
  return dense({ features: dimension });
}

/**
 * MoCo v2's head: two linear layers with ReLU between them, the hidden one as wide as the input.
 *
 * Source: arXiv:2003.04297, section 3.
 *
 * @param dimension The number of features that are contrasted; 128 in the paper.
 * @returns Features [N, in] to [N, dimension].
 */
export function mlpHead(dimension: number): Layer {
  const mlp = (hidden: number) =>
    sequential({ 0: dense({ features: hidden }), 1: relu(), 2: dense({ features: dimension }) });
  return {
    init: (key, input) => mlp(input[0]).init(key, input),
    apply: (network, x, mode) => mlp(x.shape[1]!).apply(network, x, mode),
  };
}
