import { tf } from "../engine/mod.ts";
import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { normal } from "../core/random.ts";
import { batchNorm } from "./batch_norm.ts";
import { dense } from "./dense.ts";
import { relu } from "./relu.ts";
import { numbered, sequential } from "./sequential.ts";
import type { Layer } from "./types.ts";

/**
 * MoCo v1's head: one linear layer.
 *
 * Source: arXiv:1911.05722, section 3.3.
 *
 * @param dimension The number of features that are contrasted; 128 in the paper.
 * @returns Features [N, in] to [N, dimension].
 * @throws {RangeError} if the dimension is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, key, linearHead } from "@momentum-contrast/moco";
 *
 * const { network } = linearHead(4).init(key(0), [6]);
 * const shapes = entries(network.params).map(([path, { shape }]) => `${path} [${shape}]`);
 * assertEquals(shapes, ["weight [6,4]", "bias [4]"]);
 * ```
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
 * @throws {RangeError} if the dimension is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, key, mlpHead } from "@momentum-contrast/moco";
 *
 * const { network } = mlpHead(4).init(key(0), [6]);
 * const shapes = entries(network.params).map(([path, { shape }]) => `${path} [${shape}]`);
 * assertEquals(shapes, ["0.weight [6,6]", "0.bias [6]", "2.weight [6,4]", "2.bias [4]"]);
 * ```
 */
export function mlpHead(dimension: number): Layer {
  const last = dense({ features: dimension });
  const mlp = (hidden: number) => sequential({ 0: dense({ features: hidden }), 1: relu(), 2: last });
  return {
    init: (key, input) => mlp(input[0]).init(key, input),
    apply: (network, x, mode) => mlp(x.shape[1]!).apply(network, x, mode),
  };
}

/**
 * A linear classifier that starts near zero, so that all classes are about equally likely at first: weights from N(0,
 * 0.01²), zero biases.
 *
 * Source: arXiv:1911.05722, section 4.1 with the authors' code.
 *
 * @param classes The number of classes.
 * @returns Features [N, in] to logits [N, classes].
 * @throws {RangeError} if the classes are not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, linearClassifier, tf } from "@momentum-contrast/moco";
 *
 * const classifier = linearClassifier(10);
 * const { network } = classifier.init(key(0), [6]);
 * assertEquals(classifier.apply(network, tf.ones([2, 6]), { training: true }).output.shape, [2, 10]);
 * ```
 */
export function linearClassifier(classes: number): Layer {
  const { init, apply } = dense({ features: classes });
  return {
    init: (key, input) => {
      const { output } = init(key, input);
      const params = { weight: normal(key, [input[0], classes], 0, 0.01), bias: tf.zeros([classes]) };
      return { network: { params, buffers: {} }, output };
    },
    apply,
  };
}

/** The sizes of a head of MoCo v3. */
export type BatchNormHeadOptions = {
  /** The number of linear layers: 2 for ResNet and for the predictor, 3 for ViT's projector. */
  readonly layers: number;
  /** The number of features between the layers. Default 4096. */
  readonly hidden?: number;
  /** The number of features that are contrasted. Default 256. */
  readonly dimension?: number;
  /** Whether it ends with batch norm without scale and shift. ResNet's predictor has none. Default true. */
  readonly lastNorm?: boolean;
};

/**
 * MoCo v3's projector or predictor: linear layers without bias, with batch norm and ReLU between them.
 *
 * | | projector | predictor |
 * | --- | --- | --- |
 * | ResNet | `{ layers: 2 }` | `{ layers: 2, lastNorm: false }` |
 * | ViT | `{ layers: 3 }` | `{ layers: 2 }` |
 *
 * Values have the names of an `nn.Sequential`: `0.weight`, `1.weight`, `1.bias`, `3.weight`.
 *
 * Source: arXiv:2104.02057, section 5.
 *
 * @param options The number of layers, their sizes, and whether they end with batch norm.
 * @returns Features [N, in] to [N, dimension].
 * @throws {RangeError} if a number is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchNormHead, entries, key } from "@momentum-contrast/moco";
 *
 * const { network } = batchNormHead({ layers: 2, hidden: 8, dimension: 4 }).init(key(0), [6]);
 * const shapes = entries(network.params).map(([path, { shape }]) => `${path} [${shape}]`);
 * assertEquals(shapes, ["0.weight [6,8]", "1.weight [8]", "1.bias [8]", "3.weight [8,4]"]);
 * ```
 */
export function batchNormHead(options: BatchNormHeadOptions): Layer {
  const { layers, hidden = 4096, dimension = 256, lastNorm = true } = options;
  checkNumbers("make a head", {
    layers: [layers, wholeFromOne],
    hidden: [hidden, wholeFromOne],
    dimension: [dimension, wholeFromOne],
  });
  const between = Array.from(
    { length: layers - 1 },
    () => [dense({ features: hidden, bias: false }), batchNorm(), relu()],
  );
  const last = [dense({ features: dimension, bias: false }), ...(lastNorm ? [batchNorm({ affine: false })] : [])];
  return sequential(numbered([...between.flat(), ...last]));
}
