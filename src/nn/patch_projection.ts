import { checkNumbers, wholeFromOne } from "../core/check_numbers.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { biasAdd, matrixProduct, patches } from "../engine/ops/mod.ts";
import { LayerError, shapeText } from "./layer_error.ts";
import type { Layer, Shape } from "./types.ts";
import { carried, valueOf } from "./values.ts";
import { xavierUniform } from "./xavier.ts";

/** The sizes of a patch projection, and whether it is trained. */
export type PatchProjectionOptions = {
  /** Height and width of a patch, pixels. */
  readonly patch: number;
  /** The channels of a token. */
  readonly dimension: number;
  /** Whether it keeps its initial values. Default false. */
  readonly frozen?: boolean;
};

/**
 * A linear map of each patch of an image to a token: a convolution whose stride is its size.
 *
 * Values: `weight` [patch, patch, in, D], uniform by Xavier's bound for a linear layer from patch^2 in to D, and `bias`
 * [D], zero. A frozen projection holds them among its buffers, which no gradient, update, weight decay or momentum
 * reaches. A checkpoint and the key encoder's copy contain them like any other buffer, so no code treats it specially.
 *
 * Source: arXiv:2010.11929, eq. 1; frozen: arXiv:2104.02057, section 4.2.
 *
 * @param options Patch, channels, and whether it is frozen.
 * @returns Images [N, height, width, in] to [N, height / patch, width / patch, D].
 * @throws {RangeError} if the patch or the channels are not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entries, key, patchProjection } from "@momentum-contrast/moco";
 *
 * const { network, output } = patchProjection({ patch: 4, dimension: 8, frozen: true }).init(key(0), [8, 8, 3]);
 * assertEquals(output, [2, 2, 8]);
 * assertEquals(entries(network.params), []); // nothing is trained
 * assertEquals(entries(network.buffers).map(([name]) => name), ["weight", "bias"]);
 * ```
 */
export function patchProjection({ patch, dimension, frozen = false }: PatchProjectionOptions): Layer {
  checkNumbers("make a patch projection", { patch: [patch, wholeFromOne], dimension: [dimension, wholeFromOne] });
  return {
    init: (key, input) => {
      const [rows, columns] = gridOf(input, patch, "initialize");
      const [pixels, shape] = [patch * patch * input[2], [patch, patch, input[2], dimension]];
      const values = { weight: xavierUniform(key, shape, pixels, dimension), bias: tf.zeros([dimension]) };
      return {
        network: frozen ? { params: {}, buffers: values } : { params: values, buffers: {} },
        output: [rows, columns, dimension],
      };
    },
    apply: ({ params, buffers }, x, mode) => {
      const [rows, columns] = gridOf(x.shape.slice(1), patch, "apply");
      const values = frozen ? buffers : params;
      const weight = valueOf(values, "weight", [patch, patch, x.shape[3]!, dimension], "patch projection");
      const bias = valueOf(values, "bias", [dimension], "patch projection");
      const pixels = tf.reshape(patches(x, patch), [-1, patch * patch * x.shape[3]!]); // [N T, patch^2 in]
      const tokens: Tensor = biasAdd(matrixProduct(pixels, tf.reshape(weight, [-1, dimension])), bias); // [N T, D]
      return {
        output: tf.reshape(tokens, [x.shape[0], rows, columns, dimension]),
        buffers: frozen ? carried({ weight, bias }, mode) : {},
      };
    },
  };
}

/** Rows and columns of patches. */
function gridOf(image: Shape, patch: number, verb: string): [number, number] {
  const [height, width] = image;
  if (image.length !== 3 || height % patch !== 0 || width % patch !== 0) {
    const expected = `images [height, width, channels] of whole ${patch} x ${patch} patches`;
    throw new LayerError(verb, "patch projection", expected, shapeText(image));
  }
  return [height / patch, width / patch];
}
