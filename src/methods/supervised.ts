import { type Tensor, tf } from "../engine/mod.ts";
import { mixup } from "../augment/mixup.ts";
import { valueAndGrad } from "../core/autodiff.ts";
import { checkNumbers, shareBelowOne, wholeFromOne } from "../core/check_numbers.ts";
import { type Devices, virtualDevices } from "../core/devices.ts";
import { type Key, split } from "../core/random.ts";
import type { Tree } from "../core/tree.ts";
import { linearClassifier } from "../nn/heads.ts";
import { sequential } from "../nn/sequential.ts";
import type { Layer, Network, Shape } from "../nn/types.ts";
import { descend } from "../optim/descend.ts";
import { globalNorm } from "../optim/global_norm.ts";
import type { Optimizer } from "../optim/types.ts";
import { forward } from "./encode.ts";
import { createMethod } from "./method.ts";
import { smoothedTargets, softCrossEntropy } from "./soft_cross_entropy.ts";
import type { Method, Views } from "./types.ts";

/** The configuration of learning from labels. */
export type SupervisedConfig = {
  /** Images to features, float32 [N, F]. */
  readonly backbone: Layer;
  /** The number of classes, C. */
  readonly classes: number;
  /** The shape of an image: [height, width, channels]. */
  readonly input: Shape;
  /** How gradients become updates. */
  readonly optimizer: Optimizer;
  /** alpha of mixup. Default 0: none. */
  readonly mixup?: number;
  /** epsilon of label smoothing. Default 0. */
  readonly labelSmoothing?: number;
  /** The devices that train together. Each mixes its own images. Default: a single one. */
  readonly devices?: Devices;
};

/** The state of learning from labels. */
export type SupervisedState = {
  /** Steps taken, int32 scalar. */
  readonly step: Tensor;
  /** The encoder, `backbone`, and the linear layer after it, `classifier`. */
  readonly query: Network;
  /** The optimizer's own state. */
  readonly optimizer: Tree;
  /** The random key of the next step. */
  readonly random: Key;
};

/**
 * Learning from labels as a method: an encoder and a linear classifier, trained together. Fine-tuning begins with a
 * pretrained encoder, and the supervised baseline of the papers with random weights.
 *
 *     x, y = mixup(images, smoothed labels),    z = f(x)
 *     L = -1/N sum_n sum_c y_nc log softmax(z_n)_c
 *     theta <- optimizer(theta, dL/dtheta)
 *
 * Batch norm is in training mode.
 *
 * Source: arXiv:2002.05709, appendix B.5 (fine-tuning); arXiv:1911.05722, section 4.2 (the supervised baseline).
 * Reference: reference/supervised.ts
 *
 * @param config The encoder, the number of classes, the optimizer and the regularisation.
 * @throws {RangeError} if a number of the configuration is out of its range.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { createSupervised, dispose, key, relu, sgd, tf } from "@momentum-contrast/moco";
 *
 * const optimizer = sgd({ learningRate: 0.1 });
 * const method = createSupervised({ backbone: relu(), classes: 5, input: [3], optimizer });
 * const state = method.init(key(0));
 * const images = tf.zeros([2, 3]); // in which no class can be seen
 * const next = method.step(state, { query: images, key: images, labels: tf.tensor1d([4, 1], "int32") });
 * assertAlmostEquals(next.metrics.loss.dataSync()[0], Math.log(5), 1e-5);
 * dispose(state);
 * dispose(next);
 * ```
 */
export function createSupervised(config: SupervisedConfig): Method<SupervisedState> {
  const { classes, optimizer, labelSmoothing: epsilon = 0, devices = virtualDevices() } = config;
  checkNumbers("make a classifier", { classes: [classes, wholeFromOne], labelSmoothing: [epsilon, shareBelowOne] });
  const { mean } = devices;
  const network = sequential({ backbone: config.backbone, classifier: linearClassifier(classes) });
  const mix = mixup(config.mixup ?? 0);

  function init(from: Key): SupervisedState {
    const [networkKey, random] = split(from);
    const { network: query } = network.init(networkKey, config.input);
    return { step: tf.scalar(0, "int32"), query, optimizer: optimizer.init(query.params), random };
  }

  function step(state: SupervisedState, views: Views) {
    const [random, mixKey] = split(state.random);
    const f = state.query;
    const labels = labelsOf(views); // [N]
    const batch = { images: views.query, targets: smoothedTargets(labels, classes, epsilon) }; // [N, ...], [N, C]
    const { images: x, targets: y } = mix(mixKey, batch);

    const { loss, aux, gradients: own } = valueAndGrad((params) => {
      const { outputs: [z], buffers } = forward(network, { ...f, params }, [x], devices); // logits [N, C]
      return { loss: softCrossEntropy(z, y), aux: { z, buffers } };
    }, f.params);

    const gradients = mean(own);
    const next = descend(optimizer, state, f.params, gradients);
    return {
      state: {
        step: next.step,
        query: { params: next.params, buffers: aux.buffers },
        optimizer: next.optimizer,
        random,
      },
      metrics: mean({
        loss,
        chance: tf.scalar(Math.log(classes)),
        top1: tf.mean(tf.cast(tf.equal(tf.argMax(aux.z, 1), labels), "float32")),
        gradientNorm: globalNorm(gradients),
        parameterNorm: globalNorm(f.params),
      }),
    };
  }

  return createMethod(config.backbone, { init, step });
}

/** The class of each image. */
function labelsOf({ query, labels }: Views): Tensor {
  const [count] = query.shape;
  if (labels === undefined || `${labels.shape}` !== `${count}`) {
    const found = labels === undefined ? "none" : `[${labels.shape}]`;
    throw new TypeError(`Cannot learn from labels: expected views with labels [${count}], found ${found}`);
  }
  return labels;
}
