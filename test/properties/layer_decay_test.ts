import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { layerRates } from "../../reference/layer_decay.ts";
import { key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { entries, map } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import { linearClassifier } from "../../src/nn/heads.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { vit } from "../../src/nn/vit.ts";
import { adamW } from "../../src/optim/adamw.ts";
import { layerDecay } from "../../src/optim/layer_decay.ts";
import { sgd } from "../../src/optim/sgd.ts";
import type { Optimizer } from "../../src/optim/types.ts";
import { floats, sizes } from "../support/arbitraries.ts";
import { assertClose } from "../support/close.ts";

/** The layer of a parameter of a transformer, by its name: written out, as a reader of the paper would count. */
function layerOf(path: string, depth: number): number {
  if (path.startsWith("backbone.blocks.")) return Number(path.split(".")[2]) + 1;
  return path.startsWith("backbone.norm") || path.startsWith("classifier") ? depth + 1 : 0;
}

const transformer = (depth: number, stem: "learned" | "conv") =>
  sequential({
    backbone: vit({ dimension: 8, depth, heads: 2, patch: 4, stem, position: "learned" }),
    classifier: linearClassifier(3),
  });

Deno.test("each parameter of a ViT moves at the reference's rate for its layer, by SGD and by AdamW with its decay", () => {
  fc.assert(
    fc.property(sizes(2, 4), fc.constantFrom("learned" as const, "conv" as const), floats(0.25, 1), fc.boolean(), (
      depth,
      stem,
      decay,
      adaptive,
    ) =>
      scope(() => {
        const rate = 0.5;
        const make = (learningRate: number): Optimizer =>
          adaptive ? adamW({ learningRate, weightDecay: 0.1 }) : sgd({ learningRate, weightDecay: 0.1 });
        const { params } = transformer(depth, stem).init(key(1), [8, 8, 1]).network;
        const gradients = map((leaf) => tf.add(leaf, 1), params);
        const at = tf.scalar(0, "int32");
        const blocks = stem === "conv" ? depth - 1 : depth;
        const decayed = layerDecay(make(rate), decay);
        const found = new Map(entries(decayed.update(gradients, decayed.init(params), params, at).updates));
        const rates = layerRates(rate, decay, blocks);
        rates.forEach((learningRate, layer) => {
          const plain = make(learningRate);
          for (const [path, update] of entries(plain.update(gradients, plain.init(params), params, at).updates)) {
            if (layerOf(path, blocks) === layer) assertClose(found.get(path)!, update, "elementwise", path);
          }
        });
      })),
    { numRuns: 12 },
  );
});

Deno.test("a decay of 1 changes no update, and what is no ViT or no factor is refused", () => {
  scope(() => {
    const { params } = transformer(2, "learned").init(key(1), [8, 8, 1]).network;
    const plain: Optimizer = sgd({ learningRate: 0.1 });
    const decayed = layerDecay(plain, 1);
    const at = tf.scalar(0, "int32");
    const [one, other] = [plain, decayed].map((each) => each.update(params, each.init(params), params, at).updates);
    assertClose(other, one, "exact");
    const flat = { backbone: { conv1: tf.ones([1]) } };
    assertThrows(
      () => decayed.update(flat, decayed.init(flat), flat, at),
      TypeError,
      "expected a backbone with blocks",
    );
    assertThrows(
      () => layerDecay(plain, 0),
      RangeError,
      "expected decay to be a number greater than 0 and at most 1, found 0",
    );
    assertEquals(layerRates(1, 0.5, 2), [0.125, 0.25, 0.5, 1]);
  });
});
