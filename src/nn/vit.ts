import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { globalMean } from "../engine/ops/mod.ts";
import { activation } from "./activation.ts";
import { attentionWeights } from "./attention.ts";
import { batchNorm } from "./batch_norm.ts";
import { conv } from "./conv.ts";
import { layerNorm } from "./layer_norm.ts";
import { lengthShares } from "./length_shares.ts";
import { patchProjection } from "./patch_projection.ts";
import { patchTokens } from "./patch_tokens.ts";
import { checkPositionChannels } from "./position_embedding.ts";
import { recomputed } from "./recomputed.ts";
import { relu } from "./relu.ts";
import { numbered, sequential } from "./sequential.ts";
import { transformerBlock } from "./transformer_block.ts";
import type { Backbone, Focus, Layer } from "./types.ts";

/** The options of a vision transformer. */
export type VitOptions = {
  /** The number of attention heads. Default: as in MoCo v3, 12, or 16 for ViT-L. */
  readonly heads?: number;
  /** Height and width of a patch, pixels. Default 16; ViT-tiny: 4. */
  readonly patch?: number;
  /**
   * How a patch becomes a token: by a linear projection that keeps its initial values ("frozen"), by a learned one
   * ("learned"), or by strided convolutions ("conv"), which replace one block. Default "frozen".
   */
  readonly stem?: "frozen" | "learned" | "conv";
  /** How a token knows its place. Default "sin-cos", which is fixed. */
  readonly position?: "sin-cos" | "learned" | "none";
  /**
   * What the features are: the normalised class token, or the mean of the patch tokens, without class token and without
   * the last layer norm. Default "class".
   */
  readonly pool?: "class" | "mean";
  /**
   * Whether the gradient computes the activations of each block again instead of keeping those of all blocks. This
   * gives the same values with less memory and more time. Default false.
   */
  readonly recompute?: boolean;
};

/** The size of a vision transformer, and its options. */
export type VitSize = VitOptions & {
  /** The channels D of a token. */
  readonly dimension: number;
  /** The number of blocks, one of which a convolutional stem replaces. */
  readonly depth: number;
  /** The number of attention heads. */
  readonly heads: number;
};

/**
 * A vision transformer without classifier: images [N, height, width, C] to features [N, D]. Values have timm's names.
 *
 * Linear layers start with Xavier-uniform weights and zero biases.
 *
 * Source: arXiv:2010.11929, section 3.1; arXiv:2104.02057, section 5 (positions, class token), 4.2 (frozen
 * projection), 6.2 (pooling); convolutional stem: arXiv:2106.14881, section 3.
 *
 * @param options Sizes and choices.
 * @throws {RangeError} if a number is not a whole number of at least 1, no block is left, the heads do not divide the
 *   channels, fixed positions do not fill them, or a convolutional stem cannot halve an image down to its patches.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, tf, vit } from "@momentum-contrast/moco";
 *
 * const encoder = vit({ dimension: 12, depth: 1, heads: 3, patch: 4 });
 * const { network, output } = encoder.init(key(0), [8, 12, 3]);
 * assertEquals(output, [12]);
 * assertEquals(Object.keys(network.params), ["cls_token", "blocks", "norm"]); // the patch projection is frozen
 * assertEquals(encoder.apply(network, tf.ones([2, 8, 12, 3]), { training: false }).output.shape, [2, 12]);
 * ```
 */
export function vit(options: VitSize): Backbone {
  const {
    dimension,
    depth,
    heads,
    patch = 16,
    stem = "frozen",
    position = "sin-cos",
    pool = "class",
    recompute = false,
  } = options;
  checkNumbers("make a ViT", {
    dimension: [dimension, wholeFromOne],
    depth: [depth, wholeFromOne],
    heads: [heads, wholeFromOne],
    patch: [patch, wholeFromOne],
  });
  if (stem === "conv" && depth < 2) {
    throw new RangeError(`Cannot make a ViT: expected at least one block beside the stem, found depth ${depth}`);
  }
  if (position === "sin-cos") checkPositionChannels(dimension);
  const block = (queries: "all" | "first") => {
    const layer = transformerBlock({ dimension, heads, queries });
    return recompute ? recomputed(layer) : layer;
  };
  const before = new Array<Layer>(stem === "conv" ? depth - 2 : depth - 1).fill(block("all"));
  const last = block(pool === "class" ? "first" : "all"); // the other tokens' outputs are not read
  const weights = sequential({ norm1: layerNorm(), attn: attentionWeights({ dimension, heads }) }); // in the last block
  const tokens = patchTokens({
    stem: stem === "conv"
      ? convStem(patch, dimension)
      : patchProjection({ patch, dimension, frozen: stem === "frozen" }),
    position,
    classToken: pool === "class",
  });
  return {
    ...sequential(tokens, {
      blocks: sequential(numbered([...before, last])),
      ...(pool === "class" ? { token: onlyToken(), norm: layerNorm() } : { mean: meanToken() }),
    }),
    focus: pool === "class"
      ? attentionFocus(patch, sequential(tokens, { blocks: sequential(numbered([...before, weights])) }))
      : meanFocus(patch, sequential(tokens, { blocks: sequential(numbered([...before, last])) })),
  };
}

/** What the class token of the last block attends to, given a network that ends with its weights [N, H, T]. */
function attentionFocus(patch: number, network: Layer): Focus {
  return {
    kind: "attention",
    maps: (values, images) => {
      const weights = network.apply(values, images, { training: false }).output;
      const [n, heads] = weights.shape;
      const ofPatches = tf.slice(weights, [0, 0, 1], [-1, -1, -1]); // without the class token itself
      return tf.reshape(ofPatches, [n, heads!, ...gridOf(images, patch)]); // [N, H, rows, columns]
    },
  };
}

/** The share of each patch in the mean of all patches, given a network that ends with their tokens [N, T, D]. */
function meanFocus(patch: number, network: Layer): Focus {
  return {
    kind: "share",
    maps: (values, images) => {
      const tokens = network.apply(values, images, { training: false }).output;
      const [n, , dimension] = tokens.shape;
      const map = tf.reshape(tokens, [n, ...gridOf(images, patch), dimension!]); // [N, rows, columns, D]
      return tf.expandDims(lengthShares(map, globalMean), 1);
    },
  };
}

/** Rows and columns of the patches of images. */
function gridOf({ shape: [, height, width] }: Tensor, patch: number): [rows: number, columns: number] {
  return [height! / patch, width! / patch];
}

/**
 * A small ViT for images of 28 to 64 pixels: 4 blocks of 96 channels, 3 heads, patches of 4 x 4 pixels.
 *
 * @param options Choices, and sizes other than these.
 * @throws {RangeError} as {@linkcode vit} does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, vitTiny } from "@momentum-contrast/moco";
 *
 * assertEquals(vitTiny().init(key(0), [28, 28, 1]).output, [96]);
 * ```
 */
export function vitTiny(options: Partial<VitSize> = {}): Backbone {
  return vit({ dimension: 96, depth: 4, heads: 3, patch: 4, ...options });
}

/**
 * ViT-S: 12 blocks of 384 channels, with 12 heads as in MoCo v3.
 *
 * Source: arXiv:2104.02057, section 6.
 *
 * @param options Choices.
 * @throws {RangeError} as {@linkcode vit} does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, vitSmall } from "@momentum-contrast/moco";
 *
 * assertEquals(vitSmall().init(key(0), [224, 224, 3]).output, [384]);
 * ```
 */
export function vitSmall(options: VitOptions = {}): Backbone {
  return vit({ dimension: 384, depth: 12, heads: 12, ...options });
}

/**
 * ViT-B: 12 blocks of 768 channels, 12 heads.
 *
 * Source: arXiv:2104.02057, section 6.
 *
 * @param options Choices.
 * @throws {RangeError} as {@linkcode vit} does.
 */
export function vitBase(options: VitOptions = {}): Backbone {
  return vit({ dimension: 768, depth: 12, heads: 12, ...options });
}

/**
 * ViT-L: 24 blocks of 1024 channels, 16 heads.
 *
 * Source: arXiv:2104.02057, section 6.
 *
 * @param options Choices.
 * @throws {RangeError} as {@linkcode vit} does.
 */
export function vitLarge(options: VitOptions = {}): Backbone {
  return vit({ dimension: 1024, depth: 24, heads: 16, ...options });
}

/**
 * 3x3 convolutions of stride 2 with batch norm and ReLU, one for each halving of a patch, then a 1x1 convolution. The
 * channels double up to D. All start by PyTorch's default, as in the authors' models.
 */
function convStem(patch: number, dimension: number): Layer {
  const halvings = Math.log2(patch);
  const first = dimension / 2 ** (halvings - 1);
  if (!Number.isInteger(halvings) || halvings < 1 || !Number.isInteger(first)) {
    throw new RangeError(
      "Cannot make a ViT's convolutional stem: expected a patch of 2^n pixels whose 2^(n-1) divides " +
        `${dimension} channels, found ${patch}`,
    );
  }
  const layers = Array.from({ length: halvings }, (_, index) => [
    conv({ channels: first * 2 ** index, size: 3, stride: 2, padding: 1, initialization: "uniform" }),
    batchNorm(),
    relu(),
  ]);
  const last = conv({ channels: dimension, size: 1, bias: true, initialization: "uniform" });
  return sequential(numbered([...layers.flat(), last]));
}

function onlyToken(): Layer {
  return activation((x) => tf.reshape(x, [x.shape[0], x.shape[2]!]), ([, dimension]) => [dimension]); // [N, D]
}

function meanToken(): Layer {
  return activation((x) => globalMean(tf.expandDims(x, 2)), ([, dimension]) => [dimension]); // [N, D]
}
