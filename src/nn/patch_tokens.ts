import { type Tensor, tf } from "../engine/mod.ts";
import { normal, split } from "../core/random.ts";
import { sinCosPosition } from "./position_embedding.ts";
import { sequential } from "./sequential.ts";
import type { Layer, Params } from "./types.ts";
import { carried, valueOf } from "./values.ts";

/** How a vision transformer turns an image into tokens. */
export type PatchTokensOptions = {
  /** Images [height, width, C] to a grid of patches [rows, columns, D]. */
  readonly stem: Layer;
  /** How a token knows its place: by fixed sines and cosines, by learned vectors, or not at all. */
  readonly position: "sin-cos" | "learned" | "none";
  /** Whether a learned token that belongs to no patch comes before the others. */
  readonly classToken: boolean;
};

/**
 * Images to tokens: the class token, if there is one, then the patches row by row, plus their positions.
 *
 * Values: the stem's under `patch_embed.proj`; `cls_token` [1, 1, D], normal with standard deviation 1e-6; `pos_embed`
 * [1, T, D], a parameter if it is learned (normal, 0.02), otherwise a buffer, like everything that is frozen. The class
 * token's fixed position is zero.
 *
 * Source: arXiv:2010.11929, eq. 1; arXiv:2104.02057, section 5.
 *
 * @param options Stem, positions and class token.
 * @returns Images [N, height, width, C] to tokens [N, T, D].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, patchProjection, patchTokens } from "@momentum-contrast/moco";
 *
 * const stem = patchProjection({ patch: 4, dimension: 8 });
 * const { output } = patchTokens({ stem, position: "sin-cos", classToken: true }).init(key(0), [8, 8, 3]);
 * assertEquals(output, [5, 8]); // the class token and 2 x 2 patches
 * ```
 */
export function patchTokens({ stem, position, classToken }: PatchTokensOptions): Layer {
  const embed = sequential({ patch_embed: sequential({ proj: stem }) });
  return {
    init: (key, input) => {
      const [stemKey, classKey, positionKey] = split(key, 3);
      const { network, output: [rows, columns, dimension] } = embed.init(stemKey, input);
      const shape = [rows * columns + (classToken ? 1 : 0), dimension];
      const learned: Params = position === "learned" ? { pos_embed: normal(positionKey, [1, ...shape], 0, 0.02) } : {};
      const fixed: Params = position === "sin-cos" ? { pos_embed: sinCos([rows, columns], dimension, classToken) } : {};
      const first: Params = classToken ? { cls_token: normal(classKey, [1, 1, dimension], 0, 1e-6) } : {};
      return {
        network: { params: { ...first, ...learned, ...network.params }, buffers: { ...fixed, ...network.buffers } },
        output: shape,
      };
    },
    apply: (network, x, mode) => {
      const { output, buffers } = embed.apply(network, x, mode); // [N, rows, columns, D]
      const [n, rows, columns, dimension] = output.shape as [number, number, number, number];
      const patches = tf.reshape(output, [n, rows * columns, dimension]); // [N, rows columns, D]
      // [N, T, D], with T = 1 + rows columns if there is a class token
      const tokens = classToken ? tf.concat([classTokens(network.params, n, dimension), patches], 1) : patches;
      if (position === "none") return { output: tokens, buffers };
      const values = position === "learned" ? network.params : network.buffers;
      const positions = valueOf(values, "pos_embed", [1, ...tokens.shape.slice(1)], "tokens"); // [1, T, D]
      return {
        output: tf.add(tokens, positions),
        buffers: position === "learned" ? buffers : { ...carried({ pos_embed: positions }, mode), ...buffers },
      };
    },
  };
}

/** The class token for each sample. An addition repeats it: tfjs's gradient of a broadcast makes a slice of each. */
function classTokens(params: Params, n: number, dimension: number): Tensor {
  return tf.add(tf.zeros([n, 1, 1]), valueOf(params, "cls_token", [1, 1, dimension], "tokens")); // [N, 1, D]
}

function sinCos(grid: readonly [number, number], dimension: number, classToken: boolean): Tensor {
  const patches = sinCosPosition(grid, dimension); // [rows columns, D]
  return tf.expandDims(classToken ? tf.concat([tf.zeros([1, dimension]), patches as tf.Tensor2D], 0) : patches, 0);
}
