/** ResNet-50 with the ImageNet stem against PyTorch: see resnet_layers.py. */
import { key } from "../../src/core/random.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { scope } from "../../src/core/scope.ts";
import { entries } from "../../src/core/tree.ts";
import { tf } from "../../src/engine/mod.ts";
import { resnet50 } from "../../src/nn/resnet.ts";
import { assertClose } from "../support/close.ts";
import { assertGolden, goldenTensor, goldenTree, ofTensor, readGolden } from "../support/golden.ts";

const golden = await readGolden("resnet_layers");
const encoder = resnet50({ width: 1 / 32, stem: "imagenet" });

Deno.test("ResNet-50 equals PyTorch's: features, running statistics and gradients in training, features after it", () => {
  scope(() => {
    const { network } = encoder.init(key(0), [33, 33, 3]);
    const params = goldenTree(golden, "params", network.params);
    const input = goldenTensor(golden, "input");
    const cotangent = goldenTensor(golden, "cotangent");
    const { aux, gradients } = valueAndGrad(({ x, params }) => {
      const { output, buffers } = encoder.apply({ params, buffers: network.buffers }, x, { training: true });
      return { loss: tf.sum(tf.mul(output, cotangent)), aux: { features: output, buffers } };
    }, { x: input, params });

    // Fifty layers of float32 stand between input and features: as in golden.ts, a share of the largest value.
    const close = (actual: tf.Tensor, name: string) => {
      const expected = goldenTensor(golden, name);
      assertClose(actual, expected, ofTensor(expected, 1e-4), name);
    };
    close(aux.features, "training.features");
    assertGolden(aux.buffers, golden, "training.buffers");
    close(gradients.x, "gradients.input");
    const byPath = new Map(entries(gradients.params));
    for (const name of golden.keys()) {
      const [kind, ...path] = name.split(".");
      if (kind === "gradients" && path[0] !== "input") close(byPath.get(path.join("."))!, name);
    }
    const after = encoder.apply({ params, buffers: aux.buffers }, input, { training: false });
    close(after.output, "evaluation.features");
  });
});
