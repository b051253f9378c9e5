/**
 * Builds what a configuration stands for.
 *
 * @module
 */
import { plainView } from "../augment/recipe.ts";
import { oneView, twoViews } from "../augment/two_views.ts";
import type { Variant } from "../core/declare.ts";
import type { Devices, Part } from "../core/devices.ts";
import { scope } from "../core/scope.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { backboneIn, featuresOf } from "../methods/encode.ts";
import type { BuildMethod } from "../methods/parts.ts";
import { methods } from "../methods/table.ts";
import type { Method, MethodState } from "../methods/types.ts";
import { linear } from "../nn/dense.ts";
import type { Backbone, Focus, Shape } from "../nn/types.ts";
import type { Crops } from "../augment/types.ts";
import type { ViewsOf } from "../train/train_step.ts";
import { buildBackbone } from "./build_encoder.ts";
import { buildOptimizer, lengthOf } from "./build_optimizer.ts";
import { loadBuilders } from "./load_builders.ts";
import type { Config, MethodConfig } from "./types.ts";

const builders = await loadBuilders<BuildMethod<MethodConfig>>(methods);

/**
 * The pretraining method of a configuration.
 *
 * @param config The configuration.
 * @param imageShape The shape of a view: [height, width, channels].
 * @param stepsPerEpoch Steps in an epoch, which learning rate and momentum follow.
 * @param images The number of training images: a memory bank has a row for each. Other methods ignore it.
 * @param devices The devices that train together, by the number of batch-norm groups. Default: virtual ones.
 * @throws {RangeError} if the method is a memory bank and `images` is absent.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildMethod, defaultConfig, dispose, entries, key } from "@momentum-contrast/moco";
 *
 * const method = buildMethod(defaultConfig, [28, 28, 1], 468);
 * const state = method.init(key(0));
 * const queue = entries(state).find(([path]) => path === "queue.keys")?.[1];
 * assertEquals(queue?.shape, [4096, 128]);
 * dispose(state);
 * ```
 */
export function buildMethod(
  config: Config,
  imageShape: Shape,
  stepsPerEpoch: number,
  images?: number,
  devices?: (groups: number) => Devices,
): Method<MethodState> {
  return builders[config.method.name](config.method, {
    backbone: buildBackbone(config.encoder),
    input: imageShape,
    optimizer: buildOptimizer(config, stepsPerEpoch),
    length: lengthOf(config, stepsPerEpoch),
    ...images === undefined ? {} : { images },
    ...devices === undefined ? {} : { devices },
  });
}

/**
 * The shape of the views that a configuration trains on: [height, width, channels].
 *
 * @param config The configuration.
 * @param channels The channels of the images.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultConfig, viewShape } from "@momentum-contrast/moco";
 *
 * assertEquals(viewShape(defaultConfig, 1), [28, 28, 1]);
 * ```
 */
export function viewShape({ augment: { size } }: Config, channels: number): Shape {
  return [size, size, channels];
}

/**
 * How a configuration makes two views of each image of a part of a batch, or of two crops of it. A method that learns
 * from labels gets one view, which stands for both.
 *
 * @param config The configuration.
 * @param part The part of each batch that is given. Default: all of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildViews, defaultConfig, key, tf } from "@momentum-contrast/moco";
 *
 * const views = buildViews(defaultConfig)(key(0), tf.zeros([2, 32, 32, 1]));
 * assertEquals([views.query.shape, views.key.shape], [[2, 28, 28, 1], [2, 28, 28, 1]]);
 * ```
 */
export function buildViews({ augment, method }: Config, part?: Part): ViewsOf<Tensor | Crops> {
  const views = learnsFromLabels(method) ? oneView : twoViews;
  return views({ ...augment, ...part === undefined ? {} : { part } });
}

/** The settings of the method that learns from labels. */
type SupervisedConfig = Extract<MethodConfig, { readonly labelShare: number }>;

/** Whether a method learns from labels. */
export function learnsFromLabels(method: MethodConfig): method is SupervisedConfig {
  const { learnsFromLabels = false }: Variant & { readonly learnsFromLabels?: boolean } = methods[method.name];
  return learnsFromLabels;
}

/**
 * How a configuration's trained encoder is used. It maps a state and images uint8 [N, height, width, C] to the
 * backbone's features float32 [N, F], without augmentation and with the running statistics.
 *
 * Images may be larger than the views, the last map may be averaged over a grid, and the mean may be taken with the
 * mirror image. None of these affects what is learned.
 *
 * @param config The configuration.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildFeatures, buildMethod, defaultConfig, dispose, fromBytes, key } from "@momentum-contrast/moco";
 *
 * const state = buildMethod(defaultConfig, [28, 28, 1], 468).init(key(0));
 * const images = fromBytes(new Uint8Array(2 * 28 * 28), [2, 28, 28, 1]);
 * assertEquals(buildFeatures(defaultConfig)(state, images).shape, [2, 128]);
 * dispose(state);
 * ```
 */
export function buildFeatures({ augment, encoder }: Config): (state: MethodState, images: Tensor) => Tensor {
  return evaluated(augment, featuresOf(evaluationBackbone(encoder)));
}

/** Where a configuration's trained encoder looks. */
export type EncoderFocus = {
  readonly kind: Focus["kind"];
  /** From a state and images uint8 [N, height, width, C] to M maps of each, float32 [N, M, rows, columns]. */
  readonly maps: (state: MethodState, images: Tensor) => Tensor;
};

/**
 * Where a configuration's trained encoder looks when it computes the features of {@linkcode buildFeatures}; undefined
 * where its encoder does not say.
 *
 * @param config The configuration.
 */
export function buildFocus({ augment, encoder }: Config): EncoderFocus | undefined {
  const plain = evaluationView(augment);
  const { focus } = evaluationBackbone(encoder);
  return focus && {
    kind: focus.kind,
    maps: (state, images) => scope(() => focus.maps(backboneIn(state), plain(images))),
  };
}

function evaluationBackbone(encoder: Config["encoder"]): Backbone {
  return buildBackbone(encoder, "evaluationGrid" in encoder ? encoder.evaluationGrid : 1);
}

/**
 * How the classifier of a configuration that learns from labels is used. It maps a state and images uint8
 * [N, height, width, C] to logits float32 [N, classes], without augmentation and with the running statistics.
 *
 * @param config The configuration.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildClassifier, buildMethod, dispose, fromBytes, key, parseConfig } from "@momentum-contrast/moco";
 *
 * const parsed = parseConfig({ method: { name: "supervised", classes: 10 } });
 * if (parsed._tag === "Left") throw new Error("not a configuration");
 * const state = buildMethod(parsed.right, [28, 28, 1], 468).init(key(0));
 * const images = fromBytes(new Uint8Array(2 * 28 * 28), [2, 28, 28, 1]);
 * assertEquals(buildClassifier(parsed.right)(state, images).shape, [2, 10]);
 * dispose(state);
 * ```
 */
export function buildClassifier({ augment, encoder }: Config): (state: MethodState, images: Tensor) => Tensor {
  const features = featuresOf(buildBackbone(encoder));
  return evaluated(augment, (state, images) => {
    const { weight, bias } = state.query.params.classifier as { readonly weight: Tensor; readonly bias: Tensor };
    return linear(features(state, images), weight, bias);
  });
}

type Output = (state: MethodState, images: Tensor) => Tensor;

/** What an encoder makes of images uint8, given what it makes of prepared ones. */
function evaluated(augment: Config["augment"], output: Output): Output {
  const plain = evaluationView(augment);
  return (state, images) => {
    const prepared = plain(images); // [N, height, width, C]
    const own = output(state, prepared);
    return augment.evaluationMirrored ? tf.div(tf.add(own, output(state, tf.reverse(prepared, 2))), 2) : own;
  };
}

function evaluationView({ evaluationSize, evaluationCrop, ...augment }: Config["augment"]) {
  return plainView({
    ...augment,
    size: evaluationSize ?? augment.size,
    ...evaluationCrop === undefined ? {} : { crop: evaluationCrop },
  });
}
