/** A vision transformer against PyTorch: see vit.py. */
import { assertEquals } from "@std/assert";
import { key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import type { Tensor } from "../../src/engine/mod.ts";
import { vit } from "../../src/nn/vit.ts";
import { assertClose } from "../support/close.ts";
import { passes } from "../support/gradients.ts";
import { assertGolden, type Golden, goldenTensor, goldenTree, ofTensor, readGolden } from "../support/golden.ts";

const size = { dimension: 24, depth: 2, heads: 3, patch: 4, stem: "learned" } as const;

for (
  const [name, layer] of [
    ["vit_class", vit(size)],
    ["vit_mean", vit({ ...size, position: "learned", pool: "mean" })],
  ] as const
) {
  Deno.test(`a ViT equals PyTorch's: features and every gradient (${name})`, async () => {
    const golden = await readGolden(name);
    scope(() => {
      const { network } = layer.init(key(0), [8, 12, 3]);
      const params = goldenTree(golden, "params", network.params);
      const [input, cotangent] = [goldenTensor(golden, "input"), goldenTensor(golden, "cotangent")];
      const actual = passes(layer, { params, buffers: network.buffers }, input, cotangent);
      near(golden, "features", actual.output);
      near(golden, "gradients.input", actual.dx);
      assertGolden({ input: actual.dx, ...actual.dParams }, golden, "gradients");
      assertEquals(entries(network.buffers).map(([path]) => path), name === "vit_class" ? ["pos_embed"] : []);
      if (name === "vit_class") {
        assertClose(network.buffers.pos_embed as Tensor, goldenTensor(golden, "positions"), "elementwise");
      }
    });
  });
}

function near(golden: Golden, name: string, actual: Tensor): void {
  const expected = goldenTensor(golden, name);
  assertClose(actual, expected, ofTensor(expected, 1e-5), name);
}
