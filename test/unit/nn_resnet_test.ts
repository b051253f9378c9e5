import { assertEquals, assertThrows } from "@std/assert";
import { virtualDevices } from "../../src/core/devices.ts";
import { tf } from "../../src/engine/mod.ts";
import { key } from "../../src/core/random.ts";
import { liveTensors, scope } from "../../src/core/scope.ts";
import { entries, leaves } from "../../src/core/tree.ts";
import { resnet18, resnet34, resnet50 } from "../../src/nn/resnet.ts";
import type { Layer } from "../../src/nn/types.ts";
import { assertClose } from "../support/close.ts";
import { passes, scattered } from "../support/gradients.ts";

const count = (layer: Layer, input = [64, 64, 3]) =>
  scope(() => leaves(layer.init(key(0), input).network.params).reduce((sum, { size }) => sum + size, 0));

Deno.test("ResNets have torchvision's numbers of parameters, without the classifier", () => {
  assertEquals(count(resnet18()), 11_176_512);
  assertEquals(count(resnet34()), 21_284_672);
  assertEquals(count(resnet50()), 23_508_032);
});

Deno.test("ResNets' leaves have torchvision's names and TensorFlow's layouts", () => {
  scope(() => {
    const { network, output } = resnet18({ width: 1 / 16, stem: "small" }).init(key(0), [8, 8, 3]);
    assertEquals(output, [32]);
    const block = (name: string, inputs: number, outputs: number) => [
      [`${name}.conv1.weight`, [3, 3, inputs, outputs]],
      [`${name}.bn1.weight`, [outputs]],
      [`${name}.bn1.bias`, [outputs]],
      [`${name}.conv2.weight`, [3, 3, outputs, outputs]],
      [`${name}.bn2.weight`, [outputs]],
      [`${name}.bn2.bias`, [outputs]],
      ...(inputs === outputs ? [] : [
        [`${name}.downsample.0.weight`, [1, 1, inputs, outputs]],
        [`${name}.downsample.1.weight`, [outputs]],
        [`${name}.downsample.1.bias`, [outputs]],
      ]),
    ];
    assertEquals<unknown>(entries(network.params).map(([path, { shape }]) => [path, shape]), [
      ["conv1.weight", [3, 3, 3, 4]],
      ["bn1.weight", [4]],
      ["bn1.bias", [4]],
      ...block("layer1.0", 4, 4),
      ...block("layer1.1", 4, 4),
      ...block("layer2.0", 4, 8),
      ...block("layer2.1", 8, 8),
      ...block("layer3.0", 8, 16),
      ...block("layer3.1", 16, 16),
      ...block("layer4.0", 16, 32),
      ...block("layer4.1", 32, 32),
    ]);
    const buffers = entries(network.buffers).map(([path]) => path);
    assertEquals(buffers.slice(0, 4), [
      "bn1.running_mean",
      "bn1.running_var",
      "layer1.0.bn1.running_mean",
      "layer1.0.bn1.running_var",
    ]);
    assertEquals(buffers.length, 2 * 20);
  });
});

Deno.test("zeroInitResidual makes each block start as its rectified shortcut", () => {
  scope(() => {
    for (const [make, last] of [[resnet18, "bn2"], [resnet50, "bn3"]] as const) {
      const { network } = make({ width: 1 / 16, stem: "small", zeroInitResidual: true }).init(key(0), [8, 8, 3]);
      for (const [path, leaf] of entries(network.params)) {
        if (!path.includes("layer") || !path.endsWith("weight") || leaf.rank !== 1) continue;
        assertClose(leaf, new Array(leaf.size).fill(path.endsWith(`${last}.weight`) ? 0 : 1), "exact", path);
      }
    }
  });
});

Deno.test("the small stem reads every pixel at stride 1, and every other one at stride 2", () => {
  scope(() => {
    const even = tf.tensor4d([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0], [1, 4, 4, 1]);
    for (const stemStride of [1, 2] as const) {
      const layer = resnet18({ width: 1 / 16, stem: "small", stemStride });
      const { params, buffers } = layer.init(key(0), [4, 4, 1]).network;
      const centre = tf.pad(tf.ones([1, 1, 1, 4]), [[1, 1], [1, 1], [0, 0], [0, 0]]);
      const network = { params: { ...params, conv1: { weight: centre } }, buffers };
      const features = (x: tf.Tensor) => layer.apply(network, x, { training: false }).output;
      const change = tf.max(tf.abs(tf.sub(features(tf.ones([1, 4, 4, 1])), features(even)))).dataSync()[0];
      assertEquals(change === 0, stemStride === 2);
    }
  });
});

Deno.test("a pass forward and backward leaves nothing but its results", () => {
  const layer = resnet18({ width: 1 / 16, stem: "imagenet" });
  const { network } = layer.init(key(0), [16, 16, 3]);
  const x = scattered([4, 16, 16, 3]);
  const before = liveTensors();
  const results = scope(() =>
    passes(layer, network, x, tf.ones([4, 32]), { training: true, devices: virtualDevices(2) })
  );
  assertEquals(liveTensors() - before, leaves(results).length);
});

Deno.test("a width that leaves no channel is refused", () => {
  assertThrows(
    () => resnet18({ width: 0.001 }),
    RangeError,
    "expected a width that gives 1 channel or more, found 0.001",
  );
});
