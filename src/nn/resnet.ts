import { aboveZero, checkNumbers } from "../core/check_numbers.ts";
import { tf } from "../engine/mod.ts";
import { rectify } from "../engine/ops/mod.ts";
import { batchNorm } from "./batch_norm.ts";
import { conv } from "./conv.ts";
import { identity } from "./identity.ts";
import { lengthShares } from "./length_shares.ts";
import { averagePool, maxPool, pooledBy } from "./pool.ts";
import { relu } from "./relu.ts";
import { residual } from "./residual.ts";
import { sequential } from "./sequential.ts";
import type { Backbone, Layer } from "./types.ts";

/** How a ResNet differs from the published one. */
export type ResNetOptions = {
  /** Multiplier of every layer's channels: the first stage has 64 width. Default 1. */
  readonly width?: number;
  /** "imagenet": 7x7 at stride 2 and max-pooling; "small": 3x3, for images of about 32 pixels. Default "imagenet". */
  readonly stem?: "imagenet" | "small";
  /** The stride of the small stem. Default 1; 2 quarters the cost. */
  readonly stemStride?: 1 | 2;
  /** Whether each block starts as the identity: the scale of its last batch norm is 0. Default false. */
  readonly zeroInitResidual?: boolean;
  /** Cells along each side over which the last map is averaged. Default 1: global pooling, as published. */
  readonly poolGrid?: number;
};

/** The layers of a residual block whose narrow convolutions have `channels` channels. */
type Block = {
  /** The ratio of output channels to narrow ones. */
  readonly expansion: number;
  readonly branch: (channels: number, stride: number, lastScale: number) => { readonly [name: string]: Layer };
};

const basic: Block = {
  expansion: 1,
  branch: (channels, stride, lastScale) => ({
    conv1: conv({ channels, size: 3, stride, padding: 1 }),
    bn1: batchNorm(),
    relu: relu(),
    conv2: conv({ channels, size: 3, padding: 1 }),
    bn2: batchNorm({ scale: lastScale }),
  }),
};

const bottleneck: Block = {
  expansion: 4,
  branch: (channels, stride, lastScale) => ({
    conv1: conv({ channels, size: 1 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv({ channels, size: 3, stride, padding: 1 }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: conv({ channels: 4 * channels, size: 1 }),
    bn3: batchNorm({ scale: lastScale }),
  }),
};

/**
 * ResNet-18 without its classifier: images [N, height, width, C] to features [N, 8 round(64 width) poolGrid²]. Values
 * have torchvision's names.
 *
 * Source: arXiv:1512.03385, table 1.
 *
 * @param options How it differs from the published one.
 * @throws {RangeError} if the width leaves no channel.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, resnet18, tf } from "@momentum-contrast/moco";
 *
 * const encoder = resnet18({ width: 1 / 16, stem: "small" });
 * const { network, output } = encoder.init(key(0), [8, 8, 3]);
 * assertEquals(output, [32]);
 * assertEquals(encoder.apply(network, tf.ones([2, 8, 8, 3]), { training: false }).output.shape, [2, 32]);
 * ```
 */
export function resnet18(options: ResNetOptions = {}): Backbone {
  return resnet(basic, [2, 2, 2, 2], options);
}

/**
 * ResNet-34 without its classifier: images [N, height, width, C] to features [N, 8 round(64 width) poolGrid²].
 *
 * Source: arXiv:1512.03385, table 1.
 *
 * @param options How it differs from the published one.
 * @throws {RangeError} if the width leaves no channel.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, resnet34 } from "@momentum-contrast/moco";
 *
 * assertEquals(resnet34({ width: 1 / 16, stem: "small" }).init(key(0), [8, 8, 3]).output, [32]);
 * ```
 */
export function resnet34(options: ResNetOptions = {}): Backbone {
  return resnet(basic, [3, 4, 6, 3], options);
}

/**
 * ResNet-50 without its classifier: images [N, height, width, C] to features [N, 32 round(64 width) poolGrid²]. A
 * block's stride is in its 3x3 convolution, as in torchvision.
 *
 * Source: arXiv:1512.03385, table 1.
 *
 * @param options How it differs from the published one.
 * @throws {RangeError} if the width leaves no channel.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, resnet50 } from "@momentum-contrast/moco";
 *
 * assertEquals(resnet50({ width: 1 / 16, stem: "small" }).init(key(0), [8, 8, 3]).output, [128]);
 * ```
 */
export function resnet50(options: ResNetOptions = {}): Backbone {
  return resnet(bottleneck, [3, 4, 6, 3], options);
}

function resnet(block: Block, depths: readonly [number, number, number, number], options: ResNetOptions): Backbone {
  const { width = 1, zeroInitResidual = false } = options;
  checkNumbers("make a ResNet", { width: [width, aboveZero] });
  const channels = Math.round(64 * width);
  if (channels < 1) {
    throw new RangeError(`Cannot make a ResNet: expected a width that gives 1 channel or more, found ${width}`);
  }
  const stages = depths.map((depth, index) =>
    stage(block, depth, {
      inputs: index === 0 ? channels : channels * 2 ** (index - 1) * block.expansion,
      channels: channels * 2 ** index,
      stride: index === 0 ? 1 : 2,
      lastScale: zeroInitResidual ? 0 : 1,
    })
  );
  const [layer1, layer2, layer3, layer4] = stages;
  const lastMap = { ...stem(channels, options), layer1, layer2, layer3, layer4 };
  const avgpool = averagePool({ grid: options.poolGrid });
  return {
    ...sequential({ ...lastMap, avgpool }),
    focus: {
      kind: "share",
      maps: (network, images) => {
        const map = sequential(lastMap).apply(network, images, { training: false }).output; // [N, rows, columns, C]
        return tf.expandDims(lengthShares(map, pooledBy(avgpool)), 1);
      },
    },
  };
}

function stem(channels: number, { stem = "imagenet", stemStride = 1 }: ResNetOptions): { [name: string]: Layer } {
  if (stem === "small") {
    return { conv1: conv({ channels, size: 3, stride: stemStride, padding: 1 }), bn1: batchNorm(), relu: relu() };
  }
  return {
    conv1: conv({ channels, size: 7, stride: 2, padding: 3 }),
    bn1: batchNorm(),
    relu: relu(),
    maxpool: maxPool({ size: 3, stride: 2, padding: 1 }),
  };
}

type Stage = {
  /** The input channels. */
  readonly inputs: number;
  /** The channels of the narrow convolutions. */
  readonly channels: number;
  /** The stride of the first block. */
  readonly stride: number;
  /** What the scale of each block's last batch norm starts at. */
  readonly lastScale: number;
};

function stage(block: Block, depth: number, { inputs, channels, stride, lastScale }: Stage): Layer {
  const outputs = channels * block.expansion;
  const downsample = stride === 1 && inputs === outputs
    ? identity()
    : sequential({ 0: conv({ channels: outputs, size: 1, stride }), 1: batchNorm() });
  const blocks = Array.from({ length: depth }, (_, index): [string, Layer] => [
    `${index}`,
    residual(sequential(block.branch(channels, index === 0 ? stride : 1, lastScale)), {
      shortcut: index === 0 ? downsample : identity(),
      name: "downsample",
      activation: rectify,
    }),
  ]);
  return sequential(Object.fromEntries(blocks));
}
