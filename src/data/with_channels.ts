import { greyWeights } from "../augment/grey.ts";
import type { Dataset } from "./types.ts";

/**
 * The images with another number of channels: grey is repeated, and colours turn to their grey.
 *
 * @param dataset The images, of 1 channel or 3.
 * @param channels 1 or 3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withChannels } from "./with_channels.ts";
 *
 * const grey = { name: "one", images: Uint8Array.of(7, 9), count: 1, height: 1, width: 2, channels: 1 };
 * const colour = withChannels(grey, 3);
 * assertEquals([...colour.images], [7, 7, 7, 9, 9, 9]);
 * assertEquals([...withChannels(colour, 1).images], [7, 9]);
 * ```
 */
export function withChannels(dataset: Dataset, channels: number): Dataset {
  const { images } = dataset;
  if (dataset.channels === channels) return dataset;
  if (channels === 3) {
    return {
      ...dataset,
      channels,
      images: Uint8Array.from({ length: 3 * images.length }, (_, i) => images[Math.floor(i / 3)]),
    };
  }
  const [r, g, b] = greyWeights;
  const grey = (pixel: number) => Math.round(r * images[pixel] + g * images[pixel + 1] + b * images[pixel + 2]);
  return { ...dataset, channels, images: Uint8Array.from({ length: images.length / 3 }, (_, i) => grey(3 * i)) };
}
