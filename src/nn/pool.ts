import { globalMean, maxPool2d } from "../engine/ops/pool.ts";
import { padImages } from "../engine/ops/pad.ts";
import { activation } from "./activation.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer } from "./types.ts";
import { paddingAfter, type Windows, windowsOver } from "./windows.ts";

/**
 * The greatest value of each channel in each window. The border counts as minus infinity, as in PyTorch: it is never
 * the greatest.
 *
 * @param windows The window, pixels.
 * @returns Images [N, height, width, C] to [N, floor((height + 2 padding - size) / stride) + 1, ..., C].
 */
export function maxPool(windows: Windows): Layer {
  const { size, stride = 1, padding = 0 } = windows;
  return activation(
    (x) => {
      const image = x.shape.slice(1);
      const after = paddingAfter(image, windows, windowsOver(image, windows, "apply", "max pool"));
      return maxPool2d(padding === 0 ? x : padImages(x, padding, after, -Infinity), size, stride);
    },
    (input) => [...windowsOver(input, windows, "initialize", "max pool"), input[2]],
  );
}

/**
 * The mean of each channel over the whole image.
 *
 * @returns Images [N, height, width, C] to features [N, C].
 */
export function globalAveragePool(): Layer {
  return activation(
    (x) => {
      if (x.rank !== 4) throw notImages("apply", x.shape.slice(1));
      return globalMean(x);
    },
    (input) => {
      if (input.length !== 3) throw notImages("initialize", input);
      return [input[2]];
    },
  );
}

function notImages(verb: string, input: readonly number[]): LayerError {
  return new LayerError(verb, "average pool", "images [height, width, channels]", shapeText(input));
}
