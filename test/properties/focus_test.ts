/**
 * Where an encoder looks, against the reference.
 *
 * @module
 */
import fc from "fast-check";
import { lengthShares as reference } from "../../reference/length_shares.ts";
import { classAttention, tokensOf, type Vit } from "../../reference/vit.ts";
import { key, normal } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { isLeaf, type Tree } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import { lengthShares } from "../../src/nn/length_shares.ts";
import { averagePool, pooledBy } from "../../src/nn/pool.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import type { Network } from "../../src/nn/types.ts";
import { vit } from "../../src/nn/vit.ts";
import { blocks, seeds, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";
import { initial, unsettled } from "../support/gradients.ts";

const maps = fc.record({ rows: sizes(1, 5), columns: sizes(1, 5), channels: sizes(1, 4) }).chain((
  { rows, columns, channels },
) =>
  fc.record({
    grid: sizes(1, Math.min(rows, columns)),
    // No number is negative, as after a ReLU, so that nothing cancels.
    x: blocks([2, rows, columns, channels], 0.125, 2),
  })
);

Deno.test("the shares of a map equal the reference, and their sum is 1", () => {
  fc.assert(fc.property(maps, ({ grid, x }) =>
    scope(() => {
      const map = tf.tensor4d(x.values, x.shape as [number, number, number, number]);
      const shares = lengthShares(map, pooledBy(averagePool({ grid })));
      assertClose(shares, map.arraySync().map((one) => reference(one, grid)), "reduction");
      assertClose(tf.sum(shares, [1, 2]), [1, 1], "reduction");
    })));
});

Deno.test("a map of zeros has no shares", () => {
  scope(() => {
    const pool = pooledBy(averagePool());
    assertClose(lengthShares(tf.zeros([1, 2, 1, 3]), pool), [[[0], [0]]], "exact");
  });
});

const transformers = fc.record({
  rows: sizes(1, 3),
  columns: sizes(1, 3),
  heads: sizes(1, 3),
  depth: sizes(1, 3),
  seed: seeds.map((seed) => seed % 2 ** 30),
}).chain(({ rows, columns, ...others }) =>
  fc.record({ x: blocks([2, 2 * rows, 2 * columns, 3]) }).map((images) => ({ rows, columns, ...others, ...images }))
);

/** The pixels of each 2 x 2 patch of an image. */
function patchesOf(image: number[][][]): number[][] {
  return Array.from(
    { length: image.length / 2 },
    (_, row) =>
      Array.from(
        { length: image[0].length / 2 },
        (_, column) => [[0, 0], [0, 1], [1, 0], [1, 1]].flatMap(([y, x]) => image[2 * row + y][2 * column + x]),
      ),
  ).flat();
}

type Values = {
  readonly params: {
    readonly cls_token?: number[][][];
    readonly pos_embed: number[][][];
    readonly patch_embed: { readonly proj: { readonly weight: number[][][][]; readonly bias: number[] } };
    readonly blocks: Readonly<Record<string, Vit["blocks"][number]>>;
  };
};

/** A network's values as the reference takes them. */
function valuesOf(network: Network): Vit {
  const numbers = (tree: Tree): unknown =>
    isLeaf(tree)
      ? tree.arraySync()
      : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, numbers(child)]));
  const { cls_token, pos_embed, patch_embed, blocks } = (numbers(network) as Values).params;
  const { weight, bias } = patch_embed.proj; // [2, 2, 3, D]
  return {
    projection: { weight: weight.flat(2), bias },
    ...cls_token === undefined ? {} : { classToken: cls_token[0][0] },
    positions: pos_embed[0],
    blocks: Object.values(blocks),
  };
}

for (const pool of ["class", "mean"] as const) {
  const what = pool === "class" ? "what the class token attends to" : "the patches' shares of their mean";
  Deno.test(`${what} equals the reference`, () => {
    fc.assert(
      fc.property(transformers, ({ rows, columns, heads, depth, seed, x }) =>
        scope(() => {
          const encoder = vit({
            ...{ dimension: 4 * heads, depth, heads, patch: 2, stem: "learned", position: "learned", pool },
          });
          const network = unsettled(initial(encoder, x.shape.slice(1), seed), seed);
          const images = tf.tensor4d(x.values, x.shape as [number, number, number, number]);
          const actual = encoder.focus!.maps(network, images);
          const values = valuesOf(network);
          const inRows = (places: number[]) =>
            Array.from({ length: rows }, (_, row) => places.slice(row * columns, (row + 1) * columns));
          const expected = images.arraySync().map((image) => {
            const patches = patchesOf(image);
            if (pool === "class") return classAttention(patches, values, heads).map(inRows);
            const tokens = tokensOf(patches, values, heads);
            const map = Array.from({ length: rows }, (_, row) => tokens.slice(row * columns, (row + 1) * columns));
            return [reference(map, 1)];
          });
          // The blocks' rounding; shares divide by a length that may be small.
          assertClose(actual, expected, { relative: 1e-3, absolute: 1e-4 });
        })),
      { numRuns: 20 },
    );
  });
}

Deno.test("a ResNet's shares are those of its last map, over the grid that its features are means of", () => {
  scope(() => {
    const options = { width: 1 / 16, stem: "small" } as const;
    const images = normal(key(1), [2, 24, 24, 3]);
    const network = initial(resnet18(options), [24, 24, 3], 3);
    // Over a grid of as many cells as the map has places, the features are the map itself.
    const map = resnet18({ ...options, poolGrid: 3 }).apply(network, images, { training: false }).output;
    const places = tf.reshape(map, [2, 3, 3, 32]).arraySync() as number[][][][];
    for (const poolGrid of [1, 2]) {
      const { focus } = resnet18({ ...options, poolGrid });
      const expected = places.map((one) => [reference(one, poolGrid)]);
      assertClose(focus!.maps(network, images), expected, "reduction", `grid ${poolGrid}`);
    }
  });
});
