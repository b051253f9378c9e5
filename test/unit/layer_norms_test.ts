import { assertEquals } from "@std/assert";
import { scope } from "../../src/core/scope.ts";
import { tf } from "../../src/engine/mod.ts";
import { measureLayers } from "../../src/methods/metrics.ts";
import { layerNorms } from "../../src/optim/layer_norms.ts";
import { assertClose } from "../support/close.ts";

const tree = () => ({
  backbone: {
    cls_token: tf.tensor1d([2]),
    conv1: { weight: tf.tensor2d([[3, 0], [0, 0]]) },
    conv10: { weight: tf.tensor1d([7]) },
    block: { fc: { weight: tf.tensor1d([1, 2]), bias: tf.tensor1d([-2]) } },
  },
});

Deno.test("layer norms: the tensors of a record together, a tensor beside records by itself", () => {
  scope(() => {
    const norms = layerNorms(tree());
    assertEquals(Object.keys(norms), ["backbone.cls_token", "backbone.conv1", "backbone.conv10", "backbone.block.fc"]);
    assertClose(Object.values(norms), [2, 3, 7, 3], "elementwise");
  });
});

Deno.test("the monitored layers are chosen by path, with all below, and not by a part of a name", () => {
  scope(() => {
    assertEquals(Object.keys(measureLayers(tree(), ["backbone.conv1", "backbone.block"])), [
      "gradientNorm.backbone.conv1",
      "gradientNorm.backbone.block.fc",
    ]);
    assertEquals(Object.keys(measureLayers(tree(), [])), []);
    assertEquals(Object.keys(measureLayers(tree())).length, 4);
  });
});
